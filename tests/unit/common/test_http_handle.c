#include "common/http_handle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void headers_are_lines_for_curl(void **state) {
    (void)state;
    static const struct http_header headers[] = {{"X-Id", "a: b"}, {"X-Empty", ""}};
    static const char *const lines[] = {"Expect:", "X-Id: a: b", "X-Empty;"};
    struct curl_slist *list = http_handle_headers(headers, 2);
    const struct curl_slist *item = list;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++, item = item->next) {
        assert_non_null(item);
        assert_string_equal(item->data, lines[i]);
    }
    assert_null(item);
    curl_slist_free_all(list);
}

/* Of http and https a server may be missing; other protocols are refused before anything is looked for. */
static void other_protocols_are_refused(void **state) {
    (void)state;
    static const char *const urls[] = {"file:///etc/hostname", "ftp://127.0.0.1/", "gopher://127.0.0.1/",
                                       "dict://127.0.0.1/"};
    char message[CURL_ERROR_SIZE];
    const struct http_manners manners = {
        .user_agent = "test", .proxy = "", .buffer_bytes = 16 << 10, .ret_message = message};
    CURL *easy = http_handle_new();
    http_handle_set(easy, &manners);
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        curl_easy_setopt(easy, CURLOPT_URL, urls[i]);
        assert_int_equal(curl_easy_perform(easy), CURLE_UNSUPPORTED_PROTOCOL);
    }
    curl_easy_cleanup(easy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_lines_for_curl),
        cmocka_unit_test(other_protocols_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
