#include "api/html_template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char values_text[] =
    "{\"title\":\"<b a='1'>&\\\"\",\"count\":-5,\"none\":null,\"yes\":true,\"no\":false,\"empty\":\"\",\"nobody\":[],"
    "\"rows\":[{\"name\":\"a\",\"inner\":[{\"name\":\"x\"},{}]},{\"name\":\"b\"}],\"words\":[\"<\",\"two\"],"
    "\"one\":{\"name\":\"the one\"},\"control\":\"a\\u0001b\\tc\\u007f\"}";

static json_t *values(void) {
    json_t *parsed = NULL;
    struct error error = {0};
    if (!json_parse(values_text, sizeof values_text - 1, JSON_MAX_DEPTH, &parsed, &error)) {
        fail_msg("%s", error.message);
    }
    return parsed;
}

static bool fill(const char *text, struct buf *out, struct error *err) {
    const struct html_template templates[] = {
        {"page", text, strlen(text)}, {"row", "({{name}})", 10}, {"self", "{{>self}}", 9}, {0}};
    _cleanup_(json_freep) json_t *given = values();
    return html_template_fill(templates, "page", given, out, err);
}

static void expect(const char *text, const char *expected) {
    _cleanup_(buf_free) struct buf out = {0};
    struct error error = {0};
    if (!fill(text, &out, &error)) {
        fail_msg("%s: %s", text, error.message);
    }
    assert_string_equal(buf_text(&out), expected);
}

static void values_are_escaped(void **state) {
    (void)state;
    expect("<p title=\"{{title}}\">{{title}}</p>", "<p title=\"&lt;b a=&#39;1&#39;&gt;&amp;&quot;\">"
                                                   "&lt;b a=&#39;1&#39;&gt;&amp;&quot;</p>");
    expect("{{count}}{{none}}", "-5");
    expect("{{control}}", "a\xEF\xBF\xBD"
                          "b\tc\xEF\xBF\xBD");
    expect("no tags }} {", "no tags }} {");
    expect("", "");
}

static void sections_repeat_or_choose(void **state) {
    (void)state;
    expect("{{#rows}}[{{name}}{{#inner}}<{{name}}>{{/inner}}]{{/rows}}", "[a<x><a>][b]");
    expect("{{#words}}{{.}},{{/words}}", "&lt;,two,");
    expect("{{#one}}{{name}} {{count}}{{/one}}", "the one -5");
    expect("{{#yes}}y{{/yes}}{{^yes}}n{{/yes}}{{#count}}c{{/count}}{{#title}}t{{/title}}", "yct");
    expect("{{#no}}1{{/no}}{{#none}}2{{/none}}{{#empty}}3{{/empty}}{{#nobody}}4{{/nobody}}{{#absent}}5{{/absent}}", "");
    expect("{{^no}}1{{/no}}{{^none}}2{{/none}}{{^empty}}3{{/empty}}{{^nobody}}4{{/nobody}}{{^absent}}5{{/absent}}",
           "12345");
    expect("{{^rows}}x{{/rows}}", "");
}

static void templates_contain_others(void **state) {
    (void)state;
    expect("{{#rows}}{{>row}}{{/rows}}!", "(a)(b)!");
    expect("{{#one}}{{>row}}{{/one}}", "(the one)");
}

static void mistakes_are_told(void **state) {
    (void)state;
    static const char *const wrong[] = {"{{absent}}",
                                        "{{yes}}",
                                        "{{rows}}",
                                        "{{",
                                        "{{}}",
                                        "{{ title }}",
                                        "{{{title}}}",
                                        "{{&title}}",
                                        "{{Title}}",
                                        "{{>absent}}",
                                        "{{>self}}",
                                        "{{#yes}}",
                                        "{{/yes}}",
                                        "{{#yes}}{{/no}}",
                                        "{{#yes}}{{#no}}{{/yes}}{{/no}}",
                                        "{{#rows}}{{.}}{{/rows}}",
                                        "{{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        _cleanup_(buf_free) struct buf out = {0};
        struct error error = {0};
        if (fill(wrong[i], &out, &error)) {
            fail_msg("%s gave %s", wrong[i], buf_text(&out));
        }
        assert_int_equal(error.code, ERROR_INTERNAL);
    }
}

static void a_check_looks_into_every_section(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"{{#a}}{{^b}}{{c}}{{/b}}{{/a}}{{>part}}", true},
        {"{{#a}}{{>absent}}{{/a}}", false},
        {"{{#a}}{{#b}}{{/a}}{{/b}}", false},
        {"{{#a}}{{", false},
        {"{{#a}}", false},
        {"{{/a}}", false},
        {"{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct html_template templates[] = {{"page", cases[i].text, strlen(cases[i].text)}, {"part", "", 0}, {0}};
        struct error error = {0};
        assert_int_equal(html_template_check(templates, &templates[0], &error), cases[i].good);
    }
}

static void too_much_is_refused(void **state) {
    (void)state;
    _cleanup_(json_freep) json_t *many = json_object();
    json_t *rows = json_array();
    for (int i = 0; i < 10000; i++) {
        json_array_append_new(rows, json_true());
    }
    json_set(many, "rows", rows);
    const char text[] = "{{#rows}}{{#rows}}0123456789{{/rows}}{{/rows}}";
    const struct html_template templates[] = {{"page", text, sizeof text - 1}, {0}};
    _cleanup_(buf_free) struct buf out = {0};
    struct error error = {0};
    assert_false(html_template_fill(templates, "page", many, &out, &error));
    assert_true(out.length < 2 * (size_t)HTML_TEMPLATE_OUTPUT_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_escaped),
        cmocka_unit_test(sections_repeat_or_choose),
        cmocka_unit_test(templates_contain_others),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(a_check_looks_into_every_section),
        cmocka_unit_test(too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
