#include "api/request.h"

#include "common/encode.h"
#include "common/upload_token_store.h"
#include "common/xalloc.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum {
    CHUNKED_PIECE = 4096,     /* asked for at once */
    BODY_RESERVE_MAX = 65536, /* memory promised to a Content-Length before bytes came */
};

void request_free(struct request *request) {
    route_match_free(&request->match);
    upload_token_free(request->upload_token);
    buf_free(&request->body);
    json_reader_free(&request->reader);
    json_decref(request->json);
    buf_free(&request->response.headers);
}

const char *request_header(const struct request *request, const char *name) {
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0) {
            return request->headers[i].value;
        }
    }
    return NULL;
}

void request_take_id(struct request *request) {
    static const char sane[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const char *sent = request_header(request, "X-Request-Id");
    size_t length = sent == NULL ? 0 : strlen(sent);
    if (length > 0 && length < sizeof request->id && strspn(sent, sane) == length) {
        memcpy(request->id, sent, length + 1);
    } else {
        char id[ID_TEXT_SIZE];
        id_new(id);
        memcpy(request->id, id, sizeof id);
    }
}

/* Where the raw value of a parameter starts and how long it is; NULL when absent. */
static const char *find_parameter(const char *query, const char *name, size_t *ret_length) {
    size_t name_length = strlen(name);
    for (const char *at = query; *at != '\0';) {
        size_t length = strcspn(at, "&");
        if (length >= name_length && memcmp(at, name, name_length) == 0 &&
            (length == name_length || at[name_length] == '=')) {
            size_t skip = length == name_length ? name_length : name_length + 1;
            *ret_length = length - skip;
            return at + skip;
        }
        at += length + (at[length] == '&' ? 1 : 0);
    }
    return NULL;
}

bool request_refuse(struct request *request, const char *field, const char *message, struct error *err) {
    json_complain(&request->reader, field, "%s", message);
    return error_set(err, ERROR_VALIDATION_FAILED, "%s %s", field, message);
}

static bool read_parameter(struct request *request, const char *text, const char *name, char **ret_value,
                           struct error *err) {
    *ret_value = NULL;
    size_t length = 0;
    const char *raw = find_parameter(text, name, &length);
    if (raw == NULL) {
        return true;
    }
    _cleanup_(buf_free) struct buf value = {0};
    if (!decode_uri(raw, length, true, &value) || !utf8_valid(buf_text(&value), value.length)) {
        return request_refuse(request, name, "is not well-formed", err);
    }
    buf_append(&value, "", 0);
    *ret_value = buf_take(&value);
    return true;
}

bool request_query(struct request *request, const char *name, char **ret_value, struct error *err) {
    return read_parameter(request, request->query, name, ret_value, err);
}

bool request_field(struct request *request, const char *name, char **ret_value, struct error *err) {
    if (request->json != NULL) {
        *ret_value = xstrdup(json_text(request->json, name));
        return true;
    }
    return read_parameter(request, buf_text(&request->body), name, ret_value, err);
}

bool request_query_int(struct request *request, const char *name, int64_t minimum, int64_t maximum, int64_t absent,
                       int64_t *ret_value, struct error *err) {
    _cleanup_(freep) char *text = NULL;
    char message[80];
    if (!request_query(request, name, &text, err)) {
        return false;
    }
    *ret_value = absent;
    snprintf(message, sizeof message, "must be an integer between %lld and %lld", (long long)minimum,
             (long long)maximum);
    return text == NULL || parse_int64(text, minimum, maximum, ret_value) ||
           request_refuse(request, name, message, err);
}

static bool body_failed(struct request *request, enum error_code code, const char *message, struct error *err) {
    request->response.close = true;
    return error_set(err, code, "%s", message);
}

/* How much to ask for next; 0 when the announced length is reached. */
static size_t next_piece(const struct request *request) {
    if (request->framing.chunked) {
        return CHUNKED_PIECE;
    }
    int64_t left = request->framing.length - (int64_t)request->body.length;
    return left > BODY_RESERVE_MAX ? BODY_RESERVE_MAX : (size_t)left;
}

static bool read_pieces(struct request *request, int64_t limit, struct error *err) {
    size_t wanted = 0;
    while ((wanted = next_piece(request)) > 0) {
        char *place = buf_reserve(&request->body, wanted);
        size_t length = 0;
        enum http_read_result result = request->stream.read(request->stream.context, place, wanted, &length);
        request->body.length += length;
        if (result == HTTP_READ_OK && length == 0 && request->framing.chunked) {
            return true;
        }
        if ((int64_t)request->body.length > limit) {
            return body_failed(request, ERROR_BODY_TOO_LARGE, "the body is larger than this route takes", err);
        }
        if (result == HTTP_READ_TIMEOUT) {
            return body_failed(request, ERROR_REQUEST_TIMEOUT, "the body did not arrive in time", err);
        }
        if (result != HTTP_READ_OK || length == 0) {
            return body_failed(request, ERROR_BAD_REQUEST, "the body ended early or is not well chunked", err);
        }
    }
    return true;
}

bool request_continue(struct request *request, struct error *err) {
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const char *expect = request_header(request, "Expect");
    request->continued = expect != NULL && strcasecmp(expect, "100-continue") == 0;
    return !request->continued || request->stream.write(request->stream.context, go_on, sizeof go_on - 1) ||
           body_failed(request, ERROR_BAD_REQUEST, "the client is gone", err);
}

bool request_read_body(struct request *request, int64_t limit, struct error *err) {
    if (!request->framing.chunked && request->framing.length <= 0) {
        request->body_ended = true;
        return true;
    }
    if (request->framing.length > limit) {
        return body_failed(request, ERROR_BODY_TOO_LARGE, "the body is larger than this route takes", err);
    }
    if (!request_continue(request, err) || !read_pieces(request, limit, err)) {
        return false;
    }
    request->body_ended = true;
    buf_append(&request->body, "", 0);
    return true;
}

bool request_file_id(struct request *request, char ret_file_id[ID_TEXT_SIZE], struct error *err) {
    const char *text = request->match.parameters[0];
    if (!id_valid(text)) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such file");
    }
    for (size_t i = 0; i < ID_TEXT_SIZE; i++) {
        ret_file_id[i] = (char)tolower((unsigned char)text[i]);
    }
    memcpy(request->file_id, ret_file_id, ID_TEXT_SIZE);
    return true;
}
