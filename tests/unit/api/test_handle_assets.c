#include "tests/unit/api/exchange.h"

#define A_FILE "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\ncontent\r\n"
#define FIELD(name, value) "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct exchange of_type(const char *content_type, const char *body) {
    return (struct exchange){
        .method = "POST", .path = "/api/v1/assets", .body = body, .headers = {{"Content-Type", content_type}}};
}

static struct exchange with_form(const char *body) {
    return of_type("multipart/form-data; boundary=b", body);
}

static void only_forms_are_read(void **state) {
    exchange_expect(*state, of_type("application/json", "{}"), 415, "multipart/form-data");
    exchange_expect(*state, of_type("multipart/form-data", A_FILE "--b--"), 400, "names no boundary");
    exchange_expect(*state, of_type("multipart/form-data; boundary=c", A_FILE "--b--"), 400, "closing boundary");
    struct exchange no_length = {
        .method = "POST", .path = "/api/v1/assets", .headers = {{"Content-Type", "multipart/form-data; boundary=b"}}};
    exchange_expect(*state, no_length, 411, "LENGTH_REQUIRED");
}

static void what_is_wrong_with_the_form_is_said(void **state) {
    exchange_expect(*state, with_form("--b--"), 422, "\"field\":\"file\",\"message\":\"is required\"");
    exchange_expect(*state, with_form(A_FILE A_FILE "--b--"), 422, "is there twice");
    exchange_expect(*state, with_form(FIELD("sha256", "x") A_FILE "--b--"), 422, "64 hexadecimal digits");
    exchange_expect(*state, with_form(A_FILE FIELD("sha256", HASH) "--b--"), 422, "HASH_MISMATCH");
    exchange_expect(*state, with_form(A_FILE), 400, "closing boundary");
    exchange_expect(*state, with_form("--b\r\nX: y\r\n\r\n--b--"), 400, "Content-Disposition");
}

static void a_store_that_is_down_is_said(void **state) {
    exchange_expect(*state, with_form(A_FILE "--b--"), 503, "STORE_UNAVAILABLE");
    exchange_expect(*state, with_form(A_FILE "--b--"), 503, "Retry-After");
}

static void what_is_refused_early_ends_the_connection(void **state) {
    struct exchange exchange = with_form("--b\r\nX: y\r\n\r\n");
    struct exchange long_one = exchange;
    _cleanup_(buf_free) struct buf body = {0};
    buf_append_text(&body, "--b\r\nX: y\r\n\r\n");
    for (int i = 0; i < 100000; i++) {
        buf_append_char(&body, 'x');
    }
    long_one.body = body.data;
    exchange_run(*state, &long_one);
    assert_int_equal(long_one.status, 400);
    assert_true(long_one.closed);
    assert_true(long_one.taken < body.length);
    exchange_free(&long_one);
}

static void without_memory_there_is_a_503(void **state) {
    struct api *api = *state;
    struct error error = {0};
    assert_true(memory_budget_take(api->asset_memory, api->config->asset_memory_bytes, &error));
    exchange_expect(api, with_form(A_FILE "--b--"), 503, "OVERLOADED");
    exchange_expect(api, with_form(A_FILE "--b--"), 503, "Retry-After");
    memory_budget_give(api->asset_memory, api->config->asset_memory_bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_forms_are_read),           cmocka_unit_test(what_is_wrong_with_the_form_is_said),
        cmocka_unit_test(a_store_that_is_down_is_said),  cmocka_unit_test(what_is_refused_early_ends_the_connection),
        cmocka_unit_test(without_memory_there_is_a_503),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
