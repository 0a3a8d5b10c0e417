/* Requests and answers without a network: a whole API whose dependencies nobody listens for, and streams in memory.
 *
 * What a handler decides before it needs Postgres, Redis or the store is tested by this; what it does with them is driven
 * over the real services by tests/integration. */
#ifndef SLUICE_TESTS_UNIT_API_EXCHANGE_H
#define SLUICE_TESTS_UNIT_API_EXCHANGE_H

#include "api/dispatch.h"
#include "api/routes.h"
#include "common/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { EXCHANGE_HEADERS_MAX = 8 };

struct exchange {
    const char *method, *path, *query, *body;
    struct http_header headers[EXCHANGE_HEADERS_MAX]; /* ends with a NULL name; Content-Length is added */
    size_t taken;                                     /* of the body */
    struct buf sent;                                  /* the whole answer */
    int status;
    bool closed;
};

/* Settings of an API on which nothing works: each dependency is an address that refuses connections. */
static inline struct config *exchange_config(void) {
    static const char *const settings[][2] = {
        {"SLUICE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"},
        {"SLUICE_REDIS_URL", "redis://127.0.0.1:1/0"},
        {"SLUICE_S3_ENDPOINT", "http://127.0.0.1:1"},
        {"SLUICE_S3_BUCKET", "bucket"},
        {"SLUICE_S3_ACCESS_KEY", "AKIDEXAMPLE"},
        {"SLUICE_S3_SECRET_KEY", "secret"},
        {"SLUICE_AUTH", "none"},
        {"SLUICE_EVENTS_KEY", "the-events-key"},
        {"SLUICE_CORS_ORIGINS", "https://app.example"},
        {"SLUICE_HTTP_THREADS", "4"},
        {"SLUICE_WAIT_MAX", "0"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        setenv(settings[i][0], settings[i][1], 0);
    }
    struct config *config = NULL;
    struct error error = {0};
    if (!config_load(CONFIG_API, NULL, &config, &error)) {
        fail_msg("%s", error.message);
    }
    return config;
}

struct exchange_api {
    struct config *config;
    struct api *api;
};

static inline struct exchange_api exchange_api_new(void) {
    metrics_start();
    struct exchange_api made = {.config = exchange_config()};
    struct error error = {0};
    if (!api_new(made.config, &made.api, &error)) {
        fail_msg("%s", error.message);
    }
    return made;
}

static inline void exchange_api_free(struct exchange_api *made) {
    api_free(made->api);
    config_free(made->config);
}

static inline enum http_read_result exchange_read(void *context, void *ret_bytes, size_t capacity, size_t *ret_length) {
    struct exchange *exchange = context;
    size_t left = exchange->body == NULL ? 0 : strlen(exchange->body) - exchange->taken;
    *ret_length = left < capacity ? left : capacity;
    if (*ret_length > 0) {
        memcpy(ret_bytes, exchange->body + exchange->taken, *ret_length);
        exchange->taken += *ret_length;
    }
    return left == 0 ? HTTP_READ_BROKEN : HTTP_READ_OK;
}

static inline void exchange_extend(void *context, int64_t timeout_ms) {
    (void)context;
    (void)timeout_ms;
}

static inline bool exchange_write(void *context, const void *bytes, size_t length) {
    struct exchange *exchange = context;
    buf_append(&exchange->sent, bytes, length);
    return true;
}

static inline void exchange_free(struct exchange *exchange) {
    buf_free(&exchange->sent);
}

/* A request of the exchange; the caller frees it. `headers` must stay as long as it. */
static inline struct request exchange_request(struct exchange *exchange, struct http_header *headers, char *length) {
    struct request request = {.method = exchange->method, .raw_path = exchange->path, .headers = headers};
    request.query = exchange->query == NULL ? "" : exchange->query;
    request.framing.length = -1;
    request.stream = (struct http_stream){
        .context = exchange, .read = exchange_read, .extend = exchange_extend, .write = exchange_write};
    for (; exchange->headers[request.header_count].name != NULL; request.header_count++) {
        headers[request.header_count] = exchange->headers[request.header_count];
    }
    if (exchange->body != NULL) {
        snprintf(length, 24, "%zu", strlen(exchange->body));
        headers[request.header_count++] = (struct http_header){"Content-Length", length};
    }
    return request;
}

/* Sends it through the whole of dispatch with the real routes. */
static inline void exchange_run(struct api *api, struct exchange *exchange) {
    struct http_header headers[EXCHANGE_HEADERS_MAX + 1];
    char length[24];
    struct request request = exchange_request(exchange, headers, length);
    struct dispatch dispatch = {.api = api, .routes = routes, .route_count = route_count};
    buf_clear(&exchange->sent);
    exchange->taken = 0;
    dispatch_request(&dispatch, &request);
    exchange->status = request.response.status;
    exchange->closed = request.response.close;
    request_free(&request);
}

/* Runs it and expects this status, and this text in the answer. */
static inline void exchange_expect(struct api *api, struct exchange exchange, int status, const char *text) {
    exchange_run(api, &exchange);
    if (exchange.status != status || strstr(buf_text(&exchange.sent), text) == NULL) {
        print_error("expected %d and %s in:\n%s\n", status, text, buf_text(&exchange.sent));
    }
    assert_int_equal(exchange.status, status);
    assert_non_null(strstr(buf_text(&exchange.sent), text));
    exchange_free(&exchange);
}

/* Set-up and tear-down of a group of tests whose state is such an API. */
static inline int exchange_start(void **state) {
    *state = exchange_api_new().api;
    return 0;
}

static inline int exchange_stop(void **state) {
    struct exchange_api made = {.api = *state};
    made.config = (struct config *)made.api->config;
    exchange_api_free(&made);
    return 0;
}

#endif
