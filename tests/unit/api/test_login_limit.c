#include "api/login_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void so_many_failures_and_then_a_pause(void **state) {
    (void)state;
    _cleanup_(login_limit_freep) struct login_limit *limit = login_limit_new(3);
    for (int i = 0; i < 3; i++) {
        assert_true(login_limit_allows(limit, "192.0.2.1", 1000 + i));
        login_limit_failed(limit, "192.0.2.1", 1000 + i);
    }
    assert_false(login_limit_allows(limit, "192.0.2.1", 1003));
    assert_false(login_limit_allows(limit, "192.0.2.1", 999 + LOGIN_LIMIT_WINDOW_MS));
    assert_true(login_limit_allows(limit, "192.0.2.1", 1000 + LOGIN_LIMIT_WINDOW_MS));
    login_limit_failed(limit, "192.0.2.1", 1000 + LOGIN_LIMIT_WINDOW_MS);
    assert_true(login_limit_allows(limit, "192.0.2.1", 1000 + LOGIN_LIMIT_WINDOW_MS));
}

static void one_address_does_not_lock_out_another(void **state) {
    (void)state;
    _cleanup_(login_limit_freep) struct login_limit *limit = login_limit_new(1);
    for (int i = 0; i < 3000; i++) {
        char address[32];
        snprintf(address, sizeof address, "198.51.%d.%d", i / 250, i % 250);
        assert_true(login_limit_allows(limit, address, 5));
        login_limit_failed(limit, address, 5);
        assert_false(login_limit_allows(limit, address, 5));
    }
    assert_true(login_limit_allows(limit, "192.0.2.1", 5));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_failures_and_then_a_pause),
        cmocka_unit_test(one_address_does_not_lock_out_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
