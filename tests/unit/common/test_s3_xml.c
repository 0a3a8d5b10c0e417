#include "tests/unit/vectors.h"

#include "common/s3_xml.h"

#include <string.h>

/* Writes "path=text\n" of each element. */
static bool write_element(void *context, const char *path, const char *text, struct error *err) {
    (void)err;
    buf_printf(context, "%s=%s\n", path, text);
    return true;
}

static void expect(const char *xml, const char *expected) {
    _cleanup_(buf_free) struct buf out = {0};
    struct error err = {0};
    if (!s3_xml_parse(xml, strlen(xml), write_element, &out, &err)) {
        fail_msg("%s: %s", xml, err.message);
    }
    assert_string_equal(buf_text(&out), expected);
}

static void test_elements(void **state) {
    (void)state;
    expect("<A/>", "A=\n");
    expect("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A xmlns=\"http://s3\">\n  <B> x y </B>\n  <B>2</B>\n</A>\n",
           "A/B=x y\nA/B=2\nA=\n");
    expect("  \r\n \n<A><B>&lt;&amp;&quot;&#252;&#x1F600;<![CDATA[<c>]]></B></A>", "A/B=<&\"ü😀<c>\nA=\n");
    expect("<s3:A xmlns:s3=\"x\"><s3:B t=\"1\">v</s3:B></s3:A>", "A/B=v\nA=\n");
    expect("<A>gone<B/> tail </A>", "A/B=\nA=tail\n");
}

static void refuse(const char *xml, size_t length, const char *reason) {
    _cleanup_(buf_free) struct buf out = {0};
    struct error err = {0};
    assert_false(s3_xml_parse(xml, length, write_element, &out, &err));
    assert_int_equal(err.code, ERROR_STORE_ERROR);
    assert_non_null(strstr(err.message, reason));
}

static void test_malformed(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "x",
        "<A>",
        "<A></B>",
        "<A><B></A></B>",
        "<A>&undefined;</A>",
        "<A>\xff</A>",
        "<A/><A/>",
        "{\"a\":1}",
        "<A a=1/>",
        "<A>\x01</A>",
        "<A",
        "<A>&#0;</A>",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        refuse(texts[i], strlen(texts[i]), "not well-formed");
    }
    refuse("<A>\0</A>", 8, "not well-formed");
}

static void test_elements_have_names(void **state) {
    (void)state;
    static const char *const texts[] = {"<:/>", "<A><:/></A>", "<:><Error/></:>", "<A><s3:></s3:></A>", "<a::/>"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        refuse(texts[i], strlen(texts[i]), "without a name");
    }
}

static void test_document_types_are_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "<!DOCTYPE A><A/>",
        "<!DOCTYPE A [<!ENTITY a \"x\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]><A>&c;</A>",
        "<!DOCTYPE A [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><A>&x;</A>",
        "<!DOCTYPE A SYSTEM \"http://127.0.0.1:1/x.dtd\"><A/>",
        "<!DOCTYPE A [<!ENTITY % p SYSTEM \"http://127.0.0.1:1/\"> %p;]><A/>",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        refuse(texts[i], strlen(texts[i]), "document type");
    }
}

static void test_limits(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf deep = {0};
    _cleanup_(buf_free) struct buf longest = {0};
    for (int i = 0; i < 100000; i++) {
        buf_append_text(&deep, "<a>");
    }
    refuse(deep.data, deep.length, "nested too deep");
    buf_append_text(&longest, "<");
    memset(buf_reserve(&longest, 5000), 'n', 5000);
    longest.length += 5000;
    buf_append_text(&longest, "/>");
    refuse(longest.data, longest.length, "nested too deep");
    buf_clear(&longest);
    buf_append_text(&longest, "<A>");
    memset(buf_reserve(&longest, S3_XML_MAX_TEXT + 1), 't', S3_XML_MAX_TEXT + 1);
    longest.length += S3_XML_MAX_TEXT + 1;
    buf_append_text(&longest, "</A>");
    refuse(longest.data, longest.length, "too long");
}

/* Space between elements adds up over a page of a listing and must not count as text. */
static void test_a_long_indented_list(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf xml = {0};
    _cleanup_(buf_free) struct buf out = {0};
    buf_append_text(&xml, "<L>\n");
    for (int i = 0; i < 2000; i++) {
        buf_append_text(&xml, "                <C>\n                        <K>k</K>\n                </C>\n");
    }
    buf_append_text(&xml, "</L>");
    assert_true(s3_xml_parse(xml.data, xml.length, write_element, &out, NULL));
    assert_int_equal(out.length, 2000 * strlen("L/C/K=k\nL/C=\n") + strlen("L=\n"));
}

static bool refuse_second(void *context, const char *path, const char *text, struct error *err) {
    (void)path;
    (void)text;
    return ++*(int *)context < 2 || error_set(err, ERROR_CONFLICT, "enough");
}

static void test_caller_may_stop(void **state) {
    (void)state;
    struct error err = {0};
    int calls = 0;
    static const char xml[] = "<A><B/><C/><D/></A>";
    assert_false(s3_xml_parse(xml, sizeof xml - 1, refuse_second, &calls, &err));
    assert_int_equal(calls, 2);
    assert_int_equal(err.code, ERROR_CONFLICT);
}

static void expect_code(const char *xml, const char *expected) {
    char code[S3_XML_MAX_CODE];
    memset(code, 'x', sizeof code);
    s3_xml_error_code(xml, strlen(xml), code);
    assert_string_equal(code, expected);
}

static void test_error_codes(void **state) {
    (void)state;
    expect_code("<Error><Code>NoSuchKey</Code><Message>m</Message></Error>", "NoSuchKey");
    expect_code("<?xml version=\"1.0\"?>\n<Error><Code> InvalidObjectState.x </Code></Error>", "InvalidObjectState.x");
    expect_code("<Error><Message>m</Message></Error>", "");
    expect_code("<CopyObjectResult><ETag>x</ETag></CopyObjectResult>", "");
    expect_code("<Error><Code>a b\nforged=1</Code></Error>", "");
    expect_code("<Error><Code>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</Code></Error>",
                "");
    expect_code("<Error><Code>NoSuchKey</Code>", "");
    expect_code("<html>502 Bad Gateway</html>", "");
    expect_code("", "");
}

static void test_what_is_written_can_be_read(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf xml = {0};
    _cleanup_(buf_free) struct buf out = {0};
    s3_xml_append(&xml, "Key", "a & <b> \"c\" 'd' ]]> ü😀 \t\n\r\x01 end");
    assert_true(s3_xml_parse(xml.data, xml.length, write_element, &out, NULL));
    assert_string_equal(out.data, "Key=a & <b> \"c\" 'd' ]]> ü😀 \t\n\r? end\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_elements_have_names),
        cmocka_unit_test(test_document_types_are_refused),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_a_long_indented_list),
        cmocka_unit_test(test_caller_may_stop),
        cmocka_unit_test(test_error_codes),
        cmocka_unit_test(test_what_is_written_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
