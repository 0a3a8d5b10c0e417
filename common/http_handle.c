#include "common/http_handle.h"

#include "common/xalloc.h"

#include <pthread.h>

static void init_curl(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

void http_handle_init(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_curl);
}

static void *need(void *memory) {
    if (memory == NULL) {
        abort(); /* out of memory, as in xalloc */
    }
    return memory;
}

CURL *http_handle_new(void) {
    http_handle_init();
    return need(curl_easy_init());
}

void http_handle_set(CURL *easy, const struct http_manners *manners) {
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, manners->proxy);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, manners->buffer_bytes);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, manners->user_agent);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, manners->ret_message);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)manners->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)manners->total_timeout_ms);
    if (manners->ca_file != NULL && *manners->ca_file != '\0') {
        curl_easy_setopt(easy, CURLOPT_CAINFO, manners->ca_file);
    }
}

struct curl_slist *http_handle_headers(const struct http_header *headers, size_t count) {
    _cleanup_(buf_free) struct buf line = {0};
    struct curl_slist *list = need(curl_slist_append(NULL, "Expect:"));
    for (size_t i = 0; i < count; i++) {
        bool is_empty = *headers[i].value == '\0'; /* "Name:" would leave the header out */
        buf_clear(&line);
        buf_printf(&line, "%s%s%s", headers[i].name, is_empty ? ";" : ": ", headers[i].value);
        list = need(curl_slist_append(list, buf_text(&line)));
    }
    return list;
}
