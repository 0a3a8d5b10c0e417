#include "common/ml_client.h"

#include "common/crypto.h"
#include "common/encode.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/xalloc.h"

enum {
    PING_TIMEOUT_MS = 3000,
    REPLY_MAX_BYTES = 1 << 20,
    REPLY_DEPTH = 4,
    BOUNDARY_BYTES = 16,
};

struct ml_client {
    struct http_client *http;
    char *url;
    char *model;
    int64_t timeout_ms;
};

static bool is_web_address(const char *url) {
    return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

bool ml_client_check(const char *url, struct error *err) {
    return *url == '\0' || is_web_address(url) ||
           error_set(err, ERROR_CONFIG, "SLUICE_ML_URL must begin with http:// or https://");
}

bool ml_client_new(const struct ml_options *options, struct ml_client **ret_client, struct error *err) {
    if (!ml_client_check(options->url, err)) {
        return false;
    }
    const struct http_client_options http = {
        .ca_file = options->ca_file,
        .total_timeout_ms = options->timeout_ms,
        .max_attempts = 1, /* whoever asks tries again later, from a row of the database */
        .unreachable = ERROR_ML_UNAVAILABLE,
        .failed = ERROR_ML_BAD_REPLY,
    };
    size_t length = strlen(options->url);
    while (length > 0 && options->url[length - 1] == '/') {
        length--;
    }
    struct ml_client *client = xcalloc(1, sizeof *client);
    client->http = http_client_new(&http);
    client->url = xstrndup(options->url, length);
    client->model = xstrdup(options->model);
    client->timeout_ms = options->timeout_ms;
    *ret_client = client;
    return true;
}

void ml_client_free(struct ml_client *client) {
    if (client != NULL) {
        http_client_free(client->http);
        free(client->url);
        free(client->model);
        free(client);
    }
}

bool ml_reply_parse(const char *body, size_t length, struct embedding *ret_embedding, struct error *err) {
    _cleanup_(json_freep) json_t *reply = NULL;
    if (!json_parse(body, length, REPLY_DEPTH, &reply, err)) {
        err->code = ERROR_ML_BAD_REPLY;
        return error_prefix(err, "the answer");
    }
    const char *clip = json_text(reply, "clip");
    if (clip == NULL) {
        return error_set(err, ERROR_ML_BAD_REPLY, "the answer has no text `clip`");
    }
    return embedding_parse_json(clip, strlen(clip), ret_embedding, err);
}

/* {"clip":{"visual":{"modelName":…}}}, or "textual". */
static char *entries_json(const struct ml_client *client, const char *type) {
    _cleanup_(json_freep) json_t *entries = json_object();
    json_t *model = json_object();
    json_t *types = json_object();
    json_set_text(model, "modelName", client->model);
    json_set(types, type, model);
    json_set(entries, "clip", types);
    return json_to_text(entries);
}

struct form {
    char boundary[2 * BOUNDARY_BYTES + 1];
    struct buf body;
};

static void form_free(struct form *form) {
    buf_free(&form->body);
}

/* A boundary that no content can have foreseen. */
static void form_start(struct form *form) {
    unsigned char random[BOUNDARY_BYTES];
    random_bytes(random, sizeof random);
    encode_hex(random, sizeof random, form->boundary);
}

static void form_add(struct form *form, const char *disposition, const char *content_type, const void *bytes,
                     size_t length) {
    buf_printf(&form->body, "--%s\r\nContent-Disposition: form-data; %s\r\nContent-Type: %s\r\n\r\n", form->boundary,
               disposition, content_type);
    buf_append(&form->body, bytes, length);
    buf_append_text(&form->body, "\r\n");
}

static bool check_status(const struct http_reply *reply, struct error *err) {
    if (reply->status == 200) {
        return true;
    }
    bool is_gateway = reply->status >= 502 && reply->status <= 504;
    return error_set(err, is_gateway ? ERROR_ML_UNAVAILABLE : ERROR_ML_REFUSED, "the service answered %d",
                     reply->status);
}

static bool predict(struct ml_client *client, struct form *form, struct embedding *ret_embedding, struct error *err) {
    _cleanup_(buf_free) struct buf url = {0};
    _cleanup_(http_reply_free) struct http_reply reply = {0};
    char content_type[sizeof form->boundary + 64];
    buf_printf(&form->body, "--%s--\r\n", form->boundary);
    buf_printf(&url, "%s/predict", client->url);
    snprintf(content_type, sizeof content_type, "multipart/form-data; boundary=%s", form->boundary);
    const struct http_header headers[] = {{"Content-Type", content_type}, {"Accept", "application/json"}};
    const struct http_request request = {
        .method = "POST",
        .url = buf_text(&url),
        .headers = headers,
        .header_count = sizeof headers / sizeof headers[0],
        .slow_reply = true,
        .body = form->body.data,
        .body_length = (int64_t)form->body.length,
        .max_reply_bytes = REPLY_MAX_BYTES,
    };
    return http_client_send(client->http, &request, &reply, err) && check_status(&reply, err) &&
           ml_reply_parse(buf_text(&reply.body), reply.body.length, ret_embedding, err);
}

bool ml_client_image(struct ml_client *client, const struct buf *picture, const char *content_type,
                     struct embedding *ret_embedding, struct error *err) {
    _cleanup_(form_free) struct form form = {0};
    _cleanup_(freep) char *entries = entries_json(client, "visual");
    form_start(&form);
    form_add(&form, "name=\"entries\"", "application/json", entries, strlen(entries));
    form_add(&form, "name=\"image\"; filename=\"image\"", content_type, picture->data, picture->length);
    return predict(client, &form, ret_embedding, err);
}

bool ml_client_text(struct ml_client *client, const char *text, struct embedding *ret_embedding, struct error *err) {
    _cleanup_(form_free) struct form form = {0};
    _cleanup_(freep) char *entries = entries_json(client, "textual");
    form_start(&form);
    form_add(&form, "name=\"entries\"", "application/json", entries, strlen(entries));
    form_add(&form, "name=\"text\"", "text/plain; charset=utf-8", text, strlen(text));
    return predict(client, &form, ret_embedding, err);
}

bool ml_client_ping(struct ml_client *client, struct error *err) {
    _cleanup_(buf_free) struct buf url = {0};
    _cleanup_(http_reply_free) struct http_reply reply = {0};
    buf_printf(&url, "%s/ping", client->url);
    const struct http_request request = {
        .method = "GET", .url = buf_text(&url), .idempotent = true, .total_timeout_ms = PING_TIMEOUT_MS};
    return http_client_send(client->http, &request, &reply, err) && check_status(&reply, err);
}
