#include "common/redis_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct redis_url parsed(const char *text) {
    struct redis_url url;
    struct error err;
    assert_true(redis_url_parse(text, &url, &err));
    return url;
}

static void only_a_host(void **state) {
    (void)state;
    _cleanup_(redis_url_free) struct redis_url url = parsed("redis://redis.internal");
    assert_string_equal(url.host, "redis.internal");
    assert_int_equal(url.port, 6379);
    assert_int_equal(url.database, 0);
    assert_null(url.user);
    assert_null(url.password);
}

static void all_parts(void **state) {
    (void)state;
    _cleanup_(redis_url_free) struct redis_url url = parsed("redis://queue:secret@10.0.0.1:7000/15");
    assert_string_equal(url.host, "10.0.0.1");
    assert_int_equal(url.port, 7000);
    assert_int_equal(url.database, 15);
    assert_string_equal(url.user, "queue");
    assert_string_equal(url.password, "secret");
}

static void a_password_alone_is_decoded(void **state) {
    (void)state;
    _cleanup_(redis_url_free) struct redis_url url = parsed("redis://:p%40ss%3Aw%2Frd+%25@host/");
    assert_null(url.user);
    assert_string_equal(url.password, "p@ss:w/rd+%");
}

static void the_last_at_sign_ends_the_password(void **state) {
    (void)state;
    _cleanup_(redis_url_free) struct redis_url url = parsed("redis://u:a@b:c@host:1");
    assert_string_equal(url.password, "a@b:c");
    assert_string_equal(url.host, "host");
}

static void ipv6_stands_in_brackets(void **state) {
    (void)state;
    _cleanup_(redis_url_free) struct redis_url with_port = parsed("redis://[::1]:6380/2");
    assert_string_equal(with_port.host, "::1");
    assert_int_equal(with_port.port, 6380);
    _cleanup_(redis_url_free) struct redis_url without = parsed("redis://:x@[fe80::1]");
    assert_string_equal(without.host, "fe80::1");
    assert_int_equal(without.port, 6379);
}

static void tls_may_name_its_cas(void **state) {
    (void)state;
    _cleanup_(redis_url_free) struct redis_url url = parsed("rediss://:x@host:6380/2?ssl_ca_certs=/etc/my%20ca.pem");
    assert_true(url.tls);
    assert_string_equal(url.host, "host");
    assert_int_equal(url.port, 6380);
    assert_int_equal(url.database, 2);
    assert_string_equal(url.ca_file, "/etc/my ca.pem");
    _cleanup_(redis_url_free) struct redis_url without = parsed("rediss://host?ssl_ca_certs=ca.pem");
    assert_string_equal(without.ca_file, "ca.pem");
    _cleanup_(redis_url_free) struct redis_url system = parsed("rediss://host");
    assert_true(system.tls);
    assert_null(system.ca_file);
    _cleanup_(redis_url_free) struct redis_url plain = parsed("redis://host");
    assert_false(plain.tls);
}

static void what_is_no_url_is_refused_without_repeating_it(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        "localhost:6379",
        "http://secret@host",
        "rediss://:secret@host?ssl_ca_certs=",
        "rediss://:secret@host?ssl_ca_certs=%4",
        "rediss://:secret@host?ssl_ca=x",
        "rediss://:secret@host#x",
        "redis://:secret@host?ssl_ca_certs=/ca.pem",
        "redis://",
        "redis://:secret@",
        "redis://:secret@:6379",
        "redis://secret@host",
        "redis://:secret%4@host",
        "redis://:secret%00@host",
        "redis://:secret@[[::1]:1",
        "redis://:secret@[host]",
        "redis://:secret@[]",
        "redis://:secret@h[::1]",
        "redis://:secret@ho st",
        "redis://:secret@host:",
        "redis://:secret@host:0",
        "redis://:secret@host:65536",
        "redis://:secret@host:6379x",
        "redis://:secret@host/x",
        "redis://:secret@host/-1",
        "redis://:secret@host/1/2",
        "redis://:secret@host/99999999999999999999",
        "redis://:secret@host?db=1",
        "redis://:secret@host#5",
        "redis://:secret@[::1",
        "redis://:secret@[::1]x",
        "redis://:secret@[]",
        "redis://:secret@::1:6379",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct redis_url url = {0};
        struct error err = {0};
        assert_false(redis_url_parse(texts[i], &url, &err));
        assert_int_equal(err.code, ERROR_CONFIG);
        assert_null(strstr(err.message, "secret"));
        assert_null(url.host);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_host),
        cmocka_unit_test(all_parts),
        cmocka_unit_test(a_password_alone_is_decoded),
        cmocka_unit_test(the_last_at_sign_ends_the_password),
        cmocka_unit_test(ipv6_stands_in_brackets),
        cmocka_unit_test(tls_may_name_its_cas),
        cmocka_unit_test(what_is_no_url_is_refused_without_repeating_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
