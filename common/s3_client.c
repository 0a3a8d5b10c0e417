#include "common/s3_client.h"

#include "common/encode.h"
#include "common/s3_request.h"
#include "common/s3_xml.h"
#include "common/xalloc.h"

#include <string.h>

enum { DELETE_BATCH = 1000, DELETE_REPLY_BYTES = 2 << 20, RANGE_SIZE = 64 };

static struct http_client *make_http_client(const struct s3_config *config) {
    const struct http_client_options options = {
        .connect_timeout_ms = config->connect_timeout_ms,
        .total_timeout_ms = config->request_timeout_ms,
        .low_speed_bytes_s = config->low_speed_bytes_s,
        .low_speed_time_s = config->low_speed_time_s,
        .max_attempts = config->max_attempts,
        .ca_file = config->ca_file,
        .unreachable = ERROR_STORE_UNAVAILABLE,
        .failed = ERROR_STORE_ERROR,
    };
    return http_client_new(&options);
}

bool s3_client_new(const struct s3_config *config, struct s3_client **ret_client, struct error *err) {
    struct s3_endpoint endpoint = {0};
    if (!s3_endpoint_parse(config->endpoint, config->bucket, config->path_style, &endpoint, err)) {
        return false;
    }
    const struct sigv4_credentials credentials = {config->access_key, config->secret_key, config->session_token};
    struct s3_client *client = xcalloc(1, sizeof *client);
    client->endpoint = endpoint;
    client->bucket = xstrdup(config->bucket);
    client->region = xstrdup(config->region);
    client->signer = sigv4_signer_new(&credentials, config->region, "s3");
    client->http = make_http_client(config);
    *ret_client = client;
    return true;
}

void s3_client_free(struct s3_client *client) {
    if (client != NULL) {
        s3_endpoint_free(&client->endpoint);
        free(client->bucket);
        free(client->region);
        sigv4_signer_free(client->signer);
        http_client_free(client->http);
        http_reply_free(&client->reply);
        free(client);
    }
}

bool s3_client_head(struct s3_client *client, const char *key, struct s3_object *ret_object, struct error *err) {
    struct s3_request request = {.method = "HEAD", .key = key, .idempotent = true};
    s3_request_header(&request, "x-amz-checksum-mode", "ENABLED");
    if (!s3_request_send(client, &request, err)) {
        return false;
    }
    s3_request_read_object(&client->reply, ret_object);
    return true;
}

/* `bytes=0-9`, NULL for the whole object. */
static const char *range_text(const struct s3_get *get, char ret_text[RANGE_SIZE]) {
    if (get->length >= 0) {
        snprintf(ret_text, RANGE_SIZE, "bytes=%lld-%lld", (long long)get->offset,
                 (long long)(get->offset + get->length - 1));
    } else {
        snprintf(ret_text, RANGE_SIZE, "bytes=%lld-", (long long)get->offset);
    }
    return get->length < 0 && get->offset == 0 ? NULL : ret_text;
}

bool s3_client_get(struct s3_client *client, const struct s3_get *get, struct s3_object *ret_object,
                   struct error *err) {
    char range_buffer[RANGE_SIZE];
    char if_match[S3_ETAG_SIZE + 2];
    const char *range = range_text(get, range_buffer);
    struct s3_request request = {.method = "GET", .key = get->key, .idempotent = true};
    if (get->length == 0) {
        return error_set(err, ERROR_RANGE_NOT_SATISFIABLE, "a range must have at least one byte");
    }
    request.sink = get->sink;
    request.sink_context = get->sink_context;
    request.sink_status = range != NULL ? 206 : 200; /* a store that ignores Range must not reach the sink */
    s3_request_query(&request, "versionId", get->version_id);
    s3_request_header(&request, "range", range);
    s3_request_header(&request, "x-amz-checksum-mode", range == NULL ? "ENABLED" : NULL);
    if (get->if_match != NULL) {
        snprintf(if_match, sizeof if_match, "\"%s\"", get->if_match);
        s3_request_header(&request, "if-match", if_match);
    }
    if (!s3_request_send(client, &request, err)) {
        return false;
    }
    if (client->reply.status != request.sink_status) {
        return error_set(err, ERROR_STORE_ERROR, "GET: the store answered %d to a range", client->reply.status);
    }
    if (ret_object != NULL) {
        s3_request_read_object(&client->reply, ret_object);
    }
    return true;
}

struct bounded {
    struct buf *out;
    size_t left;
};

static bool take_bounded(void *context, const void *bytes, size_t length, struct error *err) {
    struct bounded *bounded = context;
    if (length > bounded->left) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "the object is larger than what is read at once");
    }
    bounded->left -= length;
    buf_append(bounded->out, bytes, length);
    return true;
}

bool s3_client_read(struct s3_client *client, const char *key, size_t max_bytes, struct buf *out,
                    struct s3_object *ret_object, struct error *err) {
    struct bounded bounded = {.out = out, .left = max_bytes};
    const struct s3_get get = {.key = key, .length = -1, .sink = take_bounded, .sink_context = &bounded};
    return s3_client_get(client, &get, ret_object, err);
}

bool s3_client_put(struct s3_client *client, const struct s3_put *put, struct s3_object *ret_object,
                   struct error *err) {
    _cleanup_(buf_free) struct buf checksum = {0};
    struct s3_request request = {.method = "PUT", .key = put->key, .body = put->body};
    /* Sent again after a lost reply, the condition would fail on our own object. */
    request.idempotent = !put->if_none_match;
    s3_request_header(&request, "content-type", put->content_type);
    s3_request_header(&request, "cache-control", put->cache_control);
    s3_request_header(&request, "content-disposition", put->content_disposition);
    s3_request_header(&request, "if-none-match", put->if_none_match ? "*" : NULL);
    if (put->body.sha256 != NULL) {
        encode_base64(&checksum, put->body.sha256, SHA256_SIZE);
        s3_request_header(&request, "x-amz-checksum-sha256", buf_text(&checksum));
    }
    if (!s3_request_send(client, &request, err)) {
        return false;
    }
    if (ret_object != NULL) {
        s3_request_read_object(&client->reply, ret_object);
        ret_object->size = put->body.length;
    }
    return true;
}

bool s3_client_delete(struct s3_client *client, const char *key, struct error *err) {
    struct error local = {0};
    const struct s3_request request = {.method = "DELETE", .key = key, .idempotent = true};
    if (s3_request_send(client, &request, &local) || (local.code == ERROR_STORE_NOT_FOUND)) {
        return true;
    }
    return error_set(err, local.code, "%s", local.message);
}

/* DeleteObjects names in its reply, being asked to be quiet, only what it could not delete. */
static bool take_delete_error(void *context, const char *path, const char *text, struct error *err) {
    (void)context;
    if (strcmp(path, "DeleteResult/Error/Code") == 0 && strcmp(text, "NoSuchKey") != 0) {
        return error_set(err, ERROR_STORE_ERROR, "POST: the store could not delete an object: %.60s", text);
    }
    return true;
}

static bool delete_batch(struct s3_client *client, const char *const *keys, size_t count, struct error *err) {
    _cleanup_(buf_free) struct buf xml = {0};
    _cleanup_(buf_free) struct buf checksum = {0};
    buf_append_text(&xml, "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>");
    for (size_t i = 0; i < count; i++) {
        buf_append_text(&xml, "<Object>");
        s3_xml_append(&xml, "Key", keys[i]);
        buf_append_text(&xml, "</Object>");
    }
    buf_append_text(&xml, "</Delete>");
    struct s3_request request = {.method = "POST", .idempotent = true, .max_reply_bytes = DELETE_REPLY_BYTES};
    s3_request_query(&request, "delete", "");
    s3_request_xml(&request, &xml, &checksum);
    return s3_request_send(client, &request, err) &&
           s3_xml_parse(buf_text(&client->reply.body), client->reply.body.length, take_delete_error, NULL, err);
}

bool s3_client_delete_many(struct s3_client *client, const char *const *keys, size_t count, struct error *err) {
    struct error first = {0};
    for (size_t i = 0; i < count; i += DELETE_BATCH) {
        size_t batch = count - i < DELETE_BATCH ? count - i : DELETE_BATCH;
        struct error local = {0};
        if (!delete_batch(client, keys + i, batch, &local) && first.code == ERROR_NONE) {
            first = local;
        }
    }
    return first.code == ERROR_NONE || error_set(err, first.code, "%s", first.message);
}
