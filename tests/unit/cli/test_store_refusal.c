#include "cli/store_refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_stores_word_for_an_unknown_key_means_the_same(void **state) {
    (void)state;
    const struct store_refusal *aws = store_refusal_find("InvalidAccessKeyId");
    const struct store_refusal *versitygw = store_refusal_find("XAdminUserNotFound");
    assert_non_null(aws);
    assert_non_null(versitygw);
    assert_string_equal(aws->meaning, versitygw->meaning);
    assert_string_equal(aws->remedy, versitygw->remedy);
}

static void a_refusal_names_what_to_change(void **state) {
    (void)state;
    const struct store_refusal *secret = store_refusal_find("SignatureDoesNotMatch");
    assert_non_null(secret);
    assert_string_equal(secret->code, "SignatureDoesNotMatch");
    assert_non_null(strstr(secret->remedy, "SLUICE_S3_SECRET_KEY"));
}

static void what_is_no_refusal_is_not_found(void **state) {
    (void)state;
    assert_null(store_refusal_find(""));
    assert_null(store_refusal_find("NoSuchBucket"));
    assert_null(store_refusal_find("SignatureDoesNotMatchAtAll"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stores_word_for_an_unknown_key_means_the_same),
        cmocka_unit_test(a_refusal_names_what_to_change),
        cmocka_unit_test(what_is_no_refusal_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
