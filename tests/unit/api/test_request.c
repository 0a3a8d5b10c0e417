#include "tests/unit/api/exchange.h"

static void a_sane_id_is_kept_and_another_one_replaced(void **state) {
    (void)state;
    struct http_header header = {"X-REQUEST-ID", "abc-1"};
    struct request request = {.headers = &header, .header_count = 1};
    request_take_id(&request);
    assert_string_equal(request.id, "abc-1");
    static const char *const wrong[] = {"", "a b", "a\r\nb", "ö", "a;b"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        header.value = wrong[i];
        request_take_id(&request);
        assert_true(id_valid(request.id));
    }
    char text[REQUEST_ID_SIZE + 1];
    memset(text, 'a', sizeof text);
    text[REQUEST_ID_SIZE] = '\0';
    header.value = text;
    request_take_id(&request);
    assert_true(id_valid(request.id));
}

static void expect_query(const char *query, const char *name, const char *expected) {
    struct request request = {.query = query};
    struct error error = {0};
    _cleanup_(freep) char *value = NULL;
    assert_true(request_query(&request, name, &value, &error));
    if (expected == NULL) {
        assert_null(value);
    } else {
        assert_string_equal(value, expected);
    }
}

static void query_parameters_are_decoded(void **state) {
    (void)state;
    expect_query("a=1&b=2", "b", "2");
    expect_query("a=1&b=2", "c", NULL);
    expect_query("ab=1&b=2", "b", "2");
    expect_query("b=%C3%B6+x%2B", "b", "ö x+");
    expect_query("b=1&b=2", "b", "1");
    expect_query("b", "b", "");
    expect_query("b=", "b", "");
    expect_query("", "b", NULL);
    expect_query("&&b=1&", "b", "1");
}

static void expect_field(struct request *request, const char *name, const char *expected) {
    struct error error = {0};
    _cleanup_(freep) char *value = NULL;
    assert_true(request_field(request, name, &value, &error));
    if (expected == NULL) {
        assert_null(value);
    } else {
        assert_string_equal(value, expected);
    }
}

static void fields_come_from_a_form_or_from_json(void **state) {
    (void)state;
    struct request form = {.query = "b=other"};
    buf_append_text(&form.body, "a=1&b=%C3%B6+x");
    expect_field(&form, "b", "ö x");
    expect_field(&form, "c", NULL);
    request_free(&form);
    struct request json = {.query = ""};
    struct error error = {0};
    assert_true(json_parse("{\"b\":\"x\",\"n\":1}", 15, JSON_MAX_DEPTH, &json.json, &error));
    expect_field(&json, "b", "x");
    expect_field(&json, "n", NULL);
    request_free(&json);
}

static void broken_parameters_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"b=%", "b=%zz", "b=%00", "b=%ff"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct request request = {.query = wrong[i]};
        struct error error = {0};
        char *value = NULL;
        assert_false(request_query(&request, "b", &value, &error));
        assert_int_equal(error.code, ERROR_VALIDATION_FAILED);
        assert_string_equal(error.message, "b is not well-formed");
        const json_t *complaint = json_array_get(request.reader.complaints, 0);
        assert_string_equal(json_text(complaint, "field"), "b");
        assert_string_equal(json_text(complaint, "message"), "is not well-formed");
        request_free(&request);
    }
}

static void integers_are_bounded(void **state) {
    (void)state;
    struct request request = {.query = "n=5&m=-1"};
    struct error error = {0};
    int64_t value = 0;
    assert_true(request_query_int(&request, "n", 0, 5, 1, &value, &error));
    assert_int_equal(value, 5);
    assert_true(request_query_int(&request, "x", 0, 5, 1, &value, &error));
    assert_int_equal(value, 1);
    assert_false(request_query_int(&request, "n", 0, 4, 1, &value, &error));
    assert_string_equal(error.message, "n must be an integer between 0 and 4");
    assert_false(request_query_int(&request, "m", 0, 4, 1, &value, &error));
    request_free(&request);
}

static bool read_body(const char *body, bool chunked, int64_t length, int64_t limit, struct error *err) {
    struct exchange exchange = {.body = body};
    struct http_header headers[EXCHANGE_HEADERS_MAX + 1];
    char text[24];
    struct request request = exchange_request(&exchange, headers, text);
    request.header_count = 0;
    request.framing = (struct http_framing){.chunked = chunked, .length = length};
    bool done = request_read_body(&request, limit, err);
    assert_int_equal(request.response.close, !done);
    if (done && length > 0) {
        assert_memory_equal(request.body.data, body, (size_t)length);
    }
    request_free(&request);
    return done;
}

static void bodies_are_read_to_their_end_or_not_at_all(void **state) {
    (void)state;
    struct error error = {0};
    assert_true(read_body("hello", false, 5, 5, &error));
    assert_true(read_body("hello, world", false, 5, 5, &error));
    assert_true(read_body(NULL, false, -1, 5, &error));
    assert_false(read_body("hello", false, 6, 5, &error));
    assert_int_equal(error.code, ERROR_BODY_TOO_LARGE);
    assert_false(read_body("hello", false, 6, 10, &error));
    assert_int_equal(error.code, ERROR_BAD_REQUEST);
    assert_false(read_body("hello", true, -1, 4, &error));
    assert_int_equal(error.code, ERROR_BODY_TOO_LARGE);
    assert_false(read_body("hello", true, -1, 10, &error));
    assert_int_equal(error.code, ERROR_BAD_REQUEST);
}

static void an_id_in_the_path_becomes_lower_case(void **state) {
    (void)state;
    struct request request = {.match.parameters = {"01A1F94E-2F62-7BE1-AA0A-B163F5CCE02F"}};
    struct error error = {0};
    char id[ID_TEXT_SIZE];
    assert_true(request_file_id(&request, id, &error));
    assert_string_equal(id, "01a1f94e-2f62-7be1-aa0a-b163f5cce02f");
    assert_string_equal(request.file_id, id);
    request.match.parameters[0] = "x";
    assert_false(request_file_id(&request, id, &error));
    assert_int_equal(error.code, ERROR_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sane_id_is_kept_and_another_one_replaced),
        cmocka_unit_test(query_parameters_are_decoded),
        cmocka_unit_test(fields_come_from_a_form_or_from_json),
        cmocka_unit_test(broken_parameters_are_refused),
        cmocka_unit_test(integers_are_bounded),
        cmocka_unit_test(bodies_are_read_to_their_end_or_not_at_all),
        cmocka_unit_test(an_id_in_the_path_becomes_lower_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
