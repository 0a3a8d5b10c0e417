#include "tests/unit/api/exchange.h"

static void wrong_settings_are_refused(void **state) {
    (void)state;
    metrics_start();
    static const char *const wrong[][2] = {{"SLUICE_REDIS_URL", "nonsense"},
                                           {"SLUICE_S3_ENDPOINT", "nonsense"},
                                           {"SLUICE_CORS_ORIGINS", "nonsense"},
                                           {"SLUICE_LISTEN", "0.0.0.0:8080"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        setenv(wrong[i][0], wrong[i][1], 1);
        _cleanup_(config_freep) struct config *config = exchange_config();
        struct api *api = NULL;
        struct error error = {0};
        assert_false(api_new(config, &api, &error));
        assert_int_equal(error.code, ERROR_CONFIG);
        unsetenv(wrong[i][0]);
    }
}

static void it_starts_while_nothing_works(void **state) {
    (void)state;
    struct exchange_api made = exchange_api_new();
    struct db *db = NULL;
    struct error error = {0};
    assert_true(api_take_database(made.api, &db, &error));
    assert_false(db_connect(db, &error));
    db_pool_give(made.api->database, db);
    api_wake_workers(made.api);
    exchange_api_free(&made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_settings_are_refused),
        cmocka_unit_test(it_starts_while_nothing_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
