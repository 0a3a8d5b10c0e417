#include "api/http_server.h"

#include "api/http_bridge.h"
#include "api/http_deadline.h"
#include "api/http_head.h"
#include "api/http_socket.h"
#include "common/clock.h"
#include "common/listen.h"
#include "common/log.h"
#include "common/xalloc.h"

#include <civetweb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

enum {
    KEEP_ALIVE_MS = 5000,        /* an idle connection holds a thread */
    LINGER_MS = 2000,            /* for a client that still sends what nobody reads */
    LINGER_MAX_BYTES = 64 << 20, /* … and as much of it */
    LINGER_PIECE = 8192,
    LISTEN_BACKLOG = 1024,
    IDLE_POLL_MS = 5,
};

struct http_server {
    struct http_server_options options;
    struct mg_context *civetweb;
    struct error tls_error; /* why there is no TLS */
    atomic_int in_flight;
    pthread_mutex_t lock; /* of the next two */
    size_t thread_count;
    struct http_deadline **deadlines; /* of civetweb's threads, its own one included */
};

/* What request->stream works on. */
struct channel {
    struct mg_connection *connection;
    struct http_deadline *deadline; /* of this thread */
    int64_t until_ms;               /* nothing is read after that */
    int bridge;                     /* what comes out here goes to the client once the request is done; -1: nothing */
};

static enum http_read_result read_body(void *context, void *ret_bytes, size_t capacity, size_t *ret_length) {
    const struct channel *channel = context;
    *ret_length = 0;
    int64_t left_ms = channel->until_ms - clock_monotonic_ms();
    if (left_ms <= 0) {
        return HTTP_READ_TIMEOUT;
    }
    http_deadline_set(channel->deadline, left_ms);
    int length = mg_read(channel->connection, ret_bytes, capacity);
    http_deadline_clear(channel->deadline);
    bool late = clock_monotonic_ms() >= channel->until_ms;
    if (length < 0) {
        return late ? HTTP_READ_TIMEOUT : HTTP_READ_BROKEN;
    }
    *ret_length = (size_t)length;
    bool has_length = mg_get_request_info(channel->connection)->content_length >= 0;
    return length == 0 && has_length ? HTTP_READ_TIMEOUT : HTTP_READ_OK;
}

static void extend(void *context, int64_t timeout_ms) {
    struct channel *channel = context;
    channel->until_ms = clock_monotonic_ms() + timeout_ms;
}

static bool write_answer(void *context, const void *bytes, size_t length) {
    const struct channel *channel = context;
    return mg_write(channel->connection, bytes, length) == (int)length;
}

static int take_socket(void *context) {
    struct channel *channel = context;
    const struct mg_request_info *info = mg_get_request_info(channel->connection);
    return info->is_ssl != 0 ? http_bridge_open(&channel->bridge)
                             : http_socket_take(info->server_port, info->remote_addr, info->remote_port);
}

static void run_bridge(struct channel *channel) {
    const struct mg_request_info *info = mg_get_request_info(channel->connection);
    _cleanup_(closep) int here = channel->bridge;
    _cleanup_(closep) int client = http_socket_copy(info->server_port, info->remote_addr, info->remote_port);
    http_bridge_run(here, client, write_answer, channel);
}

/* Reads what is left of the body, for a while; false when more may come. */
static bool skip_body(struct channel *channel) {
    channel->until_ms = clock_monotonic_ms() + LINGER_MS;
    char waste[LINGER_PIECE];
    size_t total = 0;
    size_t length = 0;
    do {
        if (read_body(channel, waste, sizeof waste, &length) == HTTP_READ_BROKEN) {
            return false;
        }
        total += length;
    } while (length > 0 && total < LINGER_MAX_BYTES);
    return length == 0 && clock_monotonic_ms() < channel->until_ms;
}

/* Leaves the connection ready for the next request, or closes it; closing while the client still sends would make its
 * system drop the answer before it is read. */
static void end_exchange(const struct request *request) {
    struct channel *channel = request->stream.context;
    bool is_coming = request->continued || request_header(request, "Expect") == NULL;
    bool more_to_come = !request->body_ended && (request->framing.length > 0 || request->framing.chunked) &&
                        request->response.code != ERROR_REQUEST_TIMEOUT && is_coming;
    if ((more_to_come && !skip_body(channel)) || request->response.close) {
        mg_disable_connection_keep_alive(channel->connection);
    }
}

static void fill_request(const struct http_server *server, struct mg_connection *connection, struct channel *channel,
                         struct request *request) {
    const struct mg_request_info *info = mg_get_request_info(connection);
    *channel = (struct channel){
        .connection = connection,
        .deadline = mg_get_thread_pointer(connection),
        .until_ms = clock_monotonic_ms() + server->options.request_timeout_ms,
        .bridge = -1,
    };
    request->stream = (struct http_stream){
        .context = channel, .read = read_body, .extend = extend, .write = write_answer, .take_socket = take_socket};
    snprintf(request->remote_address, sizeof request->remote_address, "%s", info->remote_addr);
    request->method = "-";
    request->raw_path = "-";
    request->query = "";
    request->framing.length = -1;
}

static void answer(struct http_server *server, const struct mg_request_info *info, struct request *request) {
    struct http_header headers[MG_MAX_HEADERS];
    for (int i = 0; i < info->num_headers; i++) {
        headers[i] = (struct http_header){.name = info->http_headers[i].name, .value = info->http_headers[i].value};
    }
    request->headers = headers;
    request->header_count = (size_t)info->num_headers;
    request->method = info->request_method;
    request->raw_path = info->local_uri_raw;
    request->query = info->query_string == NULL ? "" : info->query_string;
    request->http_1_0 = strcmp(info->http_version, "1.0") == 0;
    struct error error = {0};
    if (http_head_check(info, &error) &&
        http_framing_check_host(headers, request->header_count, request->http_1_0, &error)) {
        server->options.handle(server->options.context, request);
    } else {
        request->response.close = true;
        server->options.refuse(server->options.context, request, &error);
    }
    end_exchange(request);
    request->headers = NULL;
    request->header_count = 0;
}

static struct http_server *server_of(struct mg_connection *connection) {
    return mg_get_user_data(mg_get_context(connection));
}

/* civetweb's hook that sees every request first; a positive value tells it that the answer is sent. */
static int on_request(struct mg_connection *connection) {
    struct http_server *server = server_of(connection);
    atomic_fetch_add(&server->in_flight, 1);
    struct request request = {0};
    struct channel channel;
    fill_request(server, connection, &channel, &request);
    answer(server, mg_get_request_info(connection), &request);
    if (channel.bridge >= 0) {
        run_bridge(&channel);
    }
    int status = request.response.status;
    request_free(&request);
    atomic_fetch_sub(&server->in_flight, 1);
    return status > 0 ? status : 500;
}

/* What civetweb finds by itself, by its status. */
static enum error_code code_of(int status) {
    switch (status) {
    case 413:
        return ERROR_HEADERS_TOO_LARGE;
    case 505:
        return ERROR_NOT_IMPLEMENTED;
    default:
        return status < 500 ? ERROR_BAD_REQUEST : ERROR_INTERNAL;
    }
}

/* Returns 0 when the error was answered. */
static int on_error(struct mg_connection *connection, int status, const char *message) {
    (void)message; /* speaks of civetweb's inside */
    struct http_server *server = server_of(connection);
    struct request request = {0};
    struct channel channel;
    fill_request(server, connection, &channel, &request);
    request.response.close = true;
    struct error error;
    enum error_code code = code_of(status);
    (void)error_set(&error, code, "%s",
                    code == ERROR_BAD_REQUEST ? "no well-formed request came, or its head is larger than 16 KiB" : "");
    server->options.refuse(server->options.context, &request, &error);
    request_free(&request);
    return 0;
}

/* Signals are for the main thread. What this returns is the thread's pointer. */
static void *on_thread(const struct mg_context *civetweb, int kind) {
    (void)kind;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    struct http_server *server = mg_get_user_data(civetweb);
    struct http_deadline *deadline = http_deadline_new();
    pthread_mutex_lock(&server->lock);
    server->deadlines = xrealloc(server->deadlines, (server->thread_count + 1) * sizeof(void *));
    server->deadlines[server->thread_count++] = deadline;
    pthread_mutex_unlock(&server->lock);
    return deadline;
}

/* civetweb's threads look at the stop flag every two seconds, or when their waiting is disturbed. */
static void disturb_threads(struct http_server *server) {
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->thread_count; i++) {
        http_deadline_set(server->deadlines[i], 0);
    }
    pthread_mutex_unlock(&server->lock);
}

static void on_thread_end(const struct mg_context *civetweb, int kind, void *deadline) {
    (void)kind;
    struct http_server *server = mg_get_user_data(civetweb);
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->thread_count; i++) {
        if (server->deadlines[i] == deadline) {
            server->deadlines[i] = NULL;
        }
    }
    pthread_mutex_unlock(&server->lock);
    http_deadline_free(deadline);
}

static int on_message(const struct mg_connection *connection, const char *message) {
    (void)connection;
    log_debug("civetweb", log_text("message", message));
    return 1;
}

/* civetweb's hook for its new context; 1 tells it that nothing remains to be done. */
static int on_tls(void *ssl_context, void *user_data) {
    struct http_server *server = user_data;
    return http_tls_configure(&server->options.tls, ssl_context, &server->tls_error) ? 1 : -1;
}

static bool has_tls(const struct http_server_options *options) {
    return options->tls.cert_file != NULL && *options->tls.cert_file != '\0';
}

static bool start_civetweb(struct http_server *server, struct error *err) {
    const struct http_server_options *options = &server->options;
    char threads[24];
    char timeout[24];
    char keep_alive[24];
    char backlog[24];
    char listen[sizeof "s" + LISTEN_TEXT_SIZE];
    snprintf(listen, sizeof listen, "%s%s", options->listen, has_tls(options) ? "s" : "");
    snprintf(threads, sizeof threads, "%lld", (long long)options->threads);
    snprintf(timeout, sizeof timeout, "%lld", (long long)options->request_timeout_ms);
    snprintf(keep_alive, sizeof keep_alive, "%d", KEEP_ALIVE_MS);
    snprintf(backlog, sizeof backlog, "%d", LISTEN_BACKLOG);
    const char *settings[] = {
        "listening_ports",
        listen,
        "num_threads",
        threads,
        "request_timeout_ms",
        timeout,
        "enable_keep_alive",
        "yes",
        "keep_alive_timeout_ms",
        keep_alive,
        "tcp_nodelay",
        "1",
        "decode_url",
        "no",
        "listen_backlog",
        backlog,
        "connection_queue",
        threads,
        "enable_directory_listing",
        "no",
        "enable_auth_domain_check",
        "no",
        NULL,
    };
    struct mg_callbacks callbacks = {.begin_request = on_request,
                                     .http_error = on_error,
                                     .init_thread = on_thread,
                                     .exit_thread = on_thread_end,
                                     .init_ssl = has_tls(options) ? on_tls : NULL,
                                     .log_message = on_message};
    char text[200] = "";
    unsigned code = 0;
    struct mg_init_data init = {.callbacks = &callbacks, .user_data = server, .configuration_options = settings};
    struct mg_error_data problem = {.code = &code, .text = text, .text_buffer_size = sizeof text};
    server->civetweb = mg_start2(&init, &problem);
    if (server->tls_error.code != ERROR_NONE) {
        *err = server->tls_error;
        return false;
    }
    return server->civetweb != NULL ||
           error_set(err, ERROR_CONFIG, "SLUICE_LISTEN: cannot listen on %s: %s", options->listen, text);
}

bool http_server_start(const struct http_server_options *options, struct http_server **ret_server, struct error *err) {
    unsigned wanted = has_tls(options) ? MG_FEATURES_TLS : MG_FEATURES_DEFAULT;
    if (!http_tls_check(&options->tls, err)) {
        return false;
    }
    if (mg_init_library(wanted) != wanted) {
        mg_exit_library();
        return error_set(err, ERROR_CONFIG, "SLUICE_TLS_CERT_FILE: civetweb cannot load OpenSSL");
    }
    _cleanup_(http_server_freep) struct http_server *server = xcalloc(1, sizeof *server);
    server->options = *options;
    pthread_mutex_init(&server->lock, NULL);
    if (!start_civetweb(server, err)) {
        return false;
    }
    *ret_server = take_ptr(server);
    return true;
}

int http_server_port(const struct http_server *server) {
    struct mg_server_port port = {0};
    return mg_get_server_ports(server->civetweb, 1, &port) == 1 ? port.port : 0;
}

bool http_server_wait_idle(struct http_server *server, int64_t timeout_ms) {
    int64_t until_ms = clock_monotonic_ms() + timeout_ms;
    while (atomic_load(&server->in_flight) > 0) {
        if (clock_monotonic_ms() >= until_ms) {
            return false;
        }
        clock_sleep_ms(IDLE_POLL_MS);
    }
    return true;
}

void http_server_free(struct http_server *server) {
    if (server == NULL) {
        return;
    }
    if (server->civetweb != NULL) {
        disturb_threads(server);
        mg_stop(server->civetweb);
    }
    mg_exit_library();
    pthread_mutex_destroy(&server->lock);
    free(server->deadlines);
    free(server);
}
