#include "api/file_wait.h"

#include "api/sse_hub.h"
#include "common/clock.h"
#include "common/metrics.h"

enum { LOOK_AGAIN_MS = 2000 }; /* should the hub be unable to tell */

static void leave(atomic_int *waiting) {
    atomic_fetch_sub(waiting, 1);
    metrics_add(METRIC_HTTP_WAITING, 0, -1);
}

static bool enter(struct api *api, struct error *err) {
    int others = atomic_fetch_add(&api->waiting, 1);
    metrics_add(METRIC_HTTP_WAITING, 0, 1);
    if (others >= api->config->wait_max) {
        leave(&api->waiting);
        return error_set(err, ERROR_OVERLOADED, "%d requests wait already", others);
    }
    return true;
}

/* Most files are final, or soon are: only one that is not is worth the hub's attention. */
static bool wait_for(struct api *api, const struct request *request, const char *file_id, int64_t wait_ms,
                     struct file_record **ret_record, struct error *err) {
    int64_t until_ms = clock_monotonic_ms() + wait_ms;
    struct sse_watch watch = {.owner_id = request->principal.owner_id, .file_id = file_id};
    bool is_watching = false;
    bool is_found = false;
    while (true) {
        _cleanup_(file_record_freep) struct file_record *record = NULL;
        is_found = api_get_file(api, request, file_id, &record, err);
        int64_t left_ms = until_ms - clock_monotonic_ms();
        if (!is_found || file_status_is_final(record->status) || left_ms <= 0 || atomic_load(&api->draining)) {
            *ret_record = is_found ? take_ptr(record) : *ret_record;
            break;
        }
        if (is_watching) {
            sse_hub_wait(api->hub, &watch, left_ms < LOOK_AGAIN_MS ? left_ms : LOOK_AGAIN_MS);
        } else {
            sse_hub_watch(api->hub, &watch);
            is_watching = true;
        }
    }
    if (is_watching) {
        sse_hub_unwatch(api->hub, &watch);
    }
    return is_found;
}

bool file_wait(struct api *api, const struct request *request, const char *file_id, int64_t wait_s,
               struct file_record **ret_record, struct error *err) {
    if (wait_s == 0) {
        return api_get_file(api, request, file_id, ret_record, err);
    }
    if (!enter(api, err)) {
        return false;
    }
    bool is_found = wait_for(api, request, file_id, wait_s * 1000, ret_record, err);
    leave(&api->waiting);
    return is_found;
}
