#include "api/http_head.h"

#include "common/buf.h"
#include "common/xalloc.h"

#include <civetweb.h>
#include <ctype.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Cuts a head into words as civetweb 1.15 does, with its leniency; texts that it refuses itself are not given here. */
static char *cut_word(char **at) {
    char *word = *at;
    while (isgraph((unsigned char)**at) != 0) {
        (*at)++;
    }
    do {
        *(*at)++ = '\0';
    } while (isspace((unsigned char)**at) != 0);
    return word;
}

static bool cut_header(char **at, struct mg_header *header) {
    char *colon = *at + strcspn(*at, ": \r\n");
    if (colon == *at) {
        return false;
    }
    header->name = *at;
    while (*colon == ' ') {
        *colon++ = '\0';
    }
    *colon++ = '\0';
    char *value = colon + strspn(colon, " \t");
    header->value = value;
    *at = value + strcspn(value, "\r\n");
    if (**at == '\r') {
        *(*at)++ = '\0';
    }
    *(*at)++ = '\0';
    return true;
}

static bool check(const char *head, struct error *err) {
    _cleanup_(freep) char *text = xstrdup(head);
    text[strlen(text) - 1] = '\0';
    struct mg_request_info info = {0};
    char *at = text;
    info.request_method = cut_word(&at);
    char *target = cut_word(&at);
    char *query = strchr(target, '?');
    if (query != NULL) {
        *query++ = '\0';
    }
    info.request_uri = target;
    info.query_string = query;
    info.http_version = cut_word(&at) + 5;
    while (info.num_headers < MG_MAX_HEADERS && cut_header(&at, &info.http_headers[info.num_headers])) {
        info.num_headers++;
        if (*at == '\r' || *at == '\n') {
            break;
        }
    }
    return http_head_check(&info, err);
}

static void plain_heads_pass(void **state) {
    (void)state;
    static const char *const heads[] = {
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /?a=b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /? HTTP/1.1\r\nHost: x\r\nX:\r\nY:  \t y\r\n\r\n",
        "POST http://x/a?b HTTP/1.1\r\nHost:x\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct error err = {0};
        if (!check(heads[i], &err)) {
            fail_msg("%s: %s", heads[i], err.message);
        }
    }
}

static void what_others_may_read_differently_is_refused(void **state) {
    (void)state;
    static const char *const heads[] = {
        "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",      "GET /  HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /?a  HTTP/1.1\r\nHost: x\r\n\r\n",    "GET \r\n/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\nHost: x\r\n\r\n",         "GET / HTTP/1.1\r\n Host: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n",      "GET / HTTP/1.1\r\nHost  : x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\nY: y\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\nY: y\n\n",
        "GET / HTTP/1.1\r\nX: a\r\n b: c\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct error err = {0};
        if (check(heads[i], &err)) {
            fail_msg("accepted: %s", heads[i]);
        }
        assert_int_equal(err.code, ERROR_BAD_REQUEST);
    }
}

static void more_headers_than_are_kept_are_refused(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf head = {0};
    buf_append_text(&head, "GET / HTTP/1.1\r\n");
    for (int i = 0; i < MG_MAX_HEADERS; i++) {
        buf_printf(&head, "X%d: a\r\n", i);
    }
    buf_append_text(&head, "\r\n");
    struct error err = {0};
    assert_false(check(head.data, &err));
    assert_int_equal(err.code, ERROR_HEADERS_TOO_LARGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_heads_pass),
        cmocka_unit_test(what_others_may_read_differently_is_refused),
        cmocka_unit_test(more_headers_than_are_kept_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
