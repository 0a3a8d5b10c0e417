#include "tests/unit/common/fake_http.h"

#include "common/ml_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"clip\":\"[0,2]\"}"

struct fixture {
    struct fake_server server;
    struct ml_client *client;
    struct error err;
};

static void start(struct fixture *fixture, const char *const *answers) {
    char url[128];
    *fixture = (struct fixture){0};
    fake_server_start(&fixture->server, answers, fake_http_serve);
    const struct ml_options options = {fake_http_url(&fixture->server, "/base/", url), "a \"model\"", 1000, NULL};
    assert_true(ml_client_new(&options, &fixture->client, &fixture->err));
}

static void stop(struct fixture *fixture) {
    ml_client_free(fixture->client);
    fake_server_stop(&fixture->server);
}

static void end(struct fixture *fixture) {
    buf_free(&fixture->server.requests);
}

static void a_text_goes_out_as_a_form(void **state) {
    (void)state;
    struct fixture fixture;
    _cleanup_(embedding_free) struct embedding embedding = {0};
    start(&fixture, (const char *const[]){GOOD, NULL});
    assert_true(ml_client_text(fixture.client, "a photo of a cat", &embedding, &fixture.err));
    assert_int_equal(embedding.count, 2);
    stop(&fixture);
    const char *requests = buf_text(&fixture.server.requests);
    assert_non_null(strstr(requests, "POST /base/predict HTTP/1.1\r\n"));
    assert_non_null(strstr(requests, "Content-Type: multipart/form-data; boundary="));
    assert_non_null(strstr(requests, "name=\"entries\"\r\nContent-Type: application/json\r\n\r\n"
                                     "{\"clip\":{\"textual\":{\"modelName\":\"a \\\"model\\\"\"}}}\r\n--"));
    assert_non_null(
        strstr(requests, "name=\"text\"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\na photo of a cat\r\n--"));
    end(&fixture);
}

static void a_picture_goes_out_as_a_file(void **state) {
    (void)state;
    struct fixture fixture;
    char bytes[] = "RIFF";
    const struct buf picture = {bytes, 4, 5};
    _cleanup_(embedding_free) struct embedding embedding = {0};
    start(&fixture, (const char *const[]){GOOD, NULL});
    assert_true(ml_client_image(fixture.client, &picture, "image/webp", &embedding, &fixture.err));
    stop(&fixture);
    const char *requests = buf_text(&fixture.server.requests);
    assert_non_null(strstr(requests, "{\"clip\":{\"visual\":{\"modelName\":"));
    assert_non_null(
        strstr(requests, "name=\"image\"; filename=\"image\"\r\nContent-Type: image/webp\r\n\r\nRIFF\r\n--"));
    end(&fixture);
}

static void statuses_become_codes(void **state) {
    (void)state;
    static const struct {
        const char *answer;
        enum error_code code;
    } cases[] = {
        {"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\n{}", ERROR_ML_REFUSED},
        {"HTTP/1.1 422 Oh\r\nContent-Length: 2\r\n\r\n{}", ERROR_ML_REFUSED},
        {"HTTP/1.1 302 Oh\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", ERROR_ML_REFUSED},
        {"HTTP/1.1 503 Oh\r\nContent-Length: 0\r\n\r\n", ERROR_ML_UNAVAILABLE},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\n{}", ERROR_ML_UNAVAILABLE},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", ERROR_ML_BAD_REPLY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture fixture;
        struct embedding embedding = {0};
        start(&fixture, (const char *const[]){cases[i].answer, NULL});
        assert_false(ml_client_text(fixture.client, "x", &embedding, &fixture.err));
        assert_string_equal(error_name(&fixture.err), error_info(cases[i].code)->name);
        stop(&fixture);
        assert_int_equal(fake_http_count(&fixture.server, "POST "), 1); /* nothing is tried again here */
        end(&fixture);
    }
}

static void answers_are_read_with_care(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "", "[]", "{\"clip\":[1,2]}", "{\"clip\":null}", "{\"clip\"}", "{\"clip\":\"\"}", "{\"clip\":\"{}\"}"};
    struct error err = {0};
    _cleanup_(embedding_free) struct embedding embedding = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(ml_reply_parse(wrong[i], strlen(wrong[i]), &embedding, &err));
        assert_int_equal(err.code, ERROR_ML_BAD_REPLY);
    }
    static const char good[] = "{\"clip\": \"[1, 2]\", \"imageHeight\": 3, \"imageWidth\": 4}";
    assert_true(ml_reply_parse(good, strlen(good), &embedding, &err));
}

static void a_ping_asks_little(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture, (const char *const[]){"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npong", NULL});
    assert_true(ml_client_ping(fixture.client, &fixture.err));
    stop(&fixture);
    assert_non_null(strstr(buf_text(&fixture.server.requests), "GET /base/ping HTTP/1.1\r\n"));
    end(&fixture);
}

static void only_web_addresses_are_taken(void **state) {
    (void)state;
    struct error err = {0};
    struct ml_client *client = NULL;
    const struct ml_options options = {"ml:3003", "model", 1000, ""};
    assert_false(ml_client_new(&options, &client, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_goes_out_as_a_form), cmocka_unit_test(a_picture_goes_out_as_a_file),
        cmocka_unit_test(statuses_become_codes),     cmocka_unit_test(answers_are_read_with_care),
        cmocka_unit_test(a_ping_asks_little),        cmocka_unit_test(only_web_addresses_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
