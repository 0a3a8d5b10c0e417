#include "api/file_wait.h"

#include "tests/unit/api/exchange.h"

static void failures_leave_no_place_taken(void **state) {
    struct api *api = *state;
    const struct request request = {.principal = {.owner_id = "ann"}};
    struct file_record *record = NULL;
    for (int i = 0; i < 3; i++) {
        struct error err = {0};
        assert_false(file_wait(api, &request, "01a1f94e-2f62-7be1-aa0a-b163f5cce02f", 5, &record, &err));
        assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
        assert_int_equal(atomic_load(&api->waiting), 0);
    }
    assert_null(record);
}

static int start(void **state) {
    static struct exchange_api made;
    setenv("SLUICE_WAIT_MAX", "1", 1);
    made = exchange_api_new();
    *state = made.api;
    return 0;
}

static int stop(void **state) {
    struct exchange_api made = {.api = *state};
    made.config = (struct config *)made.api->config;
    exchange_api_free(&made);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_leave_no_place_taken),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
