#include "api/batch_answer.h"
#include "tests/unit/api/exchange.h"

#define ID "0190a000-0000-7000-8000-00000000000a"

static void expect_json(const struct batch_view *view, const char *expected) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    batch_view_members(view, &writer);
    json_writer_close(&writer, '}');
    assert_string_equal(buf_text(&json), expected);
}

static void an_album_without_a_batch(void **state) {
    (void)state;
    const struct batch_view view = {.album_id = ID};
    expect_json(&view, "{\"batch_id\":null,\"album_id\":\"" ID "\",\"state\":\"none\",\"total\":0,\"completed\":0,"
                       "\"failed\":0,\"pending\":0,\"processing\":0,\"errors\":[]}");
}

/* What went wrong inside is nobody's business. */
static void failures_are_named(void **state) {
    (void)state;
    char bad[] = "bad.jpg";
    char decode[] = "DECODE_FAILED";
    char exhausted[] = "ATTEMPTS_EXHAUSTED";
    char words[] = "the picture ends too early";
    struct batch_failure failures[] = {
        {.file_id = ID, .filename = bad, .code = decode, .message = words},
        {.file_id = ID, .filename = bad, .code = exhausted, .message = words},
    };
    const struct batch_view view = {
        .album_id = ID,
        .progress = {.batch_id = ID,
                     .state = BATCH_RUNNING,
                     .total = 9,
                     .completed = 3,
                     .failed = 2,
                     .pending = 3,
                     .processing = 1},
        .failures = {failures, 2},
    };
    expect_json(&view,
                "{\"batch_id\":\"" ID "\",\"album_id\":\"" ID "\",\"state\":\"running\",\"total\":9,\"completed\":3,"
                "\"failed\":2,\"pending\":3,\"processing\":1,\"errors\":[{\"file_id\":\"" ID
                "\",\"filename\":\"bad.jpg\","
                "\"code\":\"DECODE_FAILED\",\"message\":\"the picture ends too early\"},{\"file_id\":\"" ID
                "\",\"filename\":\"bad.jpg\",\"code\":\"ATTEMPTS_EXHAUSTED\","
                "\"message\":\"Processing did not succeed in the allowed number of attempts\"}]}");
}

static void without_a_database_there_is_no_view(void **state) {
    _cleanup_(batch_view_free) struct batch_view view = {0};
    struct error err = {0};
    assert_false(batch_view_read(*state, "dev", ID, &view, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_album_without_a_batch),
        cmocka_unit_test(failures_are_named),
        cmocka_unit_test(without_a_database_there_is_no_view),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
