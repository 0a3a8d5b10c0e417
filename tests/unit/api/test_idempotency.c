#include "api/idempotency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void keys_are_visible_ascii(void **state) {
    (void)state;
    char text[IDEMPOTENCY_KEY_MAX + 2];
    memset(text, 'k', sizeof text);
    text[IDEMPOTENCY_KEY_MAX + 1] = '\0';
    assert_false(idempotency_key_valid(text));
    text[IDEMPOTENCY_KEY_MAX] = '\0';
    assert_true(idempotency_key_valid(text));
    assert_true(idempotency_key_valid("\"8e03978e-40d5-43dd-bc93-6894a57f9324\""));
    assert_false(idempotency_key_valid(""));
    assert_false(idempotency_key_valid("a b"));
    assert_false(idempotency_key_valid("ö"));
    assert_false(idempotency_key_valid("a\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_visible_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
