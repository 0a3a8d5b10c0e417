#include "api/form_stream.h"
#include "tests/unit/api/exchange.h"

enum { BODY = 300000 };

static bool refuse(void *context, const struct form_part *part, struct error *err) {
    (void)context;
    (void)part;
    return error_set(err, ERROR_BATCH_RUNNING, "as told");
}

/* A long body whose first part is refused; how much of it was read. */
static size_t read_refused(struct api *api, int64_t discard_max, bool *ret_ended) {
    _cleanup_(buf_free) struct buf body = {0};
    _cleanup_(form_data_freep) struct form_data *form = NULL;
    const struct form_handler handler = {.begin = refuse};
    struct error err = {0};
    buf_append_text(&body, "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n");
    while (body.length < BODY) {
        buf_append_char(&body, 'x');
    }
    struct exchange exchange = {.method = "POST", .path = "/", .body = body.data};
    struct http_header headers[EXCHANGE_HEADERS_MAX + 1];
    char length[24];
    struct request request = exchange_request(&exchange, headers, length);
    request.framing.length = BODY;
    form = form_data_new("b", &handler);
    assert_false(form_stream_read(api, &request, form, discard_max, &err));
    assert_int_equal(err.code, ERROR_BATCH_RUNNING);
    *ret_ended = request.body_ended;
    request_free(&request);
    return exchange.taken;
}

static void the_rest_is_dropped_as_far_as_it_may(void **state) {
    bool is_ended = true;
    assert_true(read_refused(*state, 0, &is_ended) < BODY / 2);
    assert_false(is_ended);
    assert_true(read_refused(*state, 100000, &is_ended) < BODY);
    assert_false(is_ended);
    assert_int_equal(read_refused(*state, 10 * BODY, &is_ended), BODY);
    assert_true(is_ended);
}

static void only_forms_of_a_known_length_or_in_chunks(void **state) {
    (void)state;
    char boundary[FORM_BOUNDARY_MAX + 1];
    struct error err = {0};
    struct http_header header = {"Content-Type", "multipart/form-data; boundary=b"};
    struct request request = {.headers = &header, .header_count = 1, .framing = {.length = -1}};
    assert_false(form_stream_boundary(&request, boundary, &err));
    assert_int_equal(err.code, ERROR_LENGTH_REQUIRED);
    request.framing.chunked = true;
    assert_true(form_stream_boundary(&request, boundary, &err));
    assert_string_equal(boundary, "b");
    header.value = "text/plain";
    assert_false(form_stream_boundary(&request, boundary, &err));
    assert_int_equal(err.code, ERROR_UNSUPPORTED_MEDIA_TYPE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rest_is_dropped_as_far_as_it_may),
        cmocka_unit_test(only_forms_of_a_known_length_or_in_chunks),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
