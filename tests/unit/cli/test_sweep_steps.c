#include "cli/sweep.h"
#include "tests/unit/cli/nothing_there.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct steps {
    int taken, last, failing;
};

static bool take_step(void *state, bool *ret_more, struct error *err) {
    struct steps *steps = state;
    steps->taken++;
    *ret_more = steps->taken < steps->last;
    return steps->taken != steps->failing || error_set(err, ERROR_STORE_ERROR, "step %d", steps->taken);
}

static void steps_are_taken_to_the_last(void **state) {
    (void)state;
    struct sweep sweep = {.dry_run = true};
    struct steps steps = {.last = 3};
    struct error err = {0};
    assert_true(sweep_in_steps(&sweep, take_step, &steps, &err));
    assert_int_equal(steps.taken, 3);
}

static void a_failure_ends_them(void **state) {
    (void)state;
    struct sweep sweep = {.dry_run = true};
    struct steps steps = {.last = 3, .failing = 2};
    struct error err = {0};
    assert_false(sweep_in_steps(&sweep, take_step, &steps, &err));
    assert_int_equal(steps.taken, 2);
    assert_string_equal(err.message, "step 2");
}

static void without_the_lock_none_is_taken(void **state) {
    (void)state;
    struct config config = nothing_there();
    _cleanup_(db_freep) struct db *db = db_new(config.database_url, "test", 0);
    struct sweep sweep = {.config = &config, .db = db};
    struct steps steps = {.last = 3};
    struct error err = {0};
    assert_false(sweep_in_steps(&sweep, take_step, &steps, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_int_equal(steps.taken, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_taken_to_the_last),
        cmocka_unit_test(a_failure_ends_them),
        cmocka_unit_test(without_the_lock_none_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
