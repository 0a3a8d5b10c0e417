#include "common/upload_token_store.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void an_unknown_token_is_not_found(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    const unsigned char hash[SHA256_SIZE] = {0};
    _cleanup_(upload_token_freep) struct upload_token *token = NULL;
    assert_false(upload_token_find(db, hash, &token, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    assert_null(token);
    free(fake_postgres_stop(&server, db));
}

static void without_a_row_nothing_is_left(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_OK, FAKE_ROW, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    const char *id = "0190a000-0000-7000-8000-000000000001";
    assert_false(upload_token_use(db, id, id, &err));
    assert_int_equal(err.code, ERROR_TOKEN_USED_UP);
    free(fake_postgres_stop(&server, db));
}

static void revoking_says_whether_there_was_one(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_ROW, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    const char *id = "0190a000-0000-7000-8000-000000000001";
    assert_true(upload_token_revoke(db, id, NULL, &err));
    assert_false(upload_token_revoke(db, id, "owner", &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    free(fake_postgres_stop(&server, db));
}

static void a_draft_has_an_id_and_the_hash_of_its_token(void **state) {
    (void)state;
    struct upload_token_draft draft = {0};
    char token[UPLOAD_TOKEN_TEXT_SIZE];
    unsigned char hash[SHA256_SIZE];
    upload_token_draft_start(&draft, token);
    assert_true(id_valid(draft.token_id));
    assert_true(upload_token_valid(token));
    upload_token_hash(token, hash);
    assert_memory_equal(draft.hash, hash, sizeof hash);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_token_is_not_found),
        cmocka_unit_test(without_a_row_nothing_is_left),
        cmocka_unit_test(revoking_says_whether_there_was_one),
        cmocka_unit_test(a_draft_has_an_id_and_the_hash_of_its_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
