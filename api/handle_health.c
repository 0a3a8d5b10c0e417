/* Whether the process answers, whether it can work, and what it counts. */

#include "api/handlers.h"
#include "api/json_writer.h"
#include "api/response.h"
#include "common/metrics.h"

bool handle_healthz(struct api *api, struct request *request, struct error *err) {
    (void)api;
    (void)err;
    static const char body[] = "{\"status\":\"ok\"}";
    response_header(request, "Cache-Control", "no-store");
    response_send(request, 200, "application/json", body, sizeof body - 1);
    return true;
}

static void write_check(struct json_writer *writer, const struct health_check *check) {
    json_writer_open(writer, check->name, '{');
    json_writer_bool(writer, "ok", check->ok);
    if (!check->ok) {
        json_writer_text(writer, "code", error_info(check->code)->name);
        json_writer_text(writer, "error", error_info(check->code)->title);
    }
    json_writer_close(writer, '}');
}

bool handle_readyz(struct api *api, struct request *request, struct error *err) {
    (void)err;
    struct health_check checks[HEALTH_CHECKS];
    bool healthy = health_look(api->health, checks);
    bool draining = atomic_load(&api->draining);
    bool ready = healthy && !draining;
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "status", draining ? "draining" : ready ? "ready" : "unavailable");
    json_writer_open(&writer, "checks", '{');
    for (size_t i = 0; i < HEALTH_CHECKS; i++) {
        write_check(&writer, &checks[i]);
    }
    json_writer_close(&writer, '}');
    json_writer_close(&writer, '}');
    if (!ready) {
        response_header(request, "Retry-After", "1");
    }
    response_json(request, ready ? 200 : 503, &json);
    return true;
}

bool handle_metrics(struct api *api, struct request *request, struct error *err) {
    (void)api;
    (void)err;
    _cleanup_(buf_free) struct buf text = {0};
    metrics_print(&text);
    response_header(request, "Cache-Control", "no-store");
    response_send(request, 200, "text/plain; version=0.0.4; charset=utf-8", buf_text(&text), text.length);
    return true;
}
