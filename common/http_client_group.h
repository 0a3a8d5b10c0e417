/* Many HTTP requests at once on one thread, to servers that nobody vouches for: what webhooks are sent by, over libcurl.
 *
 * No redirects, no proxy, http and https only, TLS is verified; each address may be refused when a connection to it is to be
 * made, so that a name cannot be checked as one address and used as another. A reply costs little memory, whatever the
 * server sends. The process must ignore SIGPIPE. Allocates by xalloc. */
#ifndef SLUICE_COMMON_HTTP_CLIENT_GROUP_H
#define SLUICE_COMMON_HTTP_CLIENT_GROUP_H

#include "common/buf.h"
#include "common/http_client.h"

#include <sys/socket.h>

struct http_group;

struct http_group_options {
    int64_t connect_timeout_ms;
    int64_t total_timeout_ms;
    size_t idle_connections;                        /* kept for later requests */
    size_t kept_bytes;                              /* of a reply's body */
    const char *ca_file;                            /* PEM; NULL or "": the system's */
    bool (*may_connect)(const struct sockaddr *to); /* NULL: to any address */
};

struct http_group *http_group_new(const struct http_group_options *options);
/* What is under way is broken off. */
void http_group_free(struct http_group *group);
DEFINE_CLEANUP(struct http_group *, http_group)

/* What came of a request. */
struct http_group_end {
    void *token;           /* the request's */
    int status;            /* 0: no whole answer within the time */
    bool is_refused;       /* the address may not be connected to */
    int64_t retry_after_s; /* as the server asks; 0: it does not */
    char message[256];     /* why there is no status; "" when there is one */
    struct buf body;       /* its start. A body above 64 KiB is not read to its end, and the status counts */
};
void http_group_end_free(struct http_group_end *end);

/* Starts a POST. url, headers and body are the caller's, and must stay until it ends. */
void http_group_post(struct http_group *group, const char *url, const struct http_header *headers, size_t header_count,
                     const struct buf *body, void *token);

/* Goes on with all of them, and waits up to timeout_ms for something to happen; also to this descriptor, unless it is -1: for
 * it to become readable. */
void http_group_run(struct http_group *group, int descriptor, int64_t timeout_ms);

/* One that ended; false: none (left). The caller frees ret_end. */
bool http_group_next(struct http_group *group, struct http_group_end *ret_end);

/* How many are under way. */
size_t http_group_count(const struct http_group *group);

#endif
