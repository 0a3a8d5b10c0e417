#include "common/upload_prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A store refuses subscriptions whose prefixes overlap. */
static void they_are_folders_and_none_lies_in_another(void **state) {
    (void)state;
    assert_non_null(upload_prefixes[0]);
    for (size_t i = 0; upload_prefixes[i] != NULL; i++) {
        assert_int_equal(upload_prefixes[i][strlen(upload_prefixes[i]) - 1], '/');
        for (size_t k = 0; upload_prefixes[k] != NULL; k++) {
            assert_true(i == k || strncmp(upload_prefixes[k], upload_prefixes[i], strlen(upload_prefixes[i])) != 0);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_folders_and_none_lies_in_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
