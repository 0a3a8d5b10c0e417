/* An HTTP client over libcurl: keep-alive, timeouts, stall detection, streamed bodies, retries by outcome.
 *
 * One client belongs to one thread. No redirects, no proxy unless given, http and https only, TLS is verified. The
 * process must ignore SIGPIPE. Allocates by xalloc.
 */
#ifndef SLUICE_COMMON_HTTP_CLIENT_H
#define SLUICE_COMMON_HTTP_CLIENT_H

#include "common/buf.h"
#include "common/error.h"

#include <stdint.h>

struct http_client;

struct http_client_options {
    int64_t connect_timeout_ms;  /* 0: 3,000 */
    int64_t total_timeout_ms;    /* of one attempt with its bodies; 0: none */
    int64_t low_speed_bytes_s;   /* slower than this for low_speed_time_s is given up; 0: 1,024 */
    int64_t low_speed_time_s;    /* 0: 20 */
    int64_t max_attempts;        /* of an idempotent request; 0: 3 */
    const char *ca_file;         /* PEM; NULL or "": the system's */
    const char *proxy;           /* NULL or "": none, whatever the environment says */
    enum error_code unreachable; /* code of a failure to connect, of a timeout, of a connection lost half-way */
    enum error_code failed;      /* code of any other failure, such as a reply that is too large */
};

struct http_client *http_client_new(const struct http_client_options *options);
void http_client_free(struct http_client *client);
DEFINE_CLEANUP(struct http_client *, http_client)

struct http_header {
    const char *name;
    const char *value;
};

/* Takes the body of a reply piece by piece. To give up it fills err and returns false. */
typedef bool (*http_sink)(void *context, const void *bytes, size_t length, struct error *err);

/* Gives the body of a request: up to `capacity` bytes from `offset` (0 at the start, after that where the last call
 * ended, and 0 again when the request is sent anew). Sets ret_length to 0 only at the end. */
typedef bool (*http_source)(void *context, int64_t offset, void *ret_bytes, size_t capacity, size_t *ret_length,
                            struct error *err);

struct http_request {
    const char *method;
    const char *url;
    const struct http_header *headers;
    size_t header_count;
    bool idempotent;  /* may be sent again after a failure; nothing is sent again once the sink got bytes */
    bool slow_reply;  /* the server may be silent for long before it answers: no low-speed check, only the timeout */
    const void *body; /* NULL: none, or that of the source */
    http_source source;
    void *source_context;
    int64_t body_length; /* of either; exact */
    http_sink sink;      /* gets the body of a 2xx reply; NULL: it goes to reply->body */
    void *sink_context;
    int sink_status;            /* the sink gets the body of this status only, such as 206; 0: of any 2xx */
    size_t max_reply_bytes;     /* limit of reply->body; a longer one is a failure. 0: 64 KiB */
    int64_t total_timeout_ms;   /* instead of the client's; 0: the client's */
    bool (*is_cancelled)(void); /* asked about once a second; true ends the request as a failure. NULL: never */
};

struct http_reply {
    int status;             /* 0: no reply */
    struct buf body;        /* bodies that did not go to the sink, such as an error's */
    struct buf headers;     /* private: "name\0value\0" …, names in lower case */
    int64_t content_length; /* as announced; -1: not */
    unsigned attempts;      /* that were made */
};

void http_reply_free(struct http_reply *reply);

/* A reply header by its lower-case name, NULL when absent. Valid until the reply is used again or freed. */
const char *http_reply_header(const struct http_reply *reply, const char *name);

enum { HTTP_RETRY_AFTER_MAX_MS = 5000 };

/* Sends and waits. True when a whole reply came, whatever its status; a body shorter than announced is a failure.
 * Idempotent requests are tried again, with backoff, after failures of the connection, timeouts, and the statuses 429,
 * 500, 502, 503 and 504; a Retry-After of at most HTTP_RETRY_AFTER_MAX_MS is honoured, a longer one ends the attempts.
 * `reply` starts as {0} and may be used again; the caller frees it. */
bool http_client_send(struct http_client *client, const struct http_request *request, struct http_reply *reply,
                      struct error *err) MUST_CHECK;

#endif
