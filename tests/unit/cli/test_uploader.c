#include "cli/uploader.h"

#include "common/daemon.h"
#include "common/xalloc.h"
#include "tests/unit/common/fake_http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ID "01a1f93a-2ffd-7ebc-8f5a-df27dbddc2b7"
#define CONFIRMED FAKE_REPLY("200 OK", "28", "{\"confirmed\":1,\"results\":[]}")
#define STORED FAKE_REPLY("200 OK", "0\r\nETag: \"e1\"", "")
#define DELETED FAKE_REPLY("204 No Content", "0", "")
#define REFUSED FAKE_REPLY("403 Forbidden", "39", "<Error><Code>AccessDenied</Code></Error>")

enum { ANSWERS_MAX = 8 };

/* An API and a store with canned answers, and a file of ten bytes to upload. */
struct fixture {
    struct fake_server api, store;
    const char *api_answers[ANSWERS_MAX];
    const char *store_answers[ANSWERS_MAX];
    char *made; /* the API's first answer, which names the store */
    char path[40];
    struct error err;
    char *file_id;
};

static void start(struct fixture *fixture) {
    fake_server_start(&fixture->store, fixture->store_answers, fake_http_serve);
    snprintf(fixture->path, sizeof fixture->path, "/tmp/sluice-test-XXXXXX");
    int descriptor = mkstemp(fixture->path);
    assert_int_equal(write(descriptor, "0123456789", 10), 10);
    close(descriptor);
}

/* The API's first answer: JSON in which %s stands for the store's address. */
static void answer_first(struct fixture *fixture, const char *format) {
    char url[128];
    _cleanup_(buf_free) struct buf body = {0};
    const char *place = strstr(format, "%s");
    buf_append(&body, format, place == NULL ? strlen(format) : (size_t)(place - format));
    if (place != NULL) {
        buf_append_text(&body, fake_http_url(&fixture->store, "/object?signed", url));
        buf_append_text(&body, place + 2);
    }
    fixture->made = xasprintf("HTTP/1.1 201 Created\r\nContent-Length: %zu\r\n\r\n%s", body.length, buf_text(&body));
    fixture->api_answers[0] = fixture->made;
}

static bool upload(struct fixture *fixture, const struct upload_options *options) {
    char url[128];
    fake_server_start(&fixture->api, fixture->api_answers, fake_http_serve);
    struct config config = {.api_key = (char *)"sluice_key", .s3_ca_file = (char *)""};
    config.api_url = (char *)fake_http_url(&fixture->api, "", url);
    struct board *board = board_new(stderr, BOARD_QUIET, 1, 80);
    struct uploader *uploader = uploader_new(&config, options, board, 0);
    bool sent = uploader_send(uploader, fixture->path, &fixture->file_id, &fixture->err);
    uploader_free(uploader);
    board_free(board);
    fake_server_stop(&fixture->api);
    fake_server_stop(&fixture->store);
    return sent;
}

static void fixture_free(struct fixture *fixture) {
    unlink(fixture->path);
    free(fixture->made);
    free(fixture->file_id);
    fake_server_free(&fixture->api);
    fake_server_free(&fixture->store);
}

static bool asked(const struct fake_server *server, const char *text) {
    return fake_http_count(server, text) > 0;
}

static void a_file_is_put_and_confirmed(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture = {.api_answers = {NULL, CONFIRMED}, .store_answers = {STORED}};
    start(&fixture);
    answer_first(&fixture,
                 "{\"file_id\":\"" ID "\",\"method\":\"PUT\",\"upload_url\":\"%s\",\"headers\":{\"x-a\":\"b\"}}");
    assert_true(upload(&fixture, &(struct upload_options){.external_id = "7", .content_type = "text/x"}));
    assert_string_equal(fixture.file_id, ID);
    assert_true(asked(&fixture.api, "POST /files/presigned-upload "));
    assert_true(asked(&fixture.api, "Authorization: Bearer sluice_key\r\n"));
    assert_true(asked(&fixture.api, "Idempotency-Key: "));
    assert_true(asked(&fixture.api, "\"size\":10"));
    assert_true(asked(&fixture.api, "\"external_id\":\"7\""));
    assert_true(asked(&fixture.api, "\"content_type\":\"text/x\""));
    assert_true(asked(&fixture.api, "\"file_size\":10"));
    assert_true(asked(&fixture.store, "PUT /object?signed "));
    assert_true(asked(&fixture.store, "x-a: b\r\n"));
    assert_true(asked(&fixture.store, "\r\n\r\n0123456789\n--\n"));
    assert_false(asked(&fixture.store, "sluice_key"));
}

static void a_form_is_sent_with_its_fields(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture = {.api_answers = {NULL, CONFIRMED}, .store_answers = {STORED}};
    start(&fixture);
    answer_first(&fixture,
                 "{\"file_id\":\"" ID "\",\"method\":\"POST\",\"upload_url\":\"%s\",\"form_fields\":{\"key\":\"k1\"}}");
    assert_true(upload(&fixture, &(struct upload_options){.method = UPLOAD_POST}));
    assert_true(asked(&fixture.store, "POST /object?signed "));
    assert_true(asked(&fixture.store, "name=\"key\"\r\n\r\nk1\r\n"));
    assert_true(asked(&fixture.store, "\r\n\r\n0123456789\r\n--"));
}

static void a_known_file_is_not_sent(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture = {0};
    start(&fixture);
    answer_first(&fixture, "{\"file_id\":\"" ID "\",\"duplicate\":true}");
    assert_true(upload(&fixture, &(struct upload_options){.sha256 = true}));
    assert_string_equal(fixture.file_id, ID);
    assert_true(asked(&fixture.api, "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"));
    assert_int_equal(fixture.store.connections, 0);
}

static void a_refused_upload_is_tidied_up(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture = {.api_answers = {NULL, DELETED}, .store_answers = {REFUSED}};
    start(&fixture);
    answer_first(&fixture, "{\"file_id\":\"" ID "\",\"method\":\"PUT\",\"upload_url\":\"%s\"}");
    assert_false(upload(&fixture, &(struct upload_options){0}));
    assert_int_equal(fixture.err.code, ERROR_STORE_DENIED);
    assert_true(asked(&fixture.api, "DELETE /files/" ID " "));
    assert_null(fixture.file_id);
}

static void an_upload_that_is_not_confirmed_failed(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture = {
        .api_answers = {NULL, FAKE_REPLY("200 OK", "38", "{\"results\":[{\"code\":\"SIZE_MISMATCH\"}]} "), DELETED},
        .store_answers = {STORED}};
    start(&fixture);
    answer_first(&fixture, "{\"file_id\":\"" ID "\",\"method\":\"PUT\",\"upload_url\":\"%s\"}");
    assert_false(upload(&fixture, &(struct upload_options){0}));
    assert_int_equal(fixture.err.code, ERROR_SIZE_MISMATCH);
}

#define OPENED "{\"file_id\":\"" ID "\",\"uploadId\":\"u/1\",\"key\":\"files/a b\"}"

static void parts_are_signed_sent_and_joined(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture = {.store_answers = {STORED}};
    start(&fixture);
    char url[128];
    answer_first(&fixture, OPENED);
    _cleanup_(freep) char *body = xasprintf("{\"url\":\"%s\"}", fake_http_url(&fixture.store, "/part", url));
    _cleanup_(freep) char *signed_part =
        xasprintf("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
    fixture.api_answers[1] = signed_part;
    fixture.api_answers[2] = FAKE_REPLY("200 OK", "2", "{}");
    fixture.api_answers[3] = CONFIRMED;
    assert_true(upload(&fixture, &(struct upload_options){.method = UPLOAD_MULTIPART}));
    assert_true(asked(&fixture.api, "POST /s3/multipart "));
    assert_true(asked(&fixture.api, "GET /s3/multipart/u%2F1/1?key=files%2Fa%20b "));
    assert_true(asked(&fixture.api, "POST /s3/multipart/u%2F1/complete?key=files%2Fa%20b "));
    assert_true(asked(&fixture.api, "{\"parts\":[{\"PartNumber\":1,\"ETag\":\"\\\"e1\\\"\"}]}"));
    assert_true(asked(&fixture.store, "PUT /part "));
    assert_string_equal(fixture.file_id, ID);
}

static void parts_that_cannot_be_sent_are_given_up(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture = {
        .api_answers = {NULL, FAKE_REPLY("422 Unprocessable", "28", "{\"code\":\"VALIDATION_FAILED\"} "), DELETED}};
    start(&fixture);
    answer_first(&fixture, OPENED);
    assert_false(upload(&fixture, &(struct upload_options){.method = UPLOAD_MULTIPART}));
    assert_int_equal(fixture.err.code, ERROR_VALIDATION_FAILED);
    assert_true(asked(&fixture.api, "DELETE /s3/multipart/u%2F1?key=files%2Fa%20b "));
}

static void what_is_no_file_is_not_asked_for(void **state) {
    (void)state;
    static const char *const paths[] = {"/nonexistent", "/tmp", "/dev/null"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        _cleanup_(fixture_free) struct fixture fixture = {0};
        start(&fixture);
        unlink(fixture.path);
        snprintf(fixture.path, sizeof fixture.path, "%s", paths[i]);
        assert_false(upload(&fixture, &(struct upload_options){0}));
        assert_int_equal(fixture.api.connections, 0);
        fixture.path[0] = '\0';
    }
}

int main(void) {
    daemon_catch_stop();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_put_and_confirmed),
        cmocka_unit_test(a_form_is_sent_with_its_fields),
        cmocka_unit_test(a_known_file_is_not_sent),
        cmocka_unit_test(a_refused_upload_is_tidied_up),
        cmocka_unit_test(an_upload_that_is_not_confirmed_failed),
        cmocka_unit_test(parts_are_signed_sent_and_joined),
        cmocka_unit_test(parts_that_cannot_be_sent_are_given_up),
        cmocka_unit_test(what_is_no_file_is_not_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
