#include "common/tag_store.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void without_due_jobs_none_is_found(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    _cleanup_(tag_job_free) struct tag_job job = {0};
    bool is_found = true;
    assert_true(tag_store_claim(db, 60, "model", &job, &is_found, &err));
    assert_false(is_found);
    free(fake_postgres_stop(&server, db));
}

static void a_lost_lease_writes_nothing(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    const struct tag_job job = {.attempts = 1};
    const struct tag tags[] = {{"cat", 0.5F}};
    bool is_held = true;
    assert_true(tag_store_finish(db, &job, "model", NULL, tags, 1, &is_held, &err));
    assert_false(is_held);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "prepare TAG_FINISH\nrun TAG_FINISH\n");
}

static void a_page_without_files_is_the_last(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    char last_id[ID_TEXT_SIZE] = "";
    size_t count = 1;
    assert_true(tag_store_rebuild(db, NULL, 10, last_id, &count, &err));
    assert_int_equal(count, 0);
    assert_string_equal(last_id, "");
    free(fake_postgres_stop(&server, db));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_due_jobs_none_is_found),
        cmocka_unit_test(a_lost_lease_writes_nothing),
        cmocka_unit_test(a_page_without_files_is_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
