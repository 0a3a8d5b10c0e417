#include "tests/unit/vectors.h"

#include "common/encode.h"

#include <string.h>

static void test_hex(void **state) {
    (void)state;
    char text[7];
    unsigned char bytes[3];
    encode_hex((const unsigned char[]){0x00, 0xab, 0xff}, 3, text);
    assert_string_equal(text, "00abff");
    assert_true(decode_hex("00aBFf", bytes, 3));
    assert_memory_equal(bytes, "\x00\xab\xff", 3);
    assert_false(decode_hex("00abf", bytes, 3));
    assert_false(decode_hex("00abff0", bytes, 3));
    assert_false(decode_hex("00abfg", bytes, 3));
    assert_false(decode_hex("", bytes, 3));
    assert_true(decode_hex("", bytes, 0));
}

static void expect_base64(const char *plain, size_t length, const char *text) {
    _cleanup_(buf_free) struct buf out = {0};
    unsigned char bytes[16];
    encode_base64(&out, (const unsigned char *)plain, length);
    assert_string_equal(buf_text(&out), text);
    assert_int_equal(out.length, strlen(text));
    assert_true(decode_base64(text, bytes, length));
    assert_memory_equal(bytes, plain, length);
    assert_false(decode_base64(text, bytes, length + 1));
    assert_true(length == 0 || !decode_base64(text, bytes, length - 1));
}

/* RFC 4648, section 10, and beyond ASCII. */
/* RFC 7515, appendix C, and what it forbids. */
static void test_base64url(void **state) {
    (void)state;
    static const struct {
        const char *text, *plain;
    } good[] = {{"", ""}, {"Zg", "f"}, {"Zm8", "fo"}, {"Zm9v", "foo"}, {"A-z_4ME", "\x03\xec\xff\xe0\xc1"}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        _cleanup_(buf_free) struct buf out = {0};
        assert_true(decode_base64url(good[i].text, strlen(good[i].text), &out));
        assert_int_equal(out.length, strlen(good[i].plain));
        assert_memory_equal(buf_text(&out), good[i].plain, out.length);
    }
    static const char *const wrong[] = {
        "Z", "Zh", "Zm9", "Zg==", "Zm8=", "Zm9v ", "A+z_", "A/z_", "Zm9v\n", "Zm\xc3\xa4"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        _cleanup_(buf_free) struct buf out = {0};
        assert_false(decode_base64url(wrong[i], strlen(wrong[i]), &out));
    }
}

static void test_base64(void **state) {
    (void)state;
    expect_base64("", 0, "");
    expect_base64("f", 1, "Zg==");
    expect_base64("fo", 2, "Zm8=");
    expect_base64("foo", 3, "Zm9v");
    expect_base64("foob", 4, "Zm9vYg==");
    expect_base64("fooba", 5, "Zm9vYmE=");
    expect_base64("foobar", 6, "Zm9vYmFy");
    expect_base64("\xff\xef\x00\xfb", 4, "/+8A+w==");
}

static void test_what_is_no_base64(void **state) {
    (void)state;
    unsigned char bytes[8];
    assert_false(decode_base64("Zg", bytes, 1));
    assert_false(decode_base64("Zg=", bytes, 1));
    assert_false(decode_base64("Zg===", bytes, 1));
    assert_false(decode_base64("Zh==", bytes, 1)); /* bits that say nothing */
    assert_false(decode_base64(" Zg==", bytes, 1));
    assert_false(decode_base64("Zg==\n", bytes, 1));
    assert_false(decode_base64("Z-==", bytes, 1));
    assert_false(decode_base64("Zm9vZg==-2", bytes, 4));
    assert_false(decode_base64("Z", bytes, 0));
    assert_false(decode_base64("=", bytes, 0));
    assert_false(decode_base64("Zm9vA", bytes, 3));
}

static void expect_uri(const char *text, bool keep_slash, const char *expected) {
    _cleanup_(buf_free) struct buf encoded = {0};
    _cleanup_(buf_free) struct buf decoded = {0};
    encode_uri(&encoded, text, strlen(text), keep_slash);
    assert_string_equal(buf_text(&encoded), expected);
    assert_true(decode_uri(encoded.data, encoded.length, false, &decoded));
    assert_string_equal(buf_text(&decoded), text);
}

static void test_uri(void **state) {
    (void)state;
    expect_uri("AZaz09-._~", false, "AZaz09-._~");
    expect_uri("a b+c/d%", false, "a%20b%2Bc%2Fd%25");
    expect_uri("a b+c/d%", true, "a%20b%2Bc/d%25");
    expect_uri("ü😀\x7f\x01", true, "%C3%BC%F0%9F%98%80%7F%01");
    expect_uri("!*'();:@&=$,?#[]", true, "%21%2A%27%28%29%3B%3A%40%26%3D%24%2C%3F%23%5B%5D");
}

static void test_broken_uri(void **state) {
    (void)state;
    static const char *const texts[] = {"%", "%4", "a%", "%zz", "%4z", "%z4", "%00", "a%00b", "%%41"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        _cleanup_(buf_free) struct buf out = {0};
        if (decode_uri(texts[i], strlen(texts[i]), true, &out)) {
            fail_msg("accepted %s", texts[i]);
        }
    }
    _cleanup_(buf_free) struct buf out = {0};
    assert_false(decode_uri("%41", 2, true, &out)); /* the length counts, not the end of the text */
    assert_true(decode_uri("a+b%2b%2B", 9, true, &out));
    assert_string_equal(buf_text(&out), "a b++");
    buf_clear(&out);
    assert_true(decode_uri("a+b", 3, false, &out));
    assert_string_equal(buf_text(&out), "a+b");
}

static void test_utf8(void **state) {
    (void)state;
    static const char *const good[] = {
        "", "a", "\x7f", "ü", "ࠀ", "\xed\x9f\xbf", "\xef\xbf\xbd", "😀", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {
        "\x80",
        "\xc0\xaf",
        "\xc1\xbf",
        "\xc3",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "a\xe2\x82",
        "\xe2\x28\xa1",
        "\xf0\x9f\x98",
        "\xc3\xbc\xbc",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(utf8_valid(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (utf8_valid(bad[i], strlen(bad[i]))) {
            fail_msg("bad text %zu was accepted", i);
        }
    }
    assert_false(utf8_valid("a\0b", 3));
}

static void test_prefix_cuts_no_character(void **state) {
    (void)state;
    static const char text[] = "aü😀";
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 3, 7, 7};
    for (size_t limit = 0; limit < sizeof expected / sizeof expected[0]; limit++) {
        assert_int_equal(utf8_prefix(text, sizeof text - 1, limit), expected[limit]);
    }
}

static void test_integers(void **state) {
    (void)state;
    int64_t value = 99;
    static const char *const bad[] = {"",
                                      " 1",
                                      "1 ",
                                      "+1",
                                      "0x10",
                                      "1.0",
                                      "1e3",
                                      "--1",
                                      "-",
                                      "1a",
                                      "ä",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (parse_int64(bad[i], INT64_MIN, INT64_MAX, &value)) {
            fail_msg("accepted %s", bad[i]);
        }
    }
    assert_false(parse_int64(NULL, 0, 1, &value));
    assert_false(parse_int64("11", 0, 10, &value));
    assert_false(parse_int64("-1", 0, 10, &value));
    assert_int_equal(value, 99);
    assert_true(parse_int64("9223372036854775807", 0, INT64_MAX, &value) && value == INT64_MAX);
    assert_true(parse_int64("-9223372036854775808", INT64_MIN, 0, &value) && value == INT64_MIN);
    assert_true(parse_int64("007", 0, 10, &value) && value == 7);
}

static void test_plain_prefix_ends_at_each_special_byte_wherever_it_is(void **state) {
    (void)state;
    char text[21];
    for (unsigned byte = 0; byte < 256; byte++) {
        bool plain = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
        for (size_t place = 0; place < sizeof text; place++) {
            memset(text, 'a', sizeof text);
            text[place] = (char)byte;
            assert_int_equal(json_plain_prefix(text, sizeof text), plain ? sizeof text : place);
        }
    }
    assert_int_equal(json_plain_prefix(text, 0), 0);
}

/* Eight bytes at a time must see what one at a time sees. */
static void test_utf8_is_checked_at_every_offset(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        bool valid;
    } cases[] = {{"ü", true}, {"😀", true}, {"\xc3", false}, {"\xff", false}, {"\xc0\x80", false}, {"\x7f", true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t before = 0; before < 17; before++) {
            char text[40];
            memset(text, 'x', sizeof text);
            memcpy(text + before, cases[i].bytes, strlen(cases[i].bytes));
            assert_int_equal(utf8_valid(text, sizeof text), cases[i].valid);
        }
    }
    char with_nul[24] = "0123456789abcdef0123456";
    with_nul[3] = '\0';
    assert_false(utf8_valid(with_nul, 23));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_base64url),
        cmocka_unit_test(test_what_is_no_base64),
        cmocka_unit_test(test_uri),
        cmocka_unit_test(test_broken_uri),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_prefix_cuts_no_character),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_plain_prefix_ends_at_each_special_byte_wherever_it_is),
        cmocka_unit_test(test_utf8_is_checked_at_every_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
