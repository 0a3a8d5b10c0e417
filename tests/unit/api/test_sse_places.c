#include "api/sse_places.h"

#include "common/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { ALL = 4, OF_ONE = 2 };

static enum error_code take(struct sse_places *places, const char *owner_id) {
    struct error err = {0};
    return sse_places_take(places, owner_id, ALL, OF_ONE, &err) ? ERROR_NONE : err.code;
}

static void one_owner_gets_so_many(void **state) {
    (void)state;
    struct sse_places places;
    sse_places_init(&places);
    assert_int_equal(take(&places, "ann"), ERROR_NONE);
    assert_int_equal(take(&places, "ann"), ERROR_NONE);
    assert_int_equal(take(&places, "ann"), ERROR_RATE_LIMITED);
    assert_int_equal(take(&places, "bob"), ERROR_NONE);
    sse_places_give(&places, "ann");
    assert_int_equal(take(&places, "ann"), ERROR_NONE);
    assert_int_equal(take(&places, "ann"), ERROR_RATE_LIMITED);
    sse_places_destroy(&places);
}

static void all_together_get_so_many(void **state) {
    (void)state;
    struct sse_places places;
    sse_places_init(&places);
    static const char *const owners[] = {"ann", "bob", "cid", "dan"};
    for (size_t i = 0; i < ALL; i++) {
        assert_int_equal(take(&places, owners[i]), ERROR_NONE);
    }
    assert_int_equal(take(&places, "eve"), ERROR_OVERLOADED);
    assert_int_equal(take(&places, "ann"), ERROR_OVERLOADED); /* it is not only his doing */
    sse_places_give(&places, "bob");
    assert_int_equal(take(&places, "eve"), ERROR_NONE);
    assert_int_equal(take(&places, "eve"), ERROR_OVERLOADED);
    sse_places_destroy(&places);
}

static void owners_who_left_are_forgotten(void **state) {
    (void)state;
    struct sse_places places;
    sse_places_init(&places);
    for (int i = 0; i < 1000; i++) {
        char owner_id[32];
        snprintf(owner_id, sizeof owner_id, "owner %d", i);
        assert_int_equal(take(&places, owner_id), ERROR_NONE);
        if (i >= 2) {
            snprintf(owner_id, sizeof owner_id, "owner %d", i - 2);
            sse_places_give(&places, owner_id);
        }
    }
    assert_int_equal(places.owner_count, 2);
    assert_int_equal(places.taken, 2);
    sse_places_destroy(&places);
}

static int start(void **state) {
    (void)state;
    metrics_start();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_owner_gets_so_many),
        cmocka_unit_test(all_together_get_so_many),
        cmocka_unit_test(owners_who_left_are_forgotten),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
