#include "api/batch_request.h"
#include "tests/unit/api/exchange.h"

#define ID "0190A000-0000-7000-8000-00000000000a"
#define LOWER "0190a000-0000-7000-8000-00000000000a"

/* The album that a form, or else JSON, names, or the error's name. */
static void expect(const char *form, const char *json, const char *expected) {
    struct request request = {.query = ""};
    struct error err = {0};
    char album_id[ID_TEXT_SIZE] = "";
    buf_append_text(&request.body, form == NULL ? "" : form);
    assert_true(json == NULL || json_parse(json, strlen(json), JSON_MAX_DEPTH, &request.json, &err));
    bool is_read = batch_request_album(&request, album_id, &err);
    assert_string_equal(is_read ? album_id : error_name(&err), expected);
    request_free(&request);
}

static void by_form_or_json(void **state) {
    (void)state;
    expect("csrf_token=x&album_id=" ID, NULL, LOWER);
    expect("album_id=%30190A000-0000-7000-8000-00000000000a", NULL, LOWER);
    expect(NULL, "{\"album_id\":\"" ID "\"}", LOWER);
    expect("", NULL, "ALBUM_NOT_FOUND");
    expect("album_id=x", NULL, "ALBUM_NOT_FOUND");
    expect("album_id=%f", NULL, "VALIDATION_FAILED");
    expect(NULL, "{\"album_id\":5}", "ALBUM_NOT_FOUND");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_form_or_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
