#include "common/metrics_server.h"

#include "common/listen.h"
#include "common/metrics.h"
#include "common/xalloc.h"

#include <civetweb.h>
#include <string.h>

struct metrics_server {
    struct metrics_server_options options; /* the address's text is not kept */
    struct mg_context *civetweb;           /* NULL while it is not running */
};

static int answer(struct mg_connection *connection, int status, const char *type, const char *body) {
    mg_response_header_start(connection, status);
    mg_response_header_add(connection, "Content-Type", type, -1);
    mg_response_header_add(connection, "Cache-Control", "no-store", -1);
    char length[24];
    snprintf(length, sizeof length, "%zu", strlen(body));
    mg_response_header_add(connection, "Content-Length", length, -1);
    mg_response_header_send(connection);
    if (strcmp(mg_get_request_info(connection)->request_method, "HEAD") != 0) {
        mg_write(connection, body, strlen(body));
    }
    return status;
}

static bool is_read(struct mg_connection *connection) {
    const char *method = mg_get_request_info(connection)->request_method;
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static int refuse(struct mg_connection *connection, int status, const char *text) {
    return answer(connection, status, "text/plain; charset=utf-8", text);
}

static int handle_metrics(struct mg_connection *connection, void *context) {
    const struct metrics_server *server = context;
    if (!is_read(connection)) {
        return refuse(connection, 405, "only GET and HEAD\n");
    }
    if (server->options.refresh != NULL) {
        server->options.refresh(server->options.context);
    }
    _cleanup_(buf_free) struct buf text = {0};
    metrics_print(&text);
    return answer(connection, 200, "text/plain; version=0.0.4; charset=utf-8", buf_text(&text));
}

static int handle_health(struct mg_connection *connection, void *context) {
    const struct metrics_server *server = context;
    struct error reason = {0};
    if (server->options.healthy == NULL || server->options.healthy(server->options.context, &reason)) {
        return refuse(connection, 200, "ok\n");
    }
    _cleanup_(freep) char *text = xasprintf("%s\n", error_info(reason.code)->title);
    return refuse(connection, error_info(ERROR_OVERLOADED)->http_status, text);
}

/* The address alone, without a path, means the metrics. */
static int handle_other(struct mg_connection *connection, void *context) {
    if (strcmp(mg_get_request_info(connection)->local_uri, "/") == 0) {
        return handle_metrics(connection, context);
    }
    return refuse(connection, 404, "GET /metrics or /healthz\n");
}

/* civetweb would print on stderr, between the lines of the log. */
static int drop_message(const struct mg_connection *connection, const char *message) {
    (void)connection;
    (void)message;
    return 1;
}

bool metrics_server_start(const struct metrics_server_options *options, struct metrics_server **ret_server,
                          struct error *err) {
    struct listen_address address;
    if (!listen_parse(options->listen, &address, err)) {
        return false;
    }
    _cleanup_(metrics_server_stopp) struct metrics_server *server = xcalloc(1, sizeof *server);
    server->options = *options;
    server->options.listen = NULL;
    const char *settings[] = {
        "listening_ports",          address.text, "num_threads", "2", "request_timeout_ms", "5000",
        "enable_directory_listing", "no",         NULL};
    const struct mg_callbacks callbacks = {.log_message = drop_message};
    char reason[100] = "";
    struct mg_error_data problem = {.text = reason, .text_buffer_size = sizeof reason};
    struct mg_init_data start = {.callbacks = &callbacks, .user_data = server, .configuration_options = settings};
    server->civetweb = mg_start2(&start, &problem);
    if (server->civetweb == NULL) {
        return error_set(err, ERROR_CONFIG, "cannot listen on %s: %s", address.text, reason);
    }
    mg_set_request_handler(server->civetweb, "/", handle_other, server);
    mg_set_request_handler(server->civetweb, "/metrics", handle_metrics, server);
    mg_set_request_handler(server->civetweb, "/healthz", handle_health, server);
    *ret_server = take_ptr(server);
    return true;
}

int metrics_server_port(const struct metrics_server *server) {
    struct mg_server_port port = {0};
    return mg_get_server_ports(server->civetweb, 1, &port) == 1 ? port.port : 0;
}

void metrics_server_stop(struct metrics_server *server) {
    if (server == NULL) {
        return;
    }
    if (server->civetweb != NULL) {
        mg_stop(server->civetweb);
    }
    free(server);
}
