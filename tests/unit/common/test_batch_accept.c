#include "common/batch_accept.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ID "0190a000-0000-7000-8000-00000000000a"

static const struct batch_photo photo = {.file_id = ID,
                                         .filename = "a.jpg",
                                         .content_type = "image/jpeg",
                                         .staged_key = "staging/a",
                                         .object_key = "albums/a"};
static const struct batch_acceptance acceptance = {.batch_id = ID,
                                                   .owner_id = "dev",
                                                   .album_id = ID,
                                                   .bucket = "uploads",
                                                   .album_limit = 4,
                                                   .photos = &photo,
                                                   .count = 1};

static enum error_code accept_with(const char *const *answers, bool *ret_kept, char **ret_requests) {
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    *ret_kept = true;
    bool is_accepted = batch_accept(db, &acceptance, ret_kept, &err);
    *ret_requests = fake_postgres_stop(&server, db);
    return is_accepted ? ERROR_NONE : err.code;
}

static void an_album_that_is_gone_takes_nothing(void **state) {
    (void)state;
    _cleanup_(freep) char *requests = NULL;
    bool is_kept = true;
    assert_int_equal(accept_with((const char *const[]){FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, NULL}, &is_kept, &requests),
                     ERROR_ALBUM_NOT_FOUND);
    assert_false(is_kept);
    assert_string_equal(requests, "BEGIN\nprepare ALBUM_HOLD\nrun ALBUM_HOLD\nROLLBACK\n");
}

static void a_lease_that_was_lost_takes_nothing(void **state) {
    (void)state;
    _cleanup_(freep) char *requests = NULL;
    bool is_kept = true;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_OK, FAKE_OK, NULL};
    assert_int_equal(accept_with(answers, &is_kept, &requests), ERROR_CONFLICT);
    assert_false(is_kept);
    assert_string_equal(requests,
                        "BEGIN\nprepare ALBUM_HOLD\nrun ALBUM_HOLD\nprepare BATCH_LOCK\nrun BATCH_LOCK\nROLLBACK\n");
}

/* The row's state is not "receiving": an earlier try of this had been committed. */
static void what_was_accepted_is_not_written_again(void **state) {
    (void)state;
    _cleanup_(freep) char *requests = NULL;
    bool is_kept = false;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_ROW, FAKE_OK, NULL};
    assert_int_equal(accept_with(answers, &is_kept, &requests), ERROR_NONE);
    assert_true(is_kept);
    assert_null(strstr(requests, "BATCH_INSERT"));
    assert_null(strstr(requests, "COMMIT"));
}

static void without_a_database_nothing_is_kept(void **state) {
    (void)state;
    struct error err = {0};
    bool is_kept = true;
    _cleanup_(db_freep) struct db *db = db_new("postgresql://127.0.0.1:1/none", "test", 0);
    assert_false(batch_accept(db, &acceptance, &is_kept, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_false(is_kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_album_that_is_gone_takes_nothing),
        cmocka_unit_test(a_lease_that_was_lost_takes_nothing),
        cmocka_unit_test(what_was_accepted_is_not_written_again),
        cmocka_unit_test(without_a_database_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
