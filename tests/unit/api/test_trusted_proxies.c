#include "api/trusted_proxies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PROXIES "10.0.0.0/8, 192.0.2.7,2001:db8::/33\t::1"

/* Who a request is from that came from `peer` with these headers; NULL ends them. */
static void expect_client(const char *list, const char *peer, const char *client, ...) {
    _cleanup_(trusted_proxies_freep) struct trusted_proxies *proxies = NULL;
    struct http_header headers[8];
    struct request request = {.headers = headers};
    struct error err = {0};
    va_list values;
    va_start(values, client);
    headers[request.header_count++] = (struct http_header){"Host", "example.com"};
    for (const char *value; (value = va_arg(values, const char *)) != NULL;) {
        headers[request.header_count++] = (struct http_header){"x-forwarded-FOR", value};
    }
    va_end(values);
    assert_true(trusted_proxies_new(list, &proxies, &err));
    snprintf(request.remote_address, sizeof request.remote_address, "%s", peer);
    trusted_proxies_find_client(proxies, &request);
    assert_string_equal(request.remote_address, client);
}

static void without_a_trusted_proxy_nobody_is_believed(void **state) {
    (void)state;
    expect_client("", "10.0.0.1", "10.0.0.1", "198.51.100.1", NULL);
    expect_client(PROXIES, "11.0.0.1", "11.0.0.1", "198.51.100.1", NULL);
    expect_client(PROXIES, "192.0.2.8", "192.0.2.8", "198.51.100.1", NULL);
    expect_client(PROXIES, "2001:db8:8000::1", "2001:db8:8000::1", "198.51.100.1", NULL);
    expect_client(PROXIES, "", "", "198.51.100.1", NULL);
}

static void a_trusted_proxys_word_is_taken(void **state) {
    (void)state;
    expect_client(PROXIES, "10.255.0.1", "198.51.100.1", "198.51.100.1", NULL);
    expect_client(PROXIES, "192.0.2.7", "2001:db9::5", " 2001:db9:0::5 ", NULL);
    expect_client(PROXIES, "::1", "198.51.100.1", "198.51.100.1", NULL);
    expect_client(PROXIES, "2001:db8:7fff::1", "198.51.100.1", "198.51.100.1", NULL);
    expect_client(PROXIES, "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1", NULL);
    expect_client("0.0.0.0/0", "203.0.113.9", "203.0.113.8", "203.0.113.8", NULL);
    expect_client(PROXIES, "10.0.0.1", "10.0.0.1", NULL);
}

static void what_stands_before_the_client_is_not_read(void **state) {
    (void)state;
    expect_client(PROXIES, "10.0.0.1", "198.51.100.1", "203.0.113.5, 198.51.100.1", NULL);
    expect_client(PROXIES, "10.0.0.1", "198.51.100.1", "10.0.0.9, 198.51.100.1", NULL);
    expect_client(PROXIES, "10.0.0.1", "198.51.100.1", "203.0.113.5,198.51.100.1,10.0.0.2, 192.0.2.7", NULL);
    expect_client(PROXIES, "10.0.0.1", "198.51.100.1", "203.0.113.5", "198.51.100.1, 10.0.0.3", "10.0.0.2", NULL);
    expect_client(PROXIES, "10.0.0.1", "10.0.0.4", "10.0.0.4, 10.0.0.3", NULL); /* all trusted: the farthest */
}

static void an_entry_that_is_no_address_ends_the_reading(void **state) {
    (void)state;
    expect_client(PROXIES, "10.0.0.1", "10.0.0.1", "unknown", NULL);
    expect_client(PROXIES, "10.0.0.1", "10.0.0.1", "", NULL);
    expect_client(PROXIES, "10.0.0.1", "10.0.0.2", "198.51.100.1, ,10.0.0.2", NULL);
    expect_client(PROXIES, "10.0.0.1", "10.0.0.1", "198.51.100.1,", NULL);
    expect_client(PROXIES, "10.0.0.1", "10.0.0.1", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", NULL);
}

static void ports_are_left_out(void **state) {
    (void)state;
    expect_client(PROXIES, "10.0.0.1", "198.51.100.1", "198.51.100.1:4711", NULL);
    expect_client(PROXIES, "10.0.0.1", "2001:db9::5", "[2001:db9::5]:4711", NULL);
    expect_client(PROXIES, "10.0.0.1", "2001:db9::5", "[2001:db9::5]", NULL);
}

static void a_list_of_something_else_is_refused(void **state) {
    (void)state;
    static const char *const lists[] = {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0", "proxy.example.com",
                                        "::/129",      "10.0.0.0/",   "/8"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct trusted_proxies *proxies = NULL;
        struct error err = {0};
        assert_false(trusted_proxies_new(lists[i], &proxies, &err));
        assert_int_equal(err.code, ERROR_CONFIG);
        assert_non_null(strstr(err.message, lists[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_trusted_proxy_nobody_is_believed),
        cmocka_unit_test(a_trusted_proxys_word_is_taken),
        cmocka_unit_test(what_stands_before_the_client_is_not_read),
        cmocka_unit_test(an_entry_that_is_no_address_ends_the_reading),
        cmocka_unit_test(ports_are_left_out),
        cmocka_unit_test(a_list_of_something_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
