#include "common/http_client.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/crypto.h"
#include "common/encode.h"
#include "common/http_handle.h"
#include "common/xalloc.h"

#include <string.h>

enum {
    DEFAULT_CONNECT_TIMEOUT_MS = 3000,
    DEFAULT_LOW_SPEED_BYTES_S = 1024,
    DEFAULT_LOW_SPEED_TIME_S = 20,
    DEFAULT_MAX_ATTEMPTS = 3,
    DEFAULT_MAX_REPLY_BYTES = 65536,
    MAX_HEADER_BYTES = 65536,
    RETRY_BASE_MS = 50,
    RETRY_CAP_MS = 2000,
    TRANSFER_BUFFER_BYTES = 128 << 10,
};

struct http_client {
    CURL *easy; /* keeps connections from one request to the next */
    struct http_client_options options;
    char *ca_file;
    char *proxy;
    char curl_message[CURL_ERROR_SIZE];
};

/* One attempt. */
struct transfer {
    CURL *easy;
    const struct http_request *request;
    struct http_reply *reply;
    struct error *err;
    enum error_code failed_code;
    int64_t sent;     /* offset of the next byte of the request's body */
    bool sink_used;   /* the sink has got bytes */
    bool call_failed; /* a callback has filled err */
};

static int64_t or_default(int64_t value, int64_t fallback) {
    return value > 0 ? value : fallback;
}

struct http_client *http_client_new(const struct http_client_options *options) {
    struct http_client *client = xcalloc(1, sizeof *client);
    client->options = *options;
    client->options.max_attempts = or_default(options->max_attempts, DEFAULT_MAX_ATTEMPTS);
    client->ca_file = xstrdup(options->ca_file);
    client->proxy = xstrdup(options->proxy != NULL ? options->proxy : "");
    client->easy = http_handle_new();
    return client;
}

void http_client_free(struct http_client *client) {
    if (client != NULL) {
        curl_easy_cleanup(client->easy);
        free(client->ca_file);
        free(client->proxy);
        free(client);
    }
}

void http_reply_free(struct http_reply *reply) {
    buf_free(&reply->body);
    buf_free(&reply->headers);
    *reply = (struct http_reply){0};
}

static void reply_clear(struct http_reply *reply) {
    buf_clear(&reply->body);
    buf_clear(&reply->headers);
    reply->status = 0;
    reply->content_length = -1;
}

const char *http_reply_header(const struct http_reply *reply, const char *name) {
    const char *text = buf_text(&reply->headers);
    const char *end = text + reply->headers.length;
    while (text < end) {
        const char *value = text + strlen(text) + 1;
        if (strcmp(text, name) == 0) {
            return value;
        }
        text = value + strlen(value) + 1;
    }
    return NULL;
}

static bool goes_to_sink(const struct http_request *request, int status) {
    bool fits = request->sink_status == 0 ? status >= 200 && status < 300 : status == request->sink_status;
    return request->sink != NULL && fits;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    const struct http_request *request = transfer->request;
    size_t length = size * count;
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (goes_to_sink(request, (int)status)) {
        transfer->sink_used = true;
        transfer->call_failed = !request->sink(request->sink_context, bytes, length, transfer->err);
        return transfer->call_failed ? CURL_WRITEFUNC_ERROR : length;
    }
    size_t limit = request->max_reply_bytes > 0 ? request->max_reply_bytes : DEFAULT_MAX_REPLY_BYTES;
    if (length > limit - transfer->reply->body.length) {
        error_set(transfer->err, transfer->failed_code, "the reply has more than %zu bytes", limit);
        transfer->call_failed = true;
        return CURL_WRITEFUNC_ERROR;
    }
    buf_append(&transfer->reply->body, bytes, length);
    return length;
}

/* Appends "name\0value\0" of a header line; a line without colon (the status) starts a reply anew. */
static void add_header(struct buf *headers, const char *line, size_t length) {
    const char *colon = memchr(line, ':', length);
    if (colon == NULL) {
        if (length > 5 && memcmp(line, "HTTP/", 5) == 0) {
            buf_clear(headers);
        }
        return;
    }
    for (const char *c = line; c < colon; c++) {
        buf_append_char(headers, *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c);
    }
    buf_append_char(headers, '\0');
    const char *value = colon + 1;
    const char *end = line + length;
    while (value < end && (*value == ' ' || *value == '\t')) {
        value++;
    }
    while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    buf_append(headers, value, (size_t)(end - value));
    buf_append_char(headers, '\0');
}

static size_t on_header(char *line, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    size_t length = size * count;
    if (transfer->reply->headers.length + length + 2 > MAX_HEADER_BYTES || memchr(line, '\0', length) != NULL) {
        error_set(transfer->err, transfer->failed_code, "the reply's headers are too large or malformed");
        transfer->call_failed = true;
        return 0;
    }
    add_header(&transfer->reply->headers, line, length);
    return length;
}

static size_t read_source(struct transfer *transfer, char *ret_bytes, size_t capacity) {
    const struct http_request *request = transfer->request;
    size_t length = 0;
    bool read = request->source(request->source_context, transfer->sent, ret_bytes, capacity, &length, transfer->err);
    if (read && length == 0) {
        read = error_set(transfer->err, transfer->failed_code, "the body to send is shorter than announced");
    }
    if (!read || length > capacity) {
        transfer->call_failed = true;
        return CURL_READFUNC_ABORT;
    }
    return length;
}

static size_t on_read(char *ret_bytes, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    const struct http_request *request = transfer->request;
    int64_t left = request->body_length - transfer->sent;
    size_t length = size * count;
    if (left <= 0) {
        return 0;
    }
    if ((int64_t)length > left) {
        length = (size_t)left;
    }
    if (request->body != NULL) {
        memcpy(ret_bytes, (const char *)request->body + transfer->sent, length);
    } else {
        length = read_source(transfer, ret_bytes, length);
    }
    if (!transfer->call_failed) {
        transfer->sent += (int64_t)length;
    }
    return length;
}

/* curl sends a body anew when a kept connection turns out to be dead. */
static int on_seek(void *context, curl_off_t offset, int origin) {
    struct transfer *transfer = context;
    if (origin != SEEK_SET || offset < 0) {
        return CURL_SEEKFUNC_FAIL;
    }
    transfer->sent = offset;
    return CURL_SEEKFUNC_OK;
}

static int on_progress(void *context, curl_off_t to_get, curl_off_t got, curl_off_t to_send, curl_off_t sent) {
    const struct transfer *transfer = context;
    (void)to_get, (void)got, (void)to_send, (void)sent;
    return transfer->request->is_cancelled() ? 1 : 0;
}

static void set_manners(struct http_client *client, const struct http_request *request) {
    const struct http_client_options *options = &client->options;
    CURL *easy = client->easy;
    curl_easy_reset(easy); /* keeps connections and DNS cache */
    const struct http_manners manners = {
        .user_agent = "sluice/" SLUICE_VERSION,
        .ca_file = client->ca_file,
        .proxy = client->proxy,
        .buffer_bytes = TRANSFER_BUFFER_BYTES,
        .connect_timeout_ms = or_default(options->connect_timeout_ms, DEFAULT_CONNECT_TIMEOUT_MS),
        .total_timeout_ms = or_default(request->total_timeout_ms, options->total_timeout_ms),
        .ret_message = client->curl_message,
    };
    http_handle_set(easy, &manners);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)TRANSFER_BUFFER_BYTES);
    if (!request->slow_reply) {
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT,
                         (long)or_default(options->low_speed_bytes_s, DEFAULT_LOW_SPEED_BYTES_S));
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                         (long)or_default(options->low_speed_time_s, DEFAULT_LOW_SPEED_TIME_S));
    }
}

/* PUT and POST announce a length even if it is 0. */
static bool sends_body(const struct http_request *request) {
    return request->body_length > 0 || strcmp(request->method, "PUT") == 0 || strcmp(request->method, "POST") == 0;
}

static void set_request(CURL *easy, const struct http_request *request, const struct curl_slist *headers) {
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        return;
    }
    if (sends_body(request)) {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->body_length);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_callbacks(struct transfer *transfer) {
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
    if (transfer->request->is_cancelled != NULL) {
        curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
    }
}

static void slist_freep(struct curl_slist **list) {
    curl_slist_free_all(*list);
}

/* The service could not be reached or was lost: the same request may succeed later. */
static bool is_unreachable(CURLcode result) {
    switch (result) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
        return true;
    default:
        return false;
    }
}

static bool report(struct http_client *client, CURLcode result, struct error *err) {
    enum error_code code = is_unreachable(result) ? client->options.unreachable : client->options.failed;
    const char *message = client->curl_message[0] != '\0' ? client->curl_message : curl_easy_strerror(result);
    return error_set(err, code, "%s", message);
}

/* One attempt; *ret_final when another one must not or need not follow. */
static bool attempt(struct http_client *client, const struct http_request *request, struct http_reply *reply,
                    bool *ret_final, struct error *err) {
    struct transfer transfer = {.easy = client->easy, .request = request, .reply = reply, .err = err};
    transfer.failed_code = client->options.failed;
    _cleanup_(slist_freep) struct curl_slist *headers = http_handle_headers(request->headers, request->header_count);
    reply_clear(reply);
    client->curl_message[0] = '\0';
    set_manners(client, request);
    set_request(client->easy, request, headers);
    set_callbacks(&transfer);
    CURLcode result = curl_easy_perform(client->easy);
    long status = 0;
    curl_off_t length = -1;
    curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(client->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, NULL);
    reply->status = (int)status;
    reply->content_length = length;
    bool may_pass = result == CURLE_OK || is_unreachable(result);
    *ret_final = transfer.sink_used || transfer.call_failed || !may_pass || !request->idempotent;
    return !transfer.call_failed && (result == CURLE_OK || report(client, result, err));
}

static bool is_retryable(int status) {
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

/* How long to wait before the next attempt; -1 when the server wants a longer wait than is reasonable here. */
static int64_t retry_wait_ms(const struct http_reply *reply) {
    int64_t seconds = 0;
    if (parse_int64(http_reply_header(reply, "retry-after"), 0, INT32_MAX, &seconds)) {
        return seconds * 1000 <= HTTP_RETRY_AFTER_MAX_MS ? seconds * 1000 : -1;
    }
    uint64_t random = 0;
    random_bytes(&random, sizeof random);
    return backoff_ms(reply->attempts - 1, RETRY_BASE_MS, RETRY_CAP_MS, random);
}

bool http_client_send(struct http_client *client, const struct http_request *request, struct http_reply *reply,
                      struct error *err) {
    for (reply->attempts = 1;; reply->attempts++) {
        bool final = false;
        bool replied = attempt(client, request, reply, &final, err);
        bool wants_retry = !replied || is_retryable(reply->status);
        if (final || !wants_retry || reply->attempts >= client->options.max_attempts) {
            return replied;
        }
        int64_t wait_ms = retry_wait_ms(reply);
        if (wait_ms < 0) {
            return replied;
        }
        clock_sleep_ms(wait_ms);
    }
}
