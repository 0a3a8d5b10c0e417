#include "processor/steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_step_is_whole_and_has_a_name_of_its_own(void **state) {
    (void)state;
    for (size_t i = 0; i < STEP_COUNT; i++) {
        assert_non_null(steps[i].run);
        assert_non_null(steps[i].needs);
        assert_non_null(steps[i].makes);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(steps[i].name, steps[k].name);
        }
    }
}

/* Nothing may be cached that was not verified, nor verified before it was read. */
static void the_order_is_fetch_verify_picture_cache(void **state) {
    (void)state;
    assert_ptr_equal(steps[0].run, step_claim);
    assert_ptr_equal(steps[1].run, step_fetch);
    assert_ptr_equal(steps[2].run, step_verify);
    assert_ptr_equal(steps[3].run, step_picture);
    assert_ptr_equal(steps[4].run, step_cache);
    assert_ptr_equal(steps[5].run, step_promote);
}

static void a_failure_is_final_when_its_code_is(void **state) {
    (void)state;
    struct error err = {.code = ERROR_EMPTY_OBJECT};
    assert_int_equal(step_failed(&err), STEP_REJECT);
    err.code = ERROR_STORE_ERROR;
    assert_int_equal(step_failed(&err), STEP_RETRY);
    err.code = ERROR_STORE_UNAVAILABLE;
    assert_int_equal(step_failed(&err), STEP_RETRY);
}

static void the_table_prints_itself(void **state) {
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    steps_dump(out);
    fclose(out);
    for (size_t i = 0; i < STEP_COUNT; i++) {
        assert_non_null(strstr(text, steps[i].name));
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_is_whole_and_has_a_name_of_its_own),
        cmocka_unit_test(the_order_is_fetch_verify_picture_cache),
        cmocka_unit_test(a_failure_is_final_when_its_code_is),
        cmocka_unit_test(the_table_prints_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
