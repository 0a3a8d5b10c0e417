#include "common/ip_address.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *kind_of(const char *text) {
    struct sockaddr_in address_4 = {.sin_family = AF_INET};
    struct sockaddr_in6 address_6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &address_4.sin_addr) == 1) {
        return ip_address_kind((const struct sockaddr *)&address_4);
    }
    assert_int_equal(inet_pton(AF_INET6, text, &address_6.sin6_addr), 1);
    return ip_address_kind((const struct sockaddr *)&address_6);
}

static const char *const cases[][2] = {
    {"0.0.0.0", "this network"},
    {"0.255.255.255", "this network"},
    {"1.0.0.0", "public"},
    {"9.255.255.255", "public"},
    {"10.0.0.0", "private"},
    {"10.255.255.255", "private"},
    {"11.0.0.0", "public"},
    {"100.63.255.255", "public"},
    {"100.64.0.0", "carrier-grade NAT"},
    {"100.127.255.255", "carrier-grade NAT"},
    {"100.128.0.0", "public"},
    {"127.0.0.1", "loopback"},
    {"127.255.255.254", "loopback"},
    {"128.0.0.0", "public"},
    {"169.253.255.255", "public"},
    {"169.254.169.254", "link-local"},
    {"169.255.0.0", "public"},
    {"172.15.255.255", "public"},
    {"172.16.0.0", "private"},
    {"172.31.255.255", "private"},
    {"172.32.0.0", "public"},
    {"192.0.0.8", "protocol assignments"},
    {"192.0.1.0", "public"},
    {"192.0.2.1", "documentation"},
    {"192.88.99.1", "6to4 relay"},
    {"192.167.255.255", "public"},
    {"192.168.0.0", "private"},
    {"192.169.0.0", "public"},
    {"198.17.255.255", "public"},
    {"198.18.0.0", "benchmarking"},
    {"198.19.255.255", "benchmarking"},
    {"198.20.0.0", "public"},
    {"198.51.100.7", "documentation"},
    {"203.0.113.7", "documentation"},
    {"223.255.255.255", "public"},
    {"224.0.0.1", "multicast"},
    {"239.255.255.255", "multicast"},
    {"240.0.0.0", "reserved"},
    {"255.255.255.255", "reserved"},
    {"::", "unspecified"},
    {"::1", "loopback"},
    {"::2", "reserved"},
    {"::127.0.0.1", "reserved"},
    {"::ffff:127.0.0.1", "mapped IPv4"},
    {"::ffff:8.8.8.8", "mapped IPv4"},
    {"64:ff9b::7f00:1", "NAT64"},
    {"64:ff9b:1::1", "NAT64"},
    {"100::1", "reserved"},
    {"1fff:ffff::", "reserved"},
    {"2000::1", "public"},
    {"2001::1", "protocol assignments, Teredo"},
    {"2001:1ff::1", "protocol assignments, Teredo"},
    {"2001:200::1", "public"},
    {"2001:db8::1", "documentation"},
    {"2001:db9::1", "public"},
    {"2002:7f00:1::1", "6to4"},
    {"2003::1", "public"},
    {"2606:4700::1111", "public"},
    {"3ffe::1", "public"},
    {"3fff::1", "documentation"},
    {"3fff:fff:ffff::1", "documentation"},
    {"3fff:1000::1", "public"},
    {"4000::1", "reserved"},
    {"fbff::1", "reserved"},
    {"fc00::1", "unique local"},
    {"fdff:ffff::1", "unique local"},
    {"fe80::1", "link-local"},
    {"febf::1", "link-local"},
    {"fec0::1", "reserved"},
    {"ff02::1", "multicast"},
};

static void each_special_range_ends_where_it_should(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (strcmp(kind_of(cases[i][0]), cases[i][1]) != 0) {
            fail_msg("%s is %s, not %s", cases[i][0], kind_of(cases[i][0]), cases[i][1]);
        }
    }
}

static void only_public_addresses_are_public(void **state) {
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)};
    assert_true(ip_address_is_public((const struct sockaddr *)&address));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_false(ip_address_is_public((const struct sockaddr *)&address));
    const struct sockaddr local = {.sa_family = AF_UNIX};
    assert_false(ip_address_is_public(&local));
}

/* How an address is written, whether it is one of IPv4, how it is printed. */
static void addresses_are_read_and_written(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool is_4;
        const char *printed;
    } addresses[] = {
        {"192.0.2.7", true, "192.0.2.7"},
        {"::ffff:192.0.2.7", true, "192.0.2.7"},
        {"2001:DB8:0::1", false, "2001:db8::1"},
        {"::1", false, "::1"},
        {"0.0.0.0", true, "0.0.0.0"},
    };
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        struct ip_address address;
        char printed[INET6_ADDRSTRLEN];
        assert_true(ip_address_parse(addresses[i].text, &address));
        assert_int_equal(ip_address_is_4(&address), addresses[i].is_4);
        ip_address_print(&address, printed);
        assert_string_equal(printed, addresses[i].printed);
    }
}

static void what_is_no_address_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"",       "192.0.2", "192.0.2.256", "192.0.2.07x",
                                        "::1%lo", "[::1]",   "localhost",   "1::2::3"};
    struct ip_address address;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_false(ip_address_parse(texts[i], &address));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_special_range_ends_where_it_should),
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(only_public_addresses_are_public),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
