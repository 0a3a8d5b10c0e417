/* What all our libcurl handles have in common: http and https only, no redirects, no proxy unless given, TLS verified. For the
 * HTTP clients of this directory. */
#ifndef SLUICE_COMMON_HTTP_HANDLE_H
#define SLUICE_COMMON_HTTP_HANDLE_H

#include "common/http_client.h"

#include <curl/curl.h>

struct http_manners {
    const char *user_agent;
    const char *ca_file; /* PEM; NULL or "": the system's */
    const char *proxy;   /* "": none, whatever the environment says */
    long buffer_bytes;   /* for what is received */
    int64_t connect_timeout_ms;
    int64_t total_timeout_ms; /* 0: none */
    char *ret_message;        /* of CURL_ERROR_SIZE: why a request failed; stays the handle's */
};

/* Once for the process, however often it is called; any thread may. */
void http_handle_init(void);

/* Never NULL. curl_easy_cleanup frees it. */
CURL *http_handle_new(void);

void http_handle_set(CURL *easy, const struct http_manners *manners);

/* These headers, and none that makes a server say 100 Continue first. Never NULL; curl_slist_free_all frees it. */
struct curl_slist *http_handle_headers(const struct http_header *headers, size_t count);

#endif
