#include "api/sse_event.h"

#include "tests/unit/api/exchange.h"

static const struct outbox_position position = {.id = 7, .seen = (char *)"5:5:"};

static void a_status_has_the_record_in_one_line(void **state) {
    struct file_record record = {
        .file_id = (char *)"01a1f94e-2f62-7be1-aa0a-b163f5cce02f",
        .kind = (char *)"file",
        .status = PENDING,
        .filename = (char *)"two\nlines",
        .owner_id = (char *)"dev",
        .object_key = (char *)"files/x",
        .size = -1,
        .expected_size = -1,
    };
    _cleanup_(buf_free) struct buf text = {0};
    sse_event_status(*state, &record, SSE_AS_FILE, &position, &text);
    const char *begin = "event: status\nid: 7-5:5:\ndata: {\"file_id\":\"01a1f94e-2f62-7be1-aa0a-b163f5cce02f\"";
    assert_memory_equal(text.data, begin, strlen(begin));
    assert_non_null(strstr(text.data, "\"filename\":\"two\\nlines\""));
    assert_string_equal(strchr(strstr(text.data, "data: "), '\n'), "\n\n");
}

static void news_are_told_without_what_they_are(void **state) {
    struct file_record record = {.file_id = (char *)"f", .filename = (char *)"secret"};
    _cleanup_(buf_free) struct buf text = {0};
    sse_event_status(*state, &record, SSE_AS_NEWS, &position, &text);
    assert_string_equal(text.data, "event: status\nid: 7-5:5:\ndata: {}\n\n");
}

static void other_events(void **state) {
    _cleanup_(buf_free) struct buf text = {0};
    sse_event_begin(1500, &position, &text);
    sse_event_reset(&position, &text);
    const struct outbox_change gone = {.id = 7, .file_id = (char *)"f", .object_key = (char *)"generated/gen/f_3.jpg"};
    sse_event_change(*state, &gone, SSE_AS_FILE, &position, &text);
    sse_event_change(*state, &gone, SSE_AS_MEDIA, &position, &text);
    assert_string_equal(text.data, "retry: 1500\nid: 7-5:5:\n\n"
                                   "event: reset\nid: 7-5:5:\ndata: {}\n\n"
                                   "event: deleted\nid: 7-5:5:\ndata: {\"file_id\":\"f\"}\n\n"
                                   "event: deleted\nid: 7-5:5:\ndata: {\"media_id\":\"gen_3\",\"file_id\":\"f\"}\n\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_has_the_record_in_one_line),
        cmocka_unit_test(news_are_told_without_what_they_are),
        cmocka_unit_test(other_events),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
