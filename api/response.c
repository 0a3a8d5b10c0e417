#include "api/response.h"

#include "api/json_writer.h"
#include "common/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    ONE_WRITE_MAX = 65536, /* bodies up to this are sent together with their headers */
    SKIPPED_MAX = 65536,   /* an unread body up to this is skipped for the sake of the connection */
};

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
};

static const char *reason_of(int status) {
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return "Unknown";
}

static void append_header(struct buf *out, const char *name, const char *value) {
    buf_append_text(out, name);
    buf_append(out, ": ", 2);
    size_t start = out->length;
    buf_append_text(out, value);
    for (char *c = out->data + start; *c != '\0'; c++) {
        *c = (unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c;
    }
    buf_append(out, "\r\n", 2);
}

void response_header(struct request *request, const char *name, const char *value) {
    append_header(&request->response.headers, name, value);
}

/* Everything up to the empty line. length < 0: an answer that never has a body. */
static void append_head(struct request *request, int status, const char *content_type, int64_t length,
                        struct buf *out) {
    char date[CLOCK_HTTP_SIZE];
    clock_format_http(clock_now_ms(), date);
    buf_append_text(out, "HTTP/1.1 ");
    buf_append_int(out, status);
    buf_append_char(out, ' ');
    buf_append_text(out, reason_of(status));
    buf_append_text(out, "\r\nDate: ");
    buf_append(out, date, sizeof date - 1);
    buf_append_text(out, "\r\n");
    if (content_type != NULL) {
        append_header(out, "Content-Type", content_type);
    }
    if (length >= 0) {
        buf_append_text(out, "Content-Length: ");
        buf_append_int(out, length);
        buf_append_text(out, "\r\n");
    }
    append_header(out, "X-Request-Id", request->id);
    buf_append_text(out, "X-Content-Type-Options: nosniff\r\n");
    if (request->response.close) {
        buf_append_text(out, "Connection: close\r\n");
    } else if (request->http_1_0) {
        buf_append_text(out, "Connection: keep-alive\r\n");
    }
    buf_append(out, buf_text(&request->response.headers), request->response.headers.length);
    buf_append(out, "\r\n", 2);
}

static bool is_head(const struct request *request) {
    return request->method != NULL && strcmp(request->method, "HEAD") == 0;
}

static bool write_all(struct request *request, const void *bytes, size_t length) {
    bool written = request->stream.write(request->stream.context, bytes, length);
    request->response.close |= !written;
    return written;
}

/* A body that will not be read leaves the connection in no state for another request, unless it is short and on its way
 * already. */
static void decide_connection(struct request *request) {
    bool is_long = request->framing.chunked || request->framing.length > SKIPPED_MAX ||
                   (request->framing.length > 0 && request_header(request, "Expect") != NULL);
    if (is_long && !request->body_ended) {
        request->response.close = true;
    }
}

void response_send(struct request *request, int status, const char *content_type, const void *body, size_t length) {
    decide_connection(request);
    request->response.status = status;
    bool bodiless = status == 204 || status == 304;
    _cleanup_(buf_free) struct buf out = {0};
    buf_reserve(&out, 512);
    append_head(request, status, content_type, bodiless ? -1 : (int64_t)length, &out);
    bool with_body = !is_head(request) && !bodiless && length > 0;
    if (with_body && length <= ONE_WRITE_MAX) {
        buf_append(&out, body, length);
    }
    bool written = write_all(request, out.data, out.length);
    if (written && with_body && length > ONE_WRITE_MAX) {
        written = write_all(request, body, length);
    }
    if (written && with_body) {
        request->response.body_bytes = (int64_t)length;
    }
}

void response_json(struct request *request, int status, const struct buf *json) {
    response_header(request, "Cache-Control", "no-store");
    response_send(request, status, "application/json", buf_text(json), json->length);
}

bool response_start(struct request *request, int status, const char *content_type, int64_t length) {
    decide_connection(request);
    request->response.status = status;
    _cleanup_(buf_free) struct buf out = {0};
    append_head(request, status, content_type, length, &out);
    return write_all(request, out.data, out.length);
}

bool response_write(struct request *request, const void *bytes, size_t length) {
    if (is_head(request) || length == 0) {
        return true;
    }
    if (!write_all(request, bytes, length)) {
        return false;
    }
    request->response.body_bytes += (int64_t)length;
    return true;
}

static void write_complaints(struct json_writer *writer, const json_t *complaints) {
    json_writer_open(writer, "errors", '[');
    for (size_t i = 0; i < json_array_size(complaints); i++) {
        const json_t *complaint = json_array_get(complaints, i);
        json_writer_open(writer, NULL, '{');
        json_writer_text(writer, "field", json_text(complaint, "field"));
        json_writer_text(writer, "message", json_text(complaint, "message"));
        json_writer_close(writer, '}');
    }
    json_writer_close(writer, ']');
}

void response_problem_json(const struct error *err, const json_t *complaints, const char *request_id,
                           struct buf *ret_json) {
    const struct error_info *info = error_info(err->code);
    bool tell = info->http_status < 500 && err->message[0] != '\0';
    struct json_writer writer = json_writer_to(ret_json);
    json_writer_open(&writer, NULL, '{');
    char type[80];
    snprintf(type, sizeof type, "urn:sluice:error:%s", info->name);
    json_writer_text(&writer, "type", type);
    json_writer_text(&writer, "title", info->title);
    json_writer_int(&writer, "status", info->http_status);
    json_writer_text(&writer, "detail", tell ? err->message : info->title);
    json_writer_text(&writer, "code", info->name);
    write_complaints(&writer, complaints);
    json_writer_text(&writer, "request_id", request_id);
    json_writer_close(&writer, '}');
}

static void add_retry_after(struct request *request) {
    char seconds[24];
    int64_t wait_s = request->response.retry_after_s;
    snprintf(seconds, sizeof seconds, "%" PRId64, wait_s > 0 ? wait_s : 1);
    response_header(request, "Retry-After", seconds);
}

/* RFC 6750, section 3. Its error_description has neither quotes nor backslashes nor anything but ASCII. */
static void add_challenge(struct request *request, const struct error *err) {
    _cleanup_(buf_free) struct buf value = {0};
    buf_append_text(&value, "Bearer realm=\"sluice\"");
    if (request->response.challenge != NULL) {
        buf_printf(&value, ", error=\"%s\", error_description=\"", request->response.challenge);
        for (const char *c = err->message; *c != '\0'; c++) {
            buf_append_char(&value, *c < ' ' || *c > '~' || *c == '"' || *c == '\\' ? '?' : *c);
        }
        buf_append_char(&value, '"');
    }
    if (err->code == ERROR_FORBIDDEN && request->match.route != NULL) {
        buf_printf(&value, ", scope=\"%s\"", scope_name(request->match.route->scope));
    }
    response_header(request, "WWW-Authenticate", buf_text(&value));
}

/* Clients that were made for Companion look for these. */
static void append_companion(const struct error *err, struct buf *json) {
    const struct error_info *info = error_info(err->code);
    const char *text = info->http_status < 500 && err->message[0] != '\0' ? err->message : info->title;
    struct json_writer writer = json_writer_reopen(json);
    json_writer_text(&writer, "error", text);
    json_writer_text(&writer, "message", text);
    json_writer_close(&writer, '}');
}

int response_begin_problem(struct request *request, const struct error *err) {
    int status = error_info(err->code)->http_status;
    request->response.code = err->code;
    if (status == 429 || status == 503) {
        add_retry_after(request);
    }
    bool lacks_scope = err->code == ERROR_FORBIDDEN && request->response.challenge != NULL;
    if (status == 401 || lacks_scope) {
        add_challenge(request, err);
    }
    return status;
}

void response_problem(struct request *request, const struct error *err) {
    int status = response_begin_problem(request, err);
    _cleanup_(buf_free) struct buf json = {0};
    response_problem_json(err, request->reader.complaints, request->id, &json);
    if (request->is_for_signer) {
        append_companion(err, &json);
    }
    response_header(request, "Cache-Control", "no-store");
    response_send(request, status, "application/problem+json", json.data, json.length);
}
