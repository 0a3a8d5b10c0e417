#include "cli/api_client.h"

#include "common/xalloc.h"

#include <string.h>

enum { CALL_TIMEOUT_S = 30, MAX_REPLY_BYTES = 4 << 20, MAX_HEADERS = 4 };

struct api_client {
    struct http_client *http;
    char *url;           /* without a slash at its end */
    char *authorization; /* NULL: no key */
};

struct api_client *api_client_new(const char *url, const char *key) {
    struct http_client_options options = {.unreachable = ERROR_OVERLOADED, .failed = ERROR_BAD_REQUEST};
    struct api_client *client = xcalloc(1, sizeof *client);
    client->http = http_client_new(&options);
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/') {
        length--;
    }
    client->url = xstrndup(url, length);
    client->authorization = key != NULL && *key != '\0' ? xasprintf("Bearer %s", key) : NULL;
    return client;
}

void api_client_free(struct api_client *client) {
    if (client != NULL) {
        http_client_free(client->http);
        free(client->url);
        free(client->authorization);
        free(client);
    }
}

bool api_problem(const struct http_reply *reply, struct error *err) {
    _cleanup_(json_freep) json_t *problem = NULL;
    if (!json_parse(buf_text(&reply->body), reply->body.length, JSON_MAX_DEPTH, &problem, NULL)) {
        return error_set(err, ERROR_BAD_REQUEST, "the API answered %d", reply->status);
    }
    const char *code = json_text(problem, "code");
    const char *detail = json_text(problem, "detail");
    const json_t *first = json_array_get(json_object_get(problem, "errors"), 0);
    const char *field = json_text(first, "field");
    const char *message = json_text(first, "message");
    if (field != NULL && message != NULL) {
        return error_set(err, error_code_of(code), "%s: %s %s", code != NULL ? code : "problem", field, message);
    }
    return error_set(err, error_code_of(code), "%s: %s", code != NULL ? code : "problem",
                     detail != NULL ? detail : "the API gave no detail");
}

static void add_header(struct http_header *headers, size_t *count, const char *name, const char *value) {
    if (value != NULL) {
        headers[(*count)++] = (struct http_header){.name = name, .value = value};
    }
}

static bool send_request(struct api_client *client, const struct http_request *request, struct http_reply *reply,
                         struct error *err) {
    if (!http_client_send(client->http, request, reply, err)) {
        return error_prefix(err, "%s", client->url);
    }
    return (reply->status >= 200 && reply->status < 300) || api_problem(reply, err);
}

/* ret_reply NULL: it does not matter. */
static bool send_for_json(struct api_client *client, const struct http_request *request, json_t **ret_reply,
                          struct error *err) {
    _cleanup_(http_reply_free) struct http_reply reply = {0};
    if (!send_request(client, request, &reply, err)) {
        return false;
    }
    return ret_reply == NULL || json_parse(buf_text(&reply.body), reply.body.length, JSON_MAX_DEPTH, ret_reply, err) ||
           error_prefix(err, "%s answered something else than JSON", client->url);
}

bool api_client_call(struct api_client *client, const struct api_call *call, json_t **ret_reply, struct error *err) {
    struct http_header headers[MAX_HEADERS];
    size_t header_count = 0;
    add_header(headers, &header_count, "Authorization", client->authorization);
    add_header(headers, &header_count, "Idempotency-Key", call->idempotency_key);
    add_header(headers, &header_count, "Content-Type", call->body != NULL ? "application/json" : NULL);
    _cleanup_(freep) char *url = xasprintf("%s%s", client->url, call->path);
    _cleanup_(freep) char *body = call->body != NULL ? json_to_text(call->body) : NULL;
    struct http_request request = {.method = call->method,
                                   .url = url,
                                   .headers = headers,
                                   .header_count = header_count,
                                   .idempotent = call->idempotent || call->idempotency_key != NULL,
                                   .slow_reply = true,
                                   .body = body,
                                   .body_length = body != NULL ? (int64_t)strlen(body) : 0,
                                   .max_reply_bytes = MAX_REPLY_BYTES,
                                   .total_timeout_ms =
                                       (call->timeout_s > 0 ? call->timeout_s : CALL_TIMEOUT_S) * INT64_C(1000)};
    return send_for_json(client, &request, ret_reply, err);
}

bool api_client_post_form(struct api_client *client, const struct api_form *form, json_t **ret_reply,
                          struct error *err) {
    struct http_header headers[MAX_HEADERS];
    size_t header_count = 0;
    add_header(headers, &header_count, "Authorization", client->authorization);
    add_header(headers, &header_count, "Idempotency-Key", form->idempotency_key);
    add_header(headers, &header_count, "Content-Type", form->content_type);
    _cleanup_(freep) char *url = xasprintf("%s%s", client->url, form->path);
    const struct http_request request = {.method = "POST",
                                         .url = url,
                                         .headers = headers,
                                         .header_count = header_count,
                                         .idempotent = form->idempotency_key != NULL,
                                         .slow_reply = true,
                                         .source = file_body_read,
                                         .source_context = form->body,
                                         .body_length = file_body_length(form->body),
                                         .total_timeout_ms = form->seconds * INT64_C(1000)};
    return send_for_json(client, &request, ret_reply, err);
}

bool api_client_download(struct api_client *client, const char *path, http_sink sink, void *sink_context,
                         struct error *err) {
    struct http_header headers[MAX_HEADERS];
    size_t header_count = 0;
    add_header(headers, &header_count, "Authorization", client->authorization);
    _cleanup_(freep) char *url = xasprintf("%s%s", client->url, path);
    struct http_request request = {.method = "GET",
                                   .url = url,
                                   .headers = headers,
                                   .header_count = header_count,
                                   .idempotent = true,
                                   .sink = sink,
                                   .sink_context = sink_context};
    _cleanup_(http_reply_free) struct http_reply reply = {0};
    return send_request(client, &request, &reply, err);
}
