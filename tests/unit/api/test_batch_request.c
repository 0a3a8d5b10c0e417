#include "api/batch_request.h"
#include "tests/unit/api/exchange.h"

#define ID "0190A000-0000-7000-8000-00000000000a"
#define LOWER "0190a000-0000-7000-8000-00000000000a"

/* The album that a body of this type names, or the error's name. */
static void expect(const char *type, const char *body, const char *expected) {
    static const struct route route = {.body_limit = 1000};
    struct exchange exchange = {.method = "POST", .path = "/", .body = body, .headers = {{"Content-Type", type}}};
    struct http_header headers[EXCHANGE_HEADERS_MAX + 1];
    char length[24];
    char album_id[ID_TEXT_SIZE] = "";
    struct error err = {0};
    struct request request = exchange_request(&exchange, headers, length);
    request.match.route = &route;
    request.framing.length = (int64_t)strlen(body);
    bool is_read = batch_request_album(&request, album_id, &err);
    assert_string_equal(is_read ? album_id : error_name(&err), expected);
    request_free(&request);
}

static void by_form_or_json(void **state) {
    (void)state;
    static const char form[] = "application/x-www-form-urlencoded";
    expect(form, "csrf_token=x&album_id=" ID, LOWER);
    expect(form, "album_id=%30190A000-0000-7000-8000-00000000000a", LOWER);
    expect("application/json; charset=utf-8", "{\"album_id\":\"" ID "\"}", LOWER);
    expect(form, "", "ALBUM_NOT_FOUND");
    expect(form, "album_id=x", "ALBUM_NOT_FOUND");
    expect(form, "album_id=%f", "VALIDATION_FAILED");
    expect("application/json", "{\"album_id\":5}", "ALBUM_NOT_FOUND");
    expect("application/json", "[]", "VALIDATION_FAILED");
    expect("application/json", "album_id=" ID, "MALFORMED_JSON");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_form_or_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
