#include "common/s3_request.h"

#include "common/clock.h"
#include "common/encode.h"
#include "common/s3_xml.h"
#include "common/xalloc.h"

#include <string.h>

enum { HEADERS_MAX = S3_REQUEST_HEADERS_MAX + 4 };

static const char empty_hash[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

void s3_request_header(struct s3_request *request, const char *name, const char *value) {
    if (value != NULL && request->header_count < S3_REQUEST_HEADERS_MAX) {
        request->headers[request->header_count++] = (struct http_header){name, value};
    }
}

void s3_request_query(struct s3_request *request, const char *name, const char *value) {
    if (value != NULL && request->query_count < S3_REQUEST_QUERY_MAX) {
        request->query[request->query_count++] = (struct sigv4_pair){name, value};
    }
}

void s3_request_xml(struct s3_request *request, const struct buf *xml, struct buf *ret_checksum) {
    unsigned char digest[SHA256_SIZE];
    sha256_of(xml->data, xml->length, digest);
    encode_base64(ret_checksum, digest, sizeof digest);
    s3_request_header(request, "content-type", "application/xml");
    s3_request_header(request, "x-amz-checksum-sha256", buf_text(ret_checksum));
    request->body = (struct s3_body){.bytes = xml->data, .length = (int64_t)xml->length};
}

/* What x-amz-content-sha256 says of a body. */
static void payload_hash(const struct s3_body *body, char ret_hash[SHA256_HEX_SIZE]) {
    if (body->sha256 != NULL) {
        encode_hex(body->sha256, SHA256_SIZE, ret_hash);
    } else if (body->length == 0) {
        memcpy(ret_hash, empty_hash, sizeof empty_hash);
    } else if (body->bytes != NULL) {
        sha256_hex_of(body->bytes, (size_t)body->length, ret_hash);
    } else {
        memcpy(ret_hash, SIGV4_UNSIGNED_PAYLOAD, sizeof SIGV4_UNSIGNED_PAYLOAD);
    }
}

/* Host is signed but left to curl; the last header is the signature. Returns how many headers there are to send. */
static size_t sign(struct s3_client *client, const struct s3_request *request, const char *path, const char *amz_date,
                   int64_t now_ms, const char *hash, struct buf *authorization,
                   struct http_header ret_headers[HEADERS_MAX]) {
    struct sigv4_pair signing[HEADERS_MAX];
    size_t count = 0;
    memcpy(ret_headers, request->headers, request->header_count * sizeof *ret_headers);
    count = request->header_count;
    ret_headers[count++] = (struct http_header){"x-amz-date", amz_date};
    ret_headers[count++] = (struct http_header){"x-amz-content-sha256", hash};
    if (sigv4_session_token(client->signer) != NULL) {
        ret_headers[count++] = (struct http_header){"x-amz-security-token", sigv4_session_token(client->signer)};
    }
    for (size_t i = 0; i < count; i++) {
        signing[i] = (struct sigv4_pair){ret_headers[i].name, ret_headers[i].value};
    }
    signing[count] = (struct sigv4_pair){"host", client->endpoint.host};
    const struct sigv4_request canonical = {
        .method = request->method,
        .path = path,
        .query = request->query,
        .query_count = request->query_count,
        .headers = signing,
        .header_count = count + 1,
        .payload_hash = hash,
    };
    sigv4_authorization(client->signer, &canonical, now_ms, authorization);
    ret_headers[count++] = (struct http_header){"authorization", buf_text(authorization)};
    return count;
}

static void append_url(const struct s3_client *client, const struct s3_request *request, const char *path,
                       struct buf *out) {
    buf_printf(out, "%s://%s", client->endpoint.scheme, client->endpoint.host);
    sigv4_path(path, false, out);
    if (request->query_count > 0) {
        buf_append_char(out, '?');
        sigv4_query(request->query, request->query_count, out);
    }
}

/* S3's codes that say more than the status does. */
static const struct {
    const char *code;
    enum error_code error;
} known_codes[] = {
    {"AccessDenied", ERROR_STORE_DENIED},
    {"ConditionalRequestConflict", ERROR_STORE_PRECONDITION},
    {"ExpiredToken", ERROR_STORE_DENIED},
    {"InternalError", ERROR_STORE_UNAVAILABLE},
    {"InvalidAccessKeyId", ERROR_STORE_DENIED},
    {"InvalidRange", ERROR_RANGE_NOT_SATISFIABLE},
    {"InvalidToken", ERROR_STORE_DENIED},
    {"NoSuchBucket", ERROR_STORE_NOT_FOUND},
    {"NoSuchKey", ERROR_STORE_NOT_FOUND},
    {"NoSuchUpload", ERROR_STORE_NOT_FOUND},
    {"NoSuchVersion", ERROR_STORE_NOT_FOUND},
    {"NotImplemented", ERROR_NOT_IMPLEMENTED},
    {"PreconditionFailed", ERROR_STORE_PRECONDITION},
    {"RequestTimeTooSkewed", ERROR_STORE_DENIED},
    {"RequestTimeout", ERROR_STORE_UNAVAILABLE},
    {"ServiceUnavailable", ERROR_STORE_UNAVAILABLE},
    {"SignatureDoesNotMatch", ERROR_STORE_DENIED},
    {"SlowDown", ERROR_STORE_UNAVAILABLE},
    {"XAdminUserNotFound", ERROR_STORE_DENIED}, /* versitygw of an unknown access key, with 404 */
};

static enum error_code code_of_status(int status) {
    switch (status) {
    case 401:
    case 403:
        return ERROR_STORE_DENIED;
    case 404:
        return ERROR_STORE_NOT_FOUND;
    case 409:
    case 412:
        return ERROR_STORE_PRECONDITION;
    case 416:
        return ERROR_RANGE_NOT_SATISFIABLE;
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
    case 507: /* the store is full */
        return ERROR_STORE_UNAVAILABLE;
    case 501:
        return ERROR_NOT_IMPLEMENTED;
    default:
        return ERROR_STORE_ERROR;
    }
}

/* A 404 counts as "no such object" only if it says so, or has no body (HEAD): it may come from a proxy on the way, and
 * an object taken for gone is given up. */
static enum error_code code_of_reply(const struct http_reply *reply, const char *code) {
    for (size_t i = 0; i < sizeof known_codes / sizeof known_codes[0]; i++) {
        if (strcmp(known_codes[i].code, code) == 0) {
            return known_codes[i].error;
        }
    }
    bool says_else = code[0] != '\0' || reply->body.length > 0;
    return reply->status == 404 && says_else ? ERROR_STORE_ERROR : code_of_status(reply->status);
}

static bool fail(const char *what, const struct http_reply *reply, const char *code, struct error *err) {
    return error_set(err, code_of_reply(reply, code), "%s: the store answered %d %s", what, reply->status, code);
}

static bool is_code(const char *text) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.";
    return strlen(text) < S3_XML_MAX_CODE && strspn(text, allowed) == strlen(text);
}

/* From the body, or, where there is none, from the header in which MinIO repeats it. */
static void read_code(const struct http_reply *reply, char ret_code[S3_XML_MAX_CODE]) {
    s3_xml_error_code(buf_text(&reply->body), reply->body.length, ret_code);
    const char *header = http_reply_header(reply, "x-minio-error-code");
    if (ret_code[0] == '\0' && header != NULL && is_code(header)) {
        snprintf(ret_code, S3_XML_MAX_CODE, "%s", header);
    }
}

bool s3_request_send(struct s3_client *client, const struct s3_request *request, struct error *err) {
    char amz_date[CLOCK_AMZ_SIZE];
    char hash[SHA256_HEX_SIZE];
    struct http_header headers[HEADERS_MAX];
    _cleanup_(buf_free) struct buf path = {0};
    _cleanup_(buf_free) struct buf url = {0};
    _cleanup_(buf_free) struct buf authorization = {0};
    int64_t now_ms = clock_now_ms();
    clock_format_amz(now_ms, amz_date);
    payload_hash(&request->body, hash);
    s3_endpoint_path(&client->endpoint, request->key, &path);
    append_url(client, request, buf_text(&path), &url);
    size_t count = sign(client, request, buf_text(&path), amz_date, now_ms, hash, &authorization, headers);
    const struct http_request http = {
        .method = request->method,
        .url = buf_text(&url),
        .headers = headers,
        .header_count = count,
        .idempotent = request->idempotent,
        .slow_reply = request->slow_reply,
        .body = request->body.bytes,
        .source = request->body.source,
        .source_context = request->body.source_context,
        .body_length = request->body.length,
        .sink = request->sink,
        .sink_context = request->sink_context,
        .sink_status = request->sink_status,
        .max_reply_bytes = request->max_reply_bytes,
        .total_timeout_ms = request->slow_reply ? S3_REQUEST_SLOW_TIMEOUT_MS : 0,
    };
    if (!http_client_send(client->http, &http, &client->reply, err)) {
        return false;
    }
    if (client->reply.status >= 200 && client->reply.status < 300) {
        return true;
    }
    char code[S3_XML_MAX_CODE];
    read_code(&client->reply, code);
    return fail(request->method, &client->reply, code, err);
}

bool s3_request_check_body(struct s3_client *client, const char *what, struct error *err) {
    char code[S3_XML_MAX_CODE];
    s3_xml_error_code(buf_text(&client->reply.body), client->reply.body.length, code);
    return code[0] == '\0' || fail(what, &client->reply, code, err);
}

void s3_request_copy_etag(const char *etag, char ret_etag[S3_ETAG_SIZE]) {
    size_t length = strlen(etag);
    if (length >= 2 && etag[0] == '"' && etag[length - 1] == '"') {
        etag++;
        length -= 2;
    }
    length = length < S3_ETAG_SIZE ? length : 0;
    memcpy(ret_etag, etag, length);
    ret_etag[length] = '\0';
}

/* A header's value, "" when it is absent or does not fit. */
static void copy_header(const struct http_reply *reply, const char *name, size_t size, char *ret_text) {
    const char *value = http_reply_header(reply, name);
    size_t length = value != NULL && strlen(value) < size ? strlen(value) : 0;
    memcpy(ret_text, length > 0 ? value : "", length);
    ret_text[length] = '\0';
}

/* `Content-Range: bytes 0-9/100` tells the size of the whole object. */
static int64_t object_size(const struct http_reply *reply) {
    const char *range = http_reply_header(reply, "content-range");
    const char *slash = range != NULL ? strchr(range, '/') : NULL;
    int64_t size = reply->content_length;
    if (slash != NULL && !parse_int64(slash + 1, 0, INT64_MAX, &size)) {
        size = -1;
    }
    return size;
}

void s3_request_read_object(const struct http_reply *reply, struct s3_object *ret_object) {
    const char *etag = http_reply_header(reply, "etag");
    const char *checksum = http_reply_header(reply, "x-amz-checksum-sha256");
    const char *modified = http_reply_header(reply, "last-modified");
    *ret_object = (struct s3_object){.size = object_size(reply)};
    s3_request_copy_etag(etag != NULL ? etag : "", ret_object->etag);
    copy_header(reply, "content-type", sizeof ret_object->content_type, ret_object->content_type);
    copy_header(reply, "x-amz-version-id", sizeof ret_object->version_id, ret_object->version_id);
    /* A checksum of parts has a "-2" behind it and is no base64 of 32 bytes. */
    ret_object->has_sha256 = checksum != NULL && decode_base64(checksum, ret_object->sha256, SHA256_SIZE);
    ret_object->last_modified_ms = modified != NULL ? clock_parse(modified) : 0;
}

bool s3_request_decode_key(const char *text, bool url_encoded, struct buf *out, struct error *err) {
    if (!url_encoded) {
        buf_append_text(out, text);
        return true;
    }
    size_t start = out->length;
    return (decode_uri(text, strlen(text), true, out) && utf8_valid(buf_text(out) + start, out->length - start)) ||
           error_set(err, ERROR_STORE_ERROR, "the store listed a key with a broken encoding");
}
