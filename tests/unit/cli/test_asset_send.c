#include "cli/asset_send.h"

#include "common/clock.h"
#include "common/xalloc.h"
#include "tests/unit/common/fake_http.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ID "01a1f93a-2ffd-7ebc-8f5a-df27dbddc2b7"
#define TASK(length, status) FAKE_REPLY("200 OK", length, "{\"task_id\":\"" ID "\",\"status\":\"" status "\"}")
#define TAKEN TASK("72", "processing")

/* An API with canned answers, and a file of ten bytes. */
struct fixture {
    struct fake_server server;
    struct api_client *api;
    FILE *file;
    struct error err;
};

static void start(struct fixture *fixture, const char *const *answers) {
    char url[128];
    fake_server_start(&fixture->server, answers, fake_http_serve);
    fixture->api = api_client_new(fake_http_url(&fixture->server, "", url), "the-key");
    fixture->file = tmpfile();
    fputs("0123456789", fixture->file);
    fflush(fixture->file);
}

/* After this the requests can be counted. */
static void stop(struct fixture *fixture) {
    api_client_free(fixture->api);
    fclose(fixture->file);
    fake_server_stop(&fixture->server);
}

static void the_form_says_all_of_the_file(void **state) {
    (void)state;
    static const char *const answers[] = {TAKEN, TAKEN, NULL};
    _cleanup_(freep) char *task_id = NULL;
    struct fixture fixture = {0};
    start(&fixture, answers);
    struct asset_file file = {.descriptor = fileno(fixture.file), .size = 10, .filename = "a \"b\".png"};
    assert_true(asset_send(fixture.api, &file, &task_id, &fixture.err));
    assert_string_equal(task_id, ID);
    free(take_ptr(task_id));
    file.content_type = "image/png";
    file.external_id = "order 7";
    file.sha256 = "abc";
    assert_true(asset_send(fixture.api, &file, &task_id, &fixture.err));
    stop(&fixture);
    const struct fake_server *server = &fixture.server;
    assert_int_equal(fake_http_count(server, "POST /api/v1/assets HTTP"), 2);
    assert_int_equal(fake_http_count(server, "Authorization: Bearer the-key\r\n"), 2);
    assert_int_equal(fake_http_count(server, "Idempotency-Key: "), 2);
    assert_int_equal(fake_http_count(server, "name=\"file\"; filename=\"a %22b%22.png\"\r\n"), 2);
    assert_int_equal(fake_http_count(server, "Content-Type: application/octet-stream\r\n\r\n0123456789\r\n--"), 1);
    assert_int_equal(fake_http_count(server, "Content-Type: image/png\r\n\r\n0123456789\r\n--"), 1);
    assert_int_equal(fake_http_count(server, "name=\"external_id\"\r\n\r\norder 7\r\n"), 1);
    assert_int_equal(fake_http_count(server, "name=\"sha256\"\r\n\r\nabc\r\n"), 1);
    fake_server_free(&fixture.server);
}

/* Under the same key. */
static void it_is_sent_again_while_the_server_has_no_room(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("503 Service Unavailable", "21", "{\"code\":\"OVERLOADED\"}"),
                                          TAKEN, NULL};
    _cleanup_(freep) char *task_id = NULL;
    struct fixture fixture = {0};
    start(&fixture, answers);
    const struct asset_file file = {.descriptor = fileno(fixture.file), .size = 10, .filename = "a"};
    assert_true(asset_send(fixture.api, &file, &task_id, &fixture.err));
    stop(&fixture);
    const char *first = strstr(buf_text(&fixture.server.requests), "Idempotency-Key: ");
    const char *second = strstr(first + 1, "Idempotency-Key: ");
    assert_non_null(second);
    assert_memory_equal(first, second, sizeof "Idempotency-Key: " ID - 1);
    fake_server_free(&fixture.server);
}

static void what_is_refused_is_not_sent_again(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("413 Content Too Large", "25", "{\"code\":\"FILE_TOO_LARGE\"}"),
                                          FAKE_REPLY("200 OK", "2", "{}"), NULL};
    _cleanup_(freep) char *task_id = NULL;
    struct fixture fixture = {0};
    start(&fixture, answers);
    const struct asset_file file = {.descriptor = fileno(fixture.file), .size = 10, .filename = "a"};
    assert_false(asset_send(fixture.api, &file, &task_id, &fixture.err));
    assert_int_equal(fixture.err.code, ERROR_FILE_TOO_LARGE);
    assert_false(asset_send(fixture.api, &file, &task_id, &fixture.err));
    assert_int_equal(fixture.err.code, ERROR_BAD_REQUEST); /* an answer without a task */
    assert_null(task_id);
    stop(&fixture);
    fake_server_free(&fixture.server);
}

static void a_task_is_awaited(void **state) {
    (void)state;
    static const char *const answers[] = {TAKEN, TASK("70", "complete"), TASK("68", "failed"), TAKEN, NULL};
    static const char *const ends[] = {"complete", "failed", "processing"};
    struct fixture fixture = {0};
    start(&fixture, answers);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        _cleanup_(json_freep) json_t *task = NULL;
        int64_t deadline_ms = i < 2 ? clock_monotonic_ms() + 60000 : 0;
        assert_true(asset_await(fixture.api, ID, deadline_ms, &task, &fixture.err));
        assert_string_equal(json_text(task, "status"), ends[i]);
        assert_int_equal(asset_task_is_complete(task), i == 0);
    }
    stop(&fixture);
    assert_int_equal(fake_http_count(&fixture.server, "GET /api/v1/tasks/" ID " HTTP"), 4);
    fake_server_free(&fixture.server);
}

static void expect_line(const char *json, const char *expected) {
    _cleanup_(json_freep) json_t *task = NULL;
    _cleanup_(buf_free) struct buf line = {0};
    struct error err = {0};
    assert_true(json_parse(json, strlen(json), JSON_MAX_DEPTH, &task, &err));
    asset_task_line(task, "dir/a\x1b.png", &line);
    assert_string_equal(buf_text(&line), expected);
}

static void a_task_as_a_line(void **state) {
    (void)state;
    expect_line("{\"task_id\":\"t\",\"status\":\"processing\",\"asset_id\":null,\"duplicate\":false}",
                "processing  t  dir/a?.png\n");
    expect_line("{\"task_id\":\"t\",\"status\":\"complete\",\"asset_id\":\"a\",\"duplicate\":true}",
                "complete  a  dir/a?.png  (known already)\n");
    expect_line("{\"task_id\":\"t\",\"status\":\"failed\",\"error\":{\"code\":\"X\",\"message\":\"why\"}}",
                "failed  t  dir/a?.png  (X: why)\n");
    expect_line("{}", "?  ?  dir/a?.png\n");
    _cleanup_(json_freep) json_t *task = asset_task_unknown(ID);
    assert_string_equal(json_text(task, "status"), "processing");
    assert_string_equal(json_text(task, "task_id"), ID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_form_says_all_of_the_file),
        cmocka_unit_test(it_is_sent_again_while_the_server_has_no_room),
        cmocka_unit_test(what_is_refused_is_not_sent_again),
        cmocka_unit_test(a_task_is_awaited),
        cmocka_unit_test(a_task_as_a_line),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
