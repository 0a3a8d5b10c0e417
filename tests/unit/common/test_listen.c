#include "common/listen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void addresses_in_their_normal_form(void **state) {
    (void)state;
    static const struct {
        const char *text, *normal;
        int port;
        bool is_loopback;
    } cases[] = {
        {"127.0.0.1:8080", "127.0.0.1:8080", 8080, true},
        {"127.1.2.3:1", "127.1.2.3:1", 1, true},
        {"localhost:8080", "127.0.0.1:8080", 8080, true},
        {"[::1]:65535", "[::1]:65535", 65535, true},
        {"[0:0:0:0:0:0:0:1]:80", "[::1]:80", 80, true},
        {"[::ffff:127.0.0.1]:80", "[::ffff:127.0.0.1]:80", 80, true},
        {"[::ffff:10.0.0.1]:80", "[::ffff:10.0.0.1]:80", 80, false},
        {"[::]:80", "[::]:80", 80, false},
        {"0.0.0.0:80", "0.0.0.0:80", 80, false},
        {":80", "0.0.0.0:80", 80, false},
        {"*:80", "0.0.0.0:80", 80, false},
        {"10.127.0.1:80", "10.127.0.1:80", 80, false},
        {"127.0.0.1:0", "127.0.0.1:0", 0, true},
        {"[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
         65535, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct listen_address address;
        struct error err;
        assert_true(listen_parse(cases[i].text, &address, &err));
        assert_string_equal(address.text, cases[i].normal);
        assert_int_equal(address.port, cases[i].port);
        assert_int_equal(address.is_loopback, cases[i].is_loopback);
    }
}

static void what_is_no_address_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"",           "8080",        "127.0.0.1",    "127.0.0.1:",    "127.0.0.1:65536",
                                        "127.1:80",   "::1:80",      "[::1]",        "[::1:80",       "[127.0.0.1]:80",
                                        "host:80",    "[]:80",       "127.0.0.1:-1", "127.0.0.1:+80", "127.0.0.1:80 ",
                                        " 1.2.3.4:5", "1.2.3.4,5:6", "::",           "127.0.0.1:80s", "[::1%lo]:80"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct listen_address address;
        struct error err = {0};
        assert_false(listen_parse(texts[i], &address, &err));
        assert_int_equal(err.code, ERROR_CONFIG);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_in_their_normal_form),
        cmocka_unit_test(what_is_no_address_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
