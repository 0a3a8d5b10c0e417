#include "common/webhook_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct webhook_url_rules strict;
static const struct webhook_url_rules lenient = {true, true};

static void expect(const char *url, const struct webhook_url_rules *rules, const char *complaint) {
    struct error err = {0};
    bool is_good = webhook_url_check(url, rules, &err);
    if (is_good != (complaint == NULL)) {
        fail_msg("%s: %s", url, is_good ? "was taken" : err.message);
    }
    if (complaint != NULL) {
        assert_int_equal(err.code, ERROR_VALIDATION_FAILED);
        if (strstr(err.message, complaint) == NULL) {
            fail_msg("%s: %s, not %s", url, err.message, complaint);
        }
    }
}

static void good_urls_are_taken(void **state) {
    (void)state;
    static const char *const urls[] = {
        "https://example.com",
        "https://example.com/",
        "https://example.com?x=1",
        "https://example.com./a/b;c?d=e&f=%20@g:h[]",
        "https://hooks.example.com:443/a",
        "https://example.com:80",
        "https://example.com:1024",
        "https://example.com:65535/",
        "https://xn--bcher-kva.example/_hooks/~a",
        "https://a_b.example.com",
        "https://1.2.3.com",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]:8443/x",
    };
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        expect(urls[i], &strict, NULL);
        expect(urls[i], &lenient, NULL);
    }
}

static void what_is_no_safe_url_is_refused(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"", "start with https://"},
        {"HTTPS://example.com", "start with https://"},
        {"ftp://example.com", "start with https://"},
        {"//example.com", "start with https://"},
        {"https:/example.com", "start with https://"},
        {"https://", "host"},
        {"https:///path", "host"},
        {"https://?x", "host"},
        {"https://:443/", "host"},
        {"https://user@example.com/", "user"},
        {"https://user:password@example.com/", "user"},
        {"https://example.com#fragment", "printable"},
        {"https://example.com\\@127.0.0.1/", "printable"},
        {"https://exa mple.com/", "printable"},
        {"https://example.com/a\r\nb", "printable"},
        {"https://ex\303\244mple.com/", "printable"},
        {"https://example..com/", "host"},
        {"https://.example.com/", "host"},
        {"https://./", "host"},
        {"https://exam%70le.com/", "host"},
        {"https://0x7f.0.0.1/", "host"},
        {"https://0x7f000001/", "host"},
        {"https://2130706433/", "host"},
        {"https://127.1/", "host"},
        {"https://127.0.0.1./", "host"},
        {"https://0177.0.0.1/", "host"},
        {"https://example.com:/", "port"},
        {"https://example.com:0/", "port"},
        {"https://example.com:65536/", "port"},
        {"https://example.com:4e3/", "port"},
        {"https://example.com:443:443/", "port"},
        {"https://example.com:123456789/", "port"},
        {"https://[::1/", "host"},
        {"https://[]/", "host"},
        {"https://[2606:4700::1111]x/", "host"},
        {"https://[fe80::1%25eth0]/", "host"},
        {"https://2606:4700::1111/", "host"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect(cases[i][0], &strict, cases[i][1]);
        expect(cases[i][0], &lenient, strcmp(cases[i][1], "start with https://") == 0 ? "start with" : cases[i][1]);
    }
}

static void private_addresses_and_http_need_leave(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"https://127.0.0.1/", "loopback"},
        {"https://10.1.2.3:8443/", "private"},
        {"https://169.254.169.254/latest", "link-local"},
        {"https://[::1]:8443/", "loopback"},
        {"https://[::ffff:8.8.8.8]/", "mapped"},
        {"https://[fd00::1]/", "unique local"},
        {"https://example.com:22/", "port"},
        {"https://example.com:1023/", "port"},
        {"http://example.com/", "https"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect(cases[i][0], &strict, cases[i][1]);
        expect(cases[i][0], &lenient, NULL);
    }
}

static void length_is_limited(void **state) {
    (void)state;
    char url[WEBHOOK_URL_MAX + 2] = "https://example.com/";
    char host[300] = "https://";
    memset(url + strlen(url), 'a', WEBHOOK_URL_MAX - strlen(url));
    expect(url, &strict, NULL);
    url[WEBHOOK_URL_MAX] = 'a';
    expect(url, &strict, "more than 2000");
    memset(host + strlen(host), 'a', 63);
    expect(host, &strict, NULL);
    host[strlen(host)] = 'a';
    expect(host, &strict, "host");
    for (size_t i = 0; i < 254; i++) {
        host[8 + i] = i % 2 == 0 ? 'a' : '.';
    }
    expect(host, &strict, "host");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_urls_are_taken),
        cmocka_unit_test(what_is_no_safe_url_is_refused),
        cmocka_unit_test(private_addresses_and_http_need_leave),
        cmocka_unit_test(length_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
