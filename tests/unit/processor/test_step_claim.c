#include "processor/steps.h"

#include "../common/fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char kind[] = "asset";
static char owner[] = "dev";

static void an_asset_without_a_hash_can_never_pass(void **state) {
    (void)state;
    const struct file_job job = {.kind = kind};
    struct work work = {.job = &job};
    struct error err = {0};
    assert_true(step_is_asset(&work));
    assert_int_equal(step_claim(&work, &err), STEP_REJECT);
    assert_int_equal(err.code, ERROR_VALIDATION_FAILED);
}

static void one_that_another_is_at_waits(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct step_tools tools = {.db = fake_postgres_start(&server, answers, 1000)};
    const struct file_job job = {.kind = kind, .owner_id = owner, .has_expected_sha256 = true};
    char holder[ID_TEXT_SIZE] = "";
    struct work work = {.job = &job, .tools = &tools, .holder = holder};
    struct error err = {0};
    assert_int_equal(step_claim(&work, &err), STEP_WAIT);
    assert_string_equal(holder, "");
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, tools.db);
    assert_string_equal(requests, "prepare ASSET_CLAIM\nrun ASSET_CLAIM\n");
}

static void without_a_database_it_is_tried_again(void **state) {
    (void)state;
    _cleanup_(db_freep) struct db *db = db_new("postgresql://127.0.0.1:1/none", "test", 0);
    struct step_tools tools = {.db = db};
    const struct file_job job = {.kind = kind, .owner_id = owner, .has_expected_sha256 = true};
    char holder[ID_TEXT_SIZE] = "";
    struct work work = {.job = &job, .tools = &tools, .holder = holder};
    struct error err = {0};
    assert_int_equal(step_claim(&work, &err), STEP_RETRY);
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_asset_without_a_hash_can_never_pass),
        cmocka_unit_test(one_that_another_is_at_waits),
        cmocka_unit_test(without_a_database_it_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
