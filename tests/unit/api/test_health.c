#include "api/health.h"
#include "tests/unit/api/exchange.h"

static void what_does_not_work_is_named(void **state) {
    (void)state;
    _cleanup_(config_freep) struct config *config = exchange_config();
    const struct s3_config store = {.endpoint = config->s3_endpoint,
                                    .region = "us-east-1",
                                    .bucket = config->s3_bucket,
                                    .access_key = "a",
                                    .secret_key = "s",
                                    .path_style = true};
    struct error error = {0};
    _cleanup_(health_freep) struct health *health = NULL;
    assert_true(health_new(config, &store, &health, &error));
    struct health_check checks[HEALTH_CHECKS];
    assert_false(health_look(health, checks));
    for (size_t i = 0; i < HEALTH_CHECKS; i++) {
        assert_false(checks[i].ok);
        assert_int_not_equal(checks[i].code, ERROR_NONE);
    }
    assert_string_equal(checks[0].name, "postgres");
    assert_int_equal(checks[0].code, ERROR_DATABASE_UNAVAILABLE);
    assert_int_equal(checks[2].code, ERROR_REDIS_UNAVAILABLE);
    assert_int_equal(checks[4].code, ERROR_STORE_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_work_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
