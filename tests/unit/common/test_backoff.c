#include "tests/unit/vectors.h"

#include "common/backoff.h"

static void test_limit_doubles_up_to_the_cap(void **state) {
    (void)state;
    static const int64_t limits[] = {100, 200, 400, 800, 1000, 1000};
    for (unsigned attempt = 0; attempt < 6; attempt++) {
        uint64_t limit = (uint64_t)limits[attempt];
        assert_int_equal(backoff_ms(attempt, 100, 1000, 0), 0);
        assert_int_equal(backoff_ms(attempt, 100, 1000, limit), limits[attempt]);
        assert_int_equal(backoff_ms(attempt, 100, 1000, limit + 1), 0);
    }
}

static void test_extremes(void **state) {
    (void)state;
    for (unsigned attempt = 0; attempt < 200; attempt++) {
        int64_t wait_ms = backoff_ms(attempt, 1000, 300000, UINT64_MAX - attempt);
        assert_in_range(wait_ms, 0, 300000);
    }
    assert_int_equal(backoff_ms(UINT32_MAX, 1, INT64_MAX / 4, 7), 7);
    assert_int_equal(backoff_ms(3, 0, 1000, 5), 0);
    assert_int_equal(backoff_ms(3, 100, 0, 5), 0);
    assert_int_equal(backoff_ms(0, 5000, 1000, 1000), 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit_doubles_up_to_the_cap),
        cmocka_unit_test(test_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
