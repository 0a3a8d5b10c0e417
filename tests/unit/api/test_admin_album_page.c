#include "api/admin_album_page.h"

#include "tests/unit/api/exchange.h"

static void expect(const json_t *values, const char *name, const char *expected) {
    const char *text = json_text(values, name);
    if (expected == NULL ? text != NULL : text == NULL || strcmp(text, expected) != 0) {
        fail_msg("%s is %s", name, text == NULL ? "no text" : text);
    }
}

static json_t *values_of(struct batch_progress progress, bool is_news) {
    struct batch_failure failures[] = {
        {.filename = (char *)"<a>.jpg", .code = (char *)"DECODE_FAILED", .message = (char *)"no JPEG"},
        {.filename = (char *)"b.jpg", .code = (char *)"DATABASE_ERROR", .message = (char *)"secret"}};
    const struct batch_view view = {
        .album_id = "a1", .progress = progress, .failures = {failures, (size_t)progress.failed}};
    json_t *values = json_object();
    admin_album_page_batch(values, &view, is_news);
    return values;
}

static void a_running_batch_shows_how_far_it_is(void **state) {
    (void)state;
    const struct batch_progress progress = {.state = BATCH_RUNNING, .total = 20, .completed = 4, .failed = 2};
    _cleanup_(json_freep) json_t *values = values_of(progress, true);
    assert_true(json_is_true(json_object_get(values, "is_running")));
    assert_true(json_is_false(json_object_get(values, "is_receiving")));
    assert_int_equal(json_integer_value(json_object_get(values, "done")), 6);
    expect(values, "failed", "2");
    expect(values, "outcome", NULL);
    const json_t *failures = json_object_get(values, "failures");
    expect(json_array_get(failures, 0), "reason", "no JPEG");
    expect(json_array_get(failures, 1), "reason", "The database refused a statement");
}

static void an_end_is_told(void **state) {
    (void)state;
    static const struct {
        struct batch_progress progress;
        bool is_news;
        const char *outcome;
    } cases[] = {
        {{.state = BATCH_DONE, .total = 20, .completed = 18, .failed = 2}, false, "2 of 20 photos failed"},
        {{.state = BATCH_DONE, .total = 1, .failed = 1}, true, "1 of 1 photo failed"},
        {{.state = BATCH_DONE, .total = 20, .completed = 20}, true, "All 20 photos are ready"},
        {{.state = BATCH_DONE, .total = 1, .completed = 1}, true, "The photo is ready"},
        {{.state = BATCH_DONE, .total = 20, .completed = 20}, false, NULL},
        {{.state = BATCH_DONE}, true, NULL},
        {{.state = BATCH_NONE}, true, NULL},
        {{.state = BATCH_RECEIVING, .total = 3}, true, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        _cleanup_(json_freep) json_t *values = values_of(cases[i].progress, cases[i].is_news);
        expect(values, "outcome", cases[i].outcome);
    }
}

static void what_is_seen_changes_with_what_is_shown(void **state) {
    (void)state;
    struct batch_view view = {.progress = {.state = BATCH_RUNNING, .total = 20, .completed = 4, .failed = 2}};
    char before[ADMIN_SEEN_SIZE];
    char after[ADMIN_SEEN_SIZE];
    admin_album_page_seen(&view, before);
    view.progress.processing = 5;
    admin_album_page_seen(&view, after);
    assert_string_equal(before, after);
    view.progress.failed = 3;
    admin_album_page_seen(&view, after);
    assert_string_not_equal(before, after);
    view.progress = (struct batch_progress){.state = BATCH_DONE, .total = 20, .completed = 4, .failed = 2};
    admin_album_page_seen(&view, after);
    assert_string_not_equal(before, after);
}

static void without_a_database_there_is_no_page(void **state) {
    const struct admin_album_page page = {.status = 200, .name = "album"};
    struct request request = {.query = ""};
    struct error error = {0};
    assert_false(admin_album_page_send(*state, &request, "a1", &page, &error));
    assert_int_equal(error.code, ERROR_DATABASE_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_running_batch_shows_how_far_it_is),
        cmocka_unit_test(an_end_is_told),
        cmocka_unit_test(what_is_seen_changes_with_what_is_shown),
        cmocka_unit_test(without_a_database_there_is_no_page),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
