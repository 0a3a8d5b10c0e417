#include "cli/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static json_t *parsed(const char *text) {
    json_t *value = NULL;
    assert_true(json_parse(text, strlen(text), JSON_MAX_DEPTH, &value, NULL));
    return value;
}

static void three_statuses_are_final(void **state) {
    (void)state;
    const struct {
        const char *text;
        bool is_final;
        bool is_synced;
    } cases[] = {
        {"{\"status\":\"PENDING\"}", false, false}, {"{\"status\":\"UPLOADED\"}", false, false},
        {"{\"status\":\"SYNCING\"}", false, false}, {"{\"status\":\"SYNCED\"}", true, true},
        {"{\"status\":\"FAILED\"}", true, false},   {"{\"status\":\"EXPIRED\"}", true, false},
        {"{\"status\":null}", false, false},        {"[]", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        _cleanup_(json_freep) json_t *record = parsed(cases[i].text);
        assert_int_equal(record_is_final(record), cases[i].is_final);
        assert_int_equal(record_is_synced(record), cases[i].is_synced);
    }
}

static void a_line_has_what_matters(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf line = {0};
    _cleanup_(json_freep) json_t *record =
        parsed("{\"status\":\"SYNCED\",\"file_id\":\"01a1f93a-2ffd-7ebc-8f5a-df27dbddc2b7\",\"size\":1536,"
               "\"content_type\":\"text/plain\",\"detected_type\":\"text/csv\",\"filename\":\"Größe.csv\"}");
    record_line(record, &line);
    assert_string_equal(buf_text(&line),
                        "SYNCED    01a1f93a-2ffd-7ebc-8f5a-df27dbddc2b7  1.5 KiB   text/csv          Größe.csv\n");
}

static void a_failed_one_tells_why_and_cannot_steer_the_terminal(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf line = {0};
    _cleanup_(json_freep) json_t *record =
        parsed("{\"status\":\"FAILED\",\"file_id\":\"x\",\"filename\":\"a\\u001b[2J\\n\","
               "\"error\":{\"code\":\"EMPTY_OBJECT\",\"message\":\"it is empty\"}}");
    record_line(record, &line);
    assert_non_null(strstr(buf_text(&line), "a?[2J?  (EMPTY_OBJECT: it is empty)\n"));
}

static void fields_without_a_value_are_left_out(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf text = {0};
    _cleanup_(json_freep) json_t *record =
        parsed("{\"status\":\"SYNCED\",\"sha256\":null,\"size\":2048,\"tags\":[],\"metadata\":{},\"attempts\":0}");
    record_fields(record, &text);
    assert_string_equal(buf_text(&text), "status          SYNCED\nsize            2048 (2.0 KiB)\nattempts        0\n");
}

static void variants_have_a_line_each(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf text = {0};
    _cleanup_(json_freep) json_t *record =
        parsed("{\"variants\":[{\"name\":\"small\",\"url\":\"http://x\",\"content_type\":\"image/webp\","
               "\"width\":240,\"height\":160,\"size\":4198},{\"name\":\"a\\u001b\"}]}");
    record_fields(record, &text);
    assert_string_equal(buf_text(&text), "variant         small     240x160    4.1 KiB   image/webp\n"
                                         "variant         a?        0x0        0 B       -\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_statuses_are_final),
        cmocka_unit_test(a_line_has_what_matters),
        cmocka_unit_test(a_failed_one_tells_why_and_cannot_steer_the_terminal),
        cmocka_unit_test(fields_without_a_value_are_left_out),
        cmocka_unit_test(variants_have_a_line_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
