#include "common/http_client_group.h"

#include "common/http_handle.h"
#include "common/xalloc.h"

#include <string.h>

enum { READ_MAX = 64 << 10, HEADERS_MAX = 64 << 10, RECEIVE_BUFFER_BYTES = 16 << 10 };

struct exchange {
    struct http_group *group;
    size_t place; /* among the group's */
    CURL *easy;
    struct curl_slist *headers;
    void *token;
    struct buf kept;
    size_t header_bytes, body_bytes;
    bool is_refused;
    bool is_cut; /* the reply goes on after all that is of interest */
    char message[CURL_ERROR_SIZE];
};

struct http_group {
    CURLM *multi;
    struct http_group_options options;
    char *ca_file;
    struct exchange **items;
    size_t count, capacity;
};

struct http_group *http_group_new(const struct http_group_options *options) {
    http_handle_init();
    struct http_group *group = xcalloc(1, sizeof *group);
    group->options = *options;
    group->ca_file = xstrdup(options->ca_file);
    group->multi = curl_multi_init();
    if (group->multi == NULL) {
        abort(); /* out of memory, as in xalloc */
    }
    curl_multi_setopt(group->multi, CURLMOPT_MAXCONNECTS, (long)options->idle_connections);
    return group;
}

static void exchange_free(struct exchange *exchange) {
    struct http_group *group = exchange->group;
    struct exchange *last = group->items[--group->count];
    group->items[exchange->place] = last;
    last->place = exchange->place;
    curl_multi_remove_handle(group->multi, exchange->easy);
    curl_easy_cleanup(exchange->easy);
    curl_slist_free_all(exchange->headers);
    buf_free(&exchange->kept);
    free(exchange);
}

void http_group_free(struct http_group *group) {
    if (group == NULL) {
        return;
    }
    while (group->count > 0) {
        exchange_free(group->items[group->count - 1]);
    }
    curl_multi_cleanup(group->multi);
    free(group->items);
    free(group->ca_file);
    free(group);
}

void http_group_end_free(struct http_group_end *end) {
    buf_free(&end->body);
    *end = (struct http_group_end){0};
}

static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    struct exchange *exchange = context;
    bool (*may_connect)(const struct sockaddr *) = exchange->group->options.may_connect;
    (void)purpose;
    if (may_connect != NULL && !may_connect(&address->addr)) {
        exchange->is_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
    struct exchange *exchange = context;
    size_t length = size * count;
    size_t room = exchange->group->options.kept_bytes - exchange->kept.length;
    buf_append(&exchange->kept, bytes, length < room ? length : room);
    exchange->body_bytes += length;
    exchange->is_cut = exchange->body_bytes > READ_MAX;
    return exchange->is_cut ? CURL_WRITEFUNC_ERROR : length;
}

static size_t on_header(char *line, size_t size, size_t count, void *context) {
    struct exchange *exchange = context;
    size_t length = size * count;
    exchange->header_bytes += length;
    return exchange->header_bytes > HEADERS_MAX || memchr(line, '\0', length) != NULL ? 0 : length;
}

static void set_manners(struct exchange *exchange) {
    const struct http_group *group = exchange->group;
    const struct http_manners manners = {
        .user_agent = "sluice-webhooks/" SLUICE_VERSION,
        .ca_file = group->ca_file,
        .proxy = "",
        .buffer_bytes = RECEIVE_BUFFER_BYTES,
        .connect_timeout_ms = group->options.connect_timeout_ms,
        .total_timeout_ms = group->options.total_timeout_ms,
        .ret_message = exchange->message,
    };
    http_handle_set(exchange->easy, &manners);
    curl_easy_setopt(exchange->easy, CURLOPT_QUICK_EXIT, 1L); /* nobody waits for a name server that does not answer */
}

static void set_callbacks(struct exchange *exchange) {
    CURL *easy = exchange->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
}

static struct exchange *exchange_new(struct http_group *group, void *token) {
    struct exchange *exchange = xcalloc(1, sizeof *exchange);
    *exchange = (struct exchange){.group = group, .token = token, .place = group->count};
    exchange->easy = http_handle_new();
    if (group->count == group->capacity) {
        group->capacity = 2 * group->capacity + 1;
        group->items = xrealloc(group->items, group->capacity * sizeof(struct exchange *));
    }
    group->items[group->count++] = exchange;
    return exchange;
}

void http_group_post(struct http_group *group, const char *url, const struct http_header *headers, size_t header_count,
                     const struct buf *body, void *token) {
    struct exchange *exchange = exchange_new(group, token);
    exchange->headers = http_handle_headers(headers, header_count);
    set_manners(exchange);
    set_callbacks(exchange);
    curl_easy_setopt(exchange->easy, CURLOPT_URL, url);
    curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, exchange->headers);
    curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDS, buf_text(body));
    curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->length);
    curl_multi_add_handle(group->multi, exchange->easy);
}

void http_group_run(struct http_group *group, int descriptor, int64_t timeout_ms) {
    struct curl_waitfd other = {.fd = descriptor, .events = CURL_WAIT_POLLIN};
    int running = 0;
    curl_multi_perform(group->multi, &running);
    if ((size_t)running == group->count) { /* else somebody ended, who is to be asked for first */
        curl_multi_poll(group->multi, &other, descriptor < 0 ? 0 : 1, (int)timeout_ms, NULL);
        curl_multi_perform(group->multi, &running);
    }
}

static void read_end(struct exchange *exchange, CURLcode result, struct http_group_end *ret_end) {
    long status = 0;
    curl_off_t retry_after = 0;
    *ret_end = (struct http_group_end){.token = exchange->token, .is_refused = exchange->is_refused};
    if (result == CURLE_OK || exchange->is_cut) {
        curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(exchange->easy, CURLINFO_RETRY_AFTER, &retry_after);
        ret_end->status = (int)status;
        ret_end->retry_after_s = retry_after;
    } else {
        const char *message = exchange->message[0] != '\0' ? exchange->message : curl_easy_strerror(result);
        snprintf(ret_end->message, sizeof ret_end->message, "%s", message);
    }
    buf_append(&ret_end->body, buf_text(&exchange->kept), exchange->kept.length);
}

bool http_group_next(struct http_group *group, struct http_group_end *ret_end) {
    int left = 0;
    for (CURLMsg *message = curl_multi_info_read(group->multi, &left); message != NULL;
         message = curl_multi_info_read(group->multi, &left)) {
        struct exchange *exchange = NULL;
        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&exchange) == CURLE_OK) {
            read_end(exchange, message->data.result, ret_end);
            exchange_free(exchange);
            return true;
        }
    }
    return false;
}

size_t http_group_count(const struct http_group *group) {
    return group->count;
}
