#include "common/sqs_client.h"

#include "common/clock.h"
#include "common/encode.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/s3_endpoint.h"
#include "common/sigv4_signer.h"
#include "common/xalloc.h"

#include <string.h>

enum {
    REQUEST_TIMEOUT_MS = 10000, /* beyond what a receive waits */
    MAX_ATTEMPTS = 2,           /* of a request that may be sent twice; whoever asks tries again later */
    HEADERS_MAX = 6,
    MS_PER_S = 1000,
};

#define CONTENT_TYPE "application/x-amz-json-1.0"
#define TARGET_PREFIX "AmazonSQS."

struct sqs_client {
    struct http_client *http;
    struct sigv4_signer *signer;
    char *queue_url;
    char *endpoint; /* scheme and host of the queue's URL, "/" behind it: where every action goes */
    char *host;
    int64_t wait_s, visibility_s;
    bool (*is_cancelled)(void);
    struct http_reply reply;
};

struct sqs_options sqs_options_of(const struct config *config) {
    bool has_own = *config->sqs_access_key != '\0';
    return (struct sqs_options){
        .queue_url = config->sqs_queue_url,
        .region = *config->sqs_region != '\0' ? config->sqs_region : config->s3_region,
        .access_key = has_own ? config->sqs_access_key : config->s3_access_key,
        .secret_key = has_own ? config->sqs_secret_key : config->s3_secret_key,
        .session_token = has_own ? NULL : config->s3_session_token,
        .wait_s = config->sqs_wait_s,
        .visibility_s = config->sqs_visibility_s,
    };
}

/* The rules for the address are those of a store's endpoint; what follows the host is account and name of the queue. */
static bool parse_url(const char *url, struct s3_endpoint *ret_endpoint, struct error *err) {
    struct error ignored = {0};
    const char *host = strstr(url, "://");
    const char *path = host == NULL ? NULL : strchr(host + 3, '/');
    if (path == NULL || path[1] == '\0' || !s3_endpoint_parse(url, "queue", true, ret_endpoint, &ignored)) {
        return error_set(err, ERROR_CONFIG, "SLUICE_SQS_QUEUE_URL must be http(s)://host[:port]/account/queue");
    }
    return true;
}

bool sqs_options_check(const struct config *config, struct error *err) {
    _cleanup_(s3_endpoint_free) struct s3_endpoint endpoint = {0};
    if (*config->sqs_queue_url == '\0') {
        return true;
    }
    if ((*config->sqs_access_key == '\0') != (*config->sqs_secret_key == '\0')) {
        return error_set(err, ERROR_CONFIG, "SLUICE_SQS_ACCESS_KEY and SLUICE_SQS_SECRET_KEY go together");
    }
    return parse_url(config->sqs_queue_url, &endpoint, err);
}

bool sqs_client_new(const struct sqs_options *options, struct sqs_client **ret_client, struct error *err) {
    _cleanup_(s3_endpoint_free) struct s3_endpoint endpoint = {0};
    if (!parse_url(options->queue_url, &endpoint, err)) {
        return false;
    }
    const struct http_client_options http = {
        .total_timeout_ms = REQUEST_TIMEOUT_MS,
        .max_attempts = MAX_ATTEMPTS,
        .unreachable = ERROR_SQS_UNAVAILABLE,
        .failed = ERROR_SQS_BAD_REPLY,
    };
    const struct sigv4_credentials credentials = {options->access_key, options->secret_key, options->session_token};
    struct sqs_client *client = xcalloc(1, sizeof *client);
    client->http = http_client_new(&http);
    client->signer = sigv4_signer_new(&credentials, options->region, "sqs");
    client->queue_url = xstrdup(options->queue_url);
    client->endpoint = xasprintf("%s://%s/", endpoint.scheme, endpoint.host);
    client->host = xstrdup(endpoint.host);
    client->wait_s = options->wait_s;
    client->visibility_s = options->visibility_s;
    client->is_cancelled = options->is_cancelled;
    *ret_client = client;
    return true;
}

void sqs_client_free(struct sqs_client *client) {
    if (client != NULL) {
        http_client_free(client->http);
        sigv4_signer_free(client->signer);
        http_reply_free(&client->reply);
        free(client->queue_url);
        free(client->endpoint);
        free(client->host);
        free(client);
    }
}

/* Host is signed but left to curl. Returns how many headers there are to send. */
static size_t sign(struct sqs_client *client, const char *target, const char *amz_date, int64_t now_ms,
                   const char *body_hash, struct buf *authorization, struct http_header ret_headers[HEADERS_MAX]) {
    struct sigv4_pair signing[HEADERS_MAX];
    size_t count = 0;
    ret_headers[count++] = (struct http_header){"content-type", CONTENT_TYPE};
    ret_headers[count++] = (struct http_header){"x-amz-date", amz_date};
    ret_headers[count++] = (struct http_header){"x-amz-target", target};
    if (sigv4_session_token(client->signer) != NULL) {
        ret_headers[count++] = (struct http_header){"x-amz-security-token", sigv4_session_token(client->signer)};
    }
    for (size_t i = 0; i < count; i++) {
        signing[i] = (struct sigv4_pair){ret_headers[i].name, ret_headers[i].value};
    }
    signing[count] = (struct sigv4_pair){"host", client->host};
    const struct sigv4_request canonical = {
        .method = "POST",
        .path = "/",
        .normalize_path = true,
        .headers = signing,
        .header_count = count + 1,
        .payload_hash = body_hash,
    };
    sigv4_authorization(client->signer, &canonical, now_ms, authorization);
    ret_headers[count++] = (struct http_header){"authorization", buf_text(authorization)};
    return count;
}

/* Too much at once, and a server that has trouble, pass; anything else has to be put right by somebody. */
static bool passes(int status, const char *type) {
    static const char *const passing[] = {"OverLimit",     "RequestThrottled", "ThrottlingException",
                                          "InternalError", "InternalFailure",  "ServiceUnavailable",
                                          "RequestTimeout"};
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
        if (strcmp(passing[i], type) == 0) {
            return true;
        }
    }
    return status == 429 || status >= 500;
}

static bool check_status(const struct sqs_client *client, const char *action, struct error *err) {
    const struct http_reply *reply = &client->reply;
    char type[SQS_TYPE_SIZE];
    if (reply->status == 200) {
        return true;
    }
    sqs_reply_error_type(buf_text(&reply->body), reply->body.length, type);
    enum error_code code = passes(reply->status, type) ? ERROR_SQS_UNAVAILABLE : ERROR_SQS_REFUSED;
    return error_set(err, code, "%s: the queue answered %d %s", action, reply->status, type);
}

/* Sends what takes wait_ms to be answered; takes the body's reference. */
static bool send_action(struct sqs_client *client, const char *action, json_t *body, int64_t wait_ms,
                        struct error *err) {
    char amz_date[CLOCK_AMZ_SIZE];
    char hash[SHA256_HEX_SIZE];
    char target[64];
    struct http_header headers[HEADERS_MAX];
    _cleanup_(json_freep) json_t *owned = body;
    _cleanup_(buf_free) struct buf authorization = {0};
    json_set_text(owned, "QueueUrl", client->queue_url);
    _cleanup_(freep) char *text = json_to_text(owned);
    int64_t now_ms = clock_now_ms();
    clock_format_amz(now_ms, amz_date);
    sha256_hex_of(text, strlen(text), hash);
    snprintf(target, sizeof target, TARGET_PREFIX "%s", action);
    bool is_receive = wait_ms >= 0;
    const struct http_request request = {
        .method = "POST",
        .url = client->endpoint,
        .headers = headers,
        .header_count = sign(client, target, amz_date, now_ms, hash, &authorization, headers),
        .idempotent = !is_receive,
        .slow_reply = true,
        .body = text,
        .body_length = (int64_t)strlen(text),
        .max_reply_bytes = SQS_REPLY_MAX_BYTES,
        .total_timeout_ms = is_receive ? wait_ms + REQUEST_TIMEOUT_MS : 0,
        .is_cancelled = is_receive ? client->is_cancelled : NULL,
    };
    return http_client_send(client->http, &request, &client->reply, err) && check_status(client, action, err);
}

bool sqs_client_receive(struct sqs_client *client, struct sqs_messages *ret_messages, struct error *err) {
    json_t *body = json_object();
    json_set_int(body, "MaxNumberOfMessages", SQS_BATCH_MAX);
    json_set_int(body, "WaitTimeSeconds", client->wait_s);
    json_set_int(body, "VisibilityTimeout", client->visibility_s);
    return send_action(client, "ReceiveMessage", body, client->wait_s * MS_PER_S, err) &&
           sqs_reply_messages(buf_text(&client->reply.body), client->reply.body.length, ret_messages, err);
}

static json_t *entries_of(const struct sqs_messages *messages, unsigned which) {
    json_t *entries = json_array();
    for (size_t i = 0; i < messages->count; i++) {
        if ((which & 1U << i) != 0) {
            char name[24];
            json_t *entry = json_object();
            snprintf(name, sizeof name, "%zu", i);
            json_set_text(entry, "Id", name);
            json_set_text(entry, "ReceiptHandle", messages->items[i].receipt);
            json_array_append_new(entries, entry);
        }
    }
    return entries;
}

bool sqs_client_delete(struct sqs_client *client, const struct sqs_messages *messages, unsigned which,
                       struct sqs_deletion *ret_deletion, struct error *err) {
    json_t *body = json_object();
    json_set(body, "Entries", entries_of(messages, which));
    return send_action(client, "DeleteMessageBatch", body, -1, err) &&
           sqs_reply_deletion(buf_text(&client->reply.body), client->reply.body.length, ret_deletion, err);
}

bool sqs_client_waiting(struct sqs_client *client, int64_t *ret_waiting, struct error *err) {
    json_t *body = json_object();
    json_t *names = json_array();
    json_array_append_new(names, json_string("ApproximateNumberOfMessages"));
    json_set(body, "AttributeNames", names);
    return send_action(client, "GetQueueAttributes", body, -1, err) &&
           sqs_reply_waiting(buf_text(&client->reply.body), client->reply.body.length, ret_waiting, err);
}
