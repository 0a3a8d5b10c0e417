#include "tests/unit/vectors.h"

#include "common/log.h"

#include <string.h>
#include <unistd.h>

/* Whatever goes to stderr between the two calls. */
static int saved_stderr;
static FILE *captured;

static void start_capture(void) {
    captured = tmpfile();
    assert_non_null(captured);
    saved_stderr = dup(STDERR_FILENO);
    dup2(fileno(captured), STDERR_FILENO);
}

/* The caller frees the text. */
static struct buf end_capture(void) {
    struct buf text = {0};
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    rewind(captured);
    text.length = fread(buf_reserve(&text, 65536), 1, 65536, captured);
    text.data[text.length] = '\0';
    fclose(captured);
    return text;
}

static void write_odd_line(void) {
    struct error err = {.code = ERROR_STORE_DENIED, .message = "no \"way\""};
    log_warn("odd event", log_text("plain", "a/b-c.d"), log_text("none", NULL), log_text("empty", ""),
             log_text("quoted", "a \"b\" \\ c=d"), log_text("lines", "one\ntwo\r\t\x01\x7f"),
             log_text("utf8", "Größe😀"), log_text("bytes", "a\xff\xfe"), log_int("number", -7), log_code(&err),
             log_message(&err));
}

static void test_logfmt(void **state) {
    (void)state;
    log_configure("test", LOG_INFO, LOG_LOGFMT);
    start_capture();
    write_odd_line();
    _cleanup_(buf_free) struct buf line = end_capture();
    assert_memory_equal(line.data, "time=20", 7);
    const char *rest = strstr(line.data, " event=");
    assert_non_null(rest);
    assert_string_equal(rest, " event=\"odd event\" plain=a/b-c.d empty=\"\" quoted=\"a \\\"b\\\" \\\\ c=d\""
                              " lines=\"one\\u000atwo\\u000d\\u0009\\u0001\\u007f\" utf8=\"Größe😀\" bytes=\"a??\""
                              " number=-7 code=STORE_DENIED message=\"no \\\"way\\\"\"\n");
}

static void test_json_lines_can_be_read(void **state) {
    (void)state;
    log_configure("test", LOG_INFO, LOG_JSON);
    start_capture();
    write_odd_line();
    _cleanup_(buf_free) struct buf line = end_capture();
    _cleanup_(json_freep) json_t *value = NULL;
    struct error err = {0};
    assert_int_equal(strcspn(line.data, "\n"), line.length - 1);
    if (!json_parse(line.data, line.length, 2, &value, &err)) {
        fail_msg("%s: %s", err.message, line.data);
    }
    assert_string_equal(json_text(value, "level"), "warn");
    assert_string_equal(json_text(value, "program"), "test");
    assert_string_equal(json_text(value, "lines"), "one\ntwo\r\t\x01\x7f");
    assert_string_equal(json_text(value, "quoted"), "a \"b\" \\ c=d");
    assert_string_equal(json_text(value, "utf8"), "Größe😀");
    assert_string_equal(json_text(value, "bytes"), "a??");
    assert_string_equal(json_text(value, "empty"), "");
    assert_null(json_object_get(value, "none"));
    assert_int_equal(json_integer_value(json_object_get(value, "number")), -7);
    assert_int_equal(json_integer_value(json_object_get(value, "pid")), getpid());
}

static void test_levels(void **state) {
    (void)state;
    log_configure("test", LOG_WARN, LOG_LOGFMT);
    start_capture();
    log_debug("one", log_int("n", 1));
    log_info("two", log_int("n", 2));
    log_warn("three", log_int("n", 3));
    log_error("four", log_int("n", 4));
    _cleanup_(buf_free) struct buf lines = end_capture();
    assert_null(strstr(lines.data, "one"));
    assert_null(strstr(lines.data, "two"));
    assert_non_null(strstr(lines.data, "level=warn"));
    assert_non_null(strstr(lines.data, "level=error"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logfmt),
        cmocka_unit_test(test_json_lines_can_be_read),
        cmocka_unit_test(test_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
