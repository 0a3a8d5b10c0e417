#include "api/access_log.h"

#include "api/signer_path.h"
#include "common/encode.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/xalloc.h"

#include <string.h>

enum { LOGGED_PATH_MAX = 300 };

/* Labels must outlive the metrics, which nobody frees. */
static struct {
    const struct route *routes;
    size_t count;
    const char *names[METRIC_MAX_LABELS];
} labels;

static void label_errors(void) {
    static const char *codes[METRIC_MAX_LABELS];
    _Static_assert((int)ERROR_CODE_COUNT <= (int)METRIC_MAX_LABELS, "every code has a label");
    for (size_t i = 0; i < ERROR_CODE_COUNT; i++) {
        codes[i] = error_info((enum error_code)i)->name;
    }
    metrics_label(METRIC_HTTP_ERRORS, codes, ERROR_CODE_COUNT);
}

void access_log_start(const struct route *routes, size_t count) {
    labels.routes = routes;
    labels.count = 0;
    for (size_t i = 0; i < count && i < METRIC_MAX_LABELS - 1; i++) {
        labels.names[labels.count++] = xasprintf("%s %s", routes[i].method, routes[i].pattern);
    }
    labels.names[labels.count] = "none";
    metrics_label(METRIC_HTTP_REQUESTS, labels.names, labels.count + 1);
    metrics_label(METRIC_HTTP_DURATION, labels.names, labels.count + 1);
    label_errors();
}

static void count(const struct request *request, int64_t duration_us) {
    const struct route *route = request->match.route;
    size_t label = route == NULL ? labels.count : (size_t)(route - labels.routes);
    metrics_increment(METRIC_HTTP_REQUESTS, label);
    metrics_observe_us(METRIC_HTTP_DURATION, label, duration_us);
    if (request->response.code != ERROR_NONE) {
        metrics_increment(METRIC_HTTP_ERRORS, request->response.code);
    }
}

static const char *or_null(const char *text) {
    return *text == '\0' ? NULL : text;
}

void access_log_request(const struct request *request, const struct error *err, int64_t duration_us) {
    count(request, duration_us);
    char path[LOGGED_PATH_MAX + 1];
    _cleanup_(buf_free) struct buf shown = {0};
    signer_path_hide(request->raw_path, &shown);
    size_t length = utf8_prefix(buf_text(&shown), shown.length, LOGGED_PATH_MAX);
    bool readable = utf8_valid(buf_text(&shown), length);
    snprintf(path, sizeof path, "%.*s", (int)length, readable ? buf_text(&shown) : "?");
    /* A status of the client's making is no event for the operator; what failed inside is, with its reason. */
    bool inside = err != NULL && error_info(err->code)->http_status >= 500;
    log_at(inside ? LOG_WARN : LOG_INFO, "request", log_text("method", request->method), log_text("path", path),
           log_int("status", request->response.status), log_int("bytes", request->response.body_bytes),
           log_int("duration_ms", duration_us / 1000), log_text("request_id", request->id),
           log_text("owner", or_null(request->principal.owner_id)), log_text("file_id", or_null(request->file_id)),
           log_text("code", err == NULL ? NULL : error_name(err)),
           log_text("message", err == NULL || !inside ? NULL : err->message));
}
