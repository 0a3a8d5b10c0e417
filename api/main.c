#include "api/access_log.h"
#include "api/batch_upload.h"
#include "api/content_source.h"
#include "api/dispatch.h"
#include "api/handlers.h"
#include "api/http_server.h"
#include "api/routes.h"
#include "api/sse_hub.h"
#include "common/clock.h"
#include "common/daemon.h"
#include "common/file_state.h"
#include "common/listen.h"
#include "common/log.h"
#include "common/metrics.h"

#include <malloc.h>

enum {
    STOP_POLL_MS = 100,
    MAPPED_FROM = 128 << 10, /* larger pieces of memory go back to the system when they are freed, always */
};

static const struct daemon_dump dumps[] = {
    {"routes", routes_dump},     {"config", config_dump},   {"errors", error_dump},
    {"states", file_state_dump}, {"metrics", metrics_dump}, {NULL, NULL},
};

static const struct daemon_program program = {
    .name = "sluice-api",
    .summary = "Signs uploads to S3-compatible storage, keeps a record of each, and serves their content.",
    .settings = CONFIG_API,
    .dumps = dumps,
};

static int refuse_to_start(const struct error *err) {
    log_error("cannot_start", log_code(err), log_message(err));
    return err->code == ERROR_CONFIG ? EXIT_USAGE : EXIT_FAILURE;
}

/* Stops taking new work, ends what only waits, and lets the rest end. */
static void drain(struct api *api, struct http_server *server) {
    log_info("draining", log_int("timeout_s", api->config->drain_timeout_s));
    atomic_store(&api->draining, true);
    sse_hub_stop(api->hub);
    bool idle = http_server_wait_idle(server, api->config->drain_timeout_s * 1000);
    log_info("stopped", log_text("requests", idle ? "ended" : "cut off"));
}

int main(int argc, char **argv) {
    _cleanup_(config_freep) struct config *config = daemon_start(&program, argc, argv);
    daemon_catch_stop();
    mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
    metrics_start();
    access_log_start(routes, route_count);
    content_source_start();
    batch_upload_label_metrics();
    sse_hub_label_metrics();
    admin_login_label_metrics();

    struct error error = {0};
    struct listen_address address;
    _cleanup_(api_freep) struct api *api = NULL;
    if (!listen_parse(config->listen, &address, &error)) {
        (void)!error_prefix(&error, "SLUICE_LISTEN");
        return refuse_to_start(&error);
    }
    if (!api_new(config, &api, &error)) {
        return refuse_to_start(&error);
    }

    struct dispatch dispatch = {.api = api, .routes = routes, .route_count = route_count};
    const struct http_server_options options = {
        .listen = address.text,
        .tls = {config->tls_cert_file, config->tls_key_file},
        .threads = config->http_threads,
        .request_timeout_ms = config->request_timeout_s * 1000,
        .handle = dispatch_request,
        .refuse = dispatch_refusal,
        .context = &dispatch,
    };
    _cleanup_(http_server_freep) struct http_server *server = NULL;
    if (!http_server_start(&options, &server, &error)) {
        return refuse_to_start(&error);
    }
    log_info("started", log_text("listen", address.text), log_int("port", http_server_port(server)),
             log_text("auth", config->auth));

    while (!daemon_stopping()) {
        clock_sleep_ms(STOP_POLL_MS);
    }
    drain(api, server);
    return EXIT_SUCCESS;
}
