#include "cli/object_send.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/crypto.h"
#include "common/s3_xml.h"

enum {
    HEADERS_MAX = 40,
    STATUS_PRECONDITION_FAILED = 412,
    ATTEMPTS_MAX = 8,
    RETRY_BASE_MS = 500,
    RETRY_CAP_MS = 10000,
};

struct http_client *object_client_new(const char *ca_file) {
    struct http_client_options options = {
        .ca_file = ca_file, .unreachable = ERROR_STORE_UNAVAILABLE, .failed = ERROR_STORE_ERROR};
    return http_client_new(&options);
}

static enum error_code code_of(int status) {
    switch (status) {
    case 401:
    case 403:
        return ERROR_STORE_DENIED;
    case 404:
        return ERROR_STORE_NOT_FOUND;
    case 409:
    case 412:
        return ERROR_STORE_PRECONDITION;
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
        return ERROR_STORE_UNAVAILABLE;
    default:
        return ERROR_STORE_ERROR;
    }
}

bool object_problem(const struct http_reply *reply, struct error *err) {
    char code[S3_XML_MAX_CODE];
    s3_xml_error_code(buf_text(&reply->body), reply->body.length, code);
    return error_set(err, code_of(reply->status), "the store answered %d%s%s", reply->status, *code != '\0' ? " " : "",
                     code);
}

bool object_send(struct http_client *store, const char *method, const char *url, const json_t *headers,
                 struct file_body *body, struct http_reply *reply, struct error *err) {
    struct http_header list[HEADERS_MAX];
    struct http_request request = {.method = method,
                                   .url = url,
                                   .headers = list,
                                   .idempotent = true,
                                   .source = file_body_read,
                                   .source_context = body,
                                   .body_length = file_body_length(body)};
    const char *name = NULL;
    const json_t *value = NULL;
    json_object_foreach ((json_t *)headers, name, value) {
        if (request.header_count == HEADERS_MAX || !json_is_string(value)) {
            return error_set(err, ERROR_BAD_REQUEST, "the API asks for headers that cannot be sent");
        }
        list[request.header_count++] = (struct http_header){.name = name, .value = json_string_value(value)};
    }
    if (!http_client_send(store, &request, reply, err)) {
        return false;
    }
    bool arrived_before = reply->status == STATUS_PRECONDITION_FAILED && reply->attempts > 1;
    return (reply->status >= 200 && reply->status < 300) || arrived_before || object_problem(reply, err);
}

bool object_may_retry(unsigned attempt, const struct error *err) {
    if (error_disposition(err) == PERMANENT || err->code == ERROR_SHUTTING_DOWN || attempt + 1 >= ATTEMPTS_MAX) {
        return false;
    }
    uint64_t random = 0;
    random_bytes(&random, sizeof random);
    clock_sleep_ms(backoff_ms(attempt, RETRY_BASE_MS, RETRY_CAP_MS, random));
    return true;
}
