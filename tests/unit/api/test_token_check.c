#include "api/token_check.h"
#include "tests/unit/api/exchange.h"

static const char good[] = "sct_ab01000000000000000000000000000000000000000000000000000000000000";

static void what_is_no_token_is_not_looked_up(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/c/x/s3/params"}, 404,
                    "\"error\":\"there is no such token\"");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/c/x/s3/params"}, 404,
                    "\"message\":\"there is no such token\"");
    _cleanup_(buf_free) struct buf path = {0};
    buf_printf(&path, "/c/%s/s3/params", good);
    exchange_expect(*state, (struct exchange){.method = "GET", .path = path.data}, 503, "DATABASE_UNAVAILABLE");
}

static void its_limits_are_checked(void **state) {
    (void)state;
    struct error error = {0};
    struct upload_request upload = {.content_type = "image/png", .size = 11};
    struct upload_token token = {.max_bytes = 10, .patterns = (char *)"image/*"};
    assert_true(token_allows(NULL, &upload, &error));
    assert_false(token_allows(&token, &upload, &error));
    assert_int_equal(error.code, ERROR_FILE_TOO_LARGE);
    upload.size = -1;
    assert_true(token_allows(&token, &upload, &error));
    upload.content_type[0] = '\0';
    assert_false(token_allows(&token, &upload, &error));
    assert_int_equal(error.code, ERROR_UNSUPPORTED_TYPE);
    token.max_bytes = -1;
    token.patterns = (char *)"";
    assert_true(token_allows(&token, &upload, &error));
}

static void the_smaller_limit_counts(void **state) {
    (void)state;
    struct upload_token token = {.max_bytes = 10};
    assert_int_equal(token_limit(NULL, 100), 100);
    assert_int_equal(token_limit(&token, 100), 10);
    assert_int_equal(token_limit(&token, 5), 5);
    token.max_bytes = -1;
    assert_int_equal(token_limit(&token, 100), 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_token_is_not_looked_up),
        cmocka_unit_test(its_limits_are_checked),
        cmocka_unit_test(the_smaller_limit_counts),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
