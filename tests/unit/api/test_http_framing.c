#include "api/http_framing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define FRAMING(...)                                                                                                   \
    (const struct http_header[]){__VA_ARGS__}, sizeof((struct http_header[]){__VA_ARGS__}) / sizeof(struct http_header)

static void expect_error(const struct http_header *headers, size_t count, enum error_code code) {
    struct http_framing framing;
    struct error error = {0};
    assert_false(http_framing_of(headers, count, &framing, &error));
    assert_int_equal(error.code, code);
}

static void expect_framing(const struct http_header *headers, size_t count, bool chunked, int64_t length) {
    struct http_framing framing;
    struct error error = {0};
    assert_true(http_framing_of(headers, count, &framing, &error));
    assert_int_equal(framing.chunked, chunked);
    assert_int_equal(framing.length, length);
}

static void a_body_is_announced_in_one_way(void **state) {
    (void)state;
    expect_framing(FRAMING({"Host", "x"}), false, -1);
    expect_framing(FRAMING({"content-length", "0"}), false, 0);
    expect_framing(FRAMING({"Content-Length", "9223372036854775807"}), false, INT64_MAX);
    expect_framing(FRAMING({"Content-Length", "5"}, {"content-length", "5"}), false, 5);
    expect_framing(FRAMING({"Transfer-Encoding", "Chunked"}), true, -1);
}

static void what_is_ambiguous_is_refused(void **state) {
    (void)state;
    expect_error(FRAMING({"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}), ERROR_BAD_REQUEST);
    expect_error(FRAMING({"Content-Length", "5"}, {"Content-Length", "6"}), ERROR_BAD_REQUEST);
    expect_error(FRAMING({"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "identity"}), ERROR_BAD_REQUEST);
    static const char *const lengths[] = {"", "-1", "+5", "0x5", "5a", "5, 5", " 5", "99999999999999999999"};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        expect_error(FRAMING({"Content-Length", lengths[i]}), ERROR_BAD_REQUEST);
    }
}

static void other_encodings_are_not_implemented(void **state) {
    (void)state;
    expect_error(FRAMING({"Transfer-Encoding", "gzip, chunked"}), ERROR_NOT_IMPLEMENTED);
    expect_error(FRAMING({"Transfer-Encoding", "identity"}), ERROR_NOT_IMPLEMENTED);
}

static void one_host_is_named(void **state) {
    (void)state;
    struct error error = {0};
    assert_true(http_framing_check_host(FRAMING({"Accept", "x"}, {"host", "a"}), false, &error));
    assert_true(http_framing_check_host(FRAMING({"Accept", "x"}), true, &error));
    assert_false(http_framing_check_host(FRAMING({"Accept", "x"}), false, &error));
    assert_int_equal(error.code, ERROR_BAD_REQUEST);
    assert_false(http_framing_check_host(FRAMING({"Host", "a"}, {"host", "a"}), false, &error));
    assert_false(http_framing_check_host(FRAMING({"Host", "a"}, {"Host", "b"}), true, &error));
}

static void the_connection_stays_as_agreed(void **state) {
    (void)state;
    assert_true(http_framing_persistent(NULL, 0, false));
    assert_false(http_framing_persistent(NULL, 0, true));
    assert_false(http_framing_persistent(FRAMING({"connection", "close"}), false));
    assert_true(http_framing_persistent(FRAMING({"Connection", "Keep-Alive"}), true));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_announced_in_one_way),      cmocka_unit_test(what_is_ambiguous_is_refused),
        cmocka_unit_test(other_encodings_are_not_implemented), cmocka_unit_test(one_host_is_named),
        cmocka_unit_test(the_connection_stays_as_agreed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
