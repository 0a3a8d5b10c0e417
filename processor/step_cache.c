#include "processor/steps.h"

#include "common/clock.h"
#include "common/content_key.h"
#include "processor/crash_point.h"

enum { CACHE_PAUSE_MS = 1000 };

static void note(struct step_tools *tools, bool worked, const struct error *err) {
    if (worked) {
        dependency_works(&tools->cache_state);
    } else {
        dependency_failed(&tools->cache_state, err);
        tools->cache_pause_until_ms = clock_monotonic_ms() + CACHE_PAUSE_MS;
    }
}

bool step_cache_applies(const struct work *work) {
    return work->has_content && work->tools->cache_max_bytes > 0;
}

enum step_result step_cache(struct work *work, struct error *err) {
    struct step_tools *tools = work->tools;
    if (tools->cache_state.is_down && clock_monotonic_ms() < tools->cache_pause_until_ms) {
        return STEP_DONE;
    }
    char key[CONTENT_KEY_SIZE];
    content_key(work->job->file_id, key);
    const struct buf *content = &tools->content;
    note(tools, redis_set_expiring(tools->cache, key, content->data, content->length, tools->cache_ttl_s, err), err);
    crash_point("cached");
    return STEP_DONE;
}

void step_cache_forget(struct step_tools *tools, const char *file_id) {
    struct error err = {0};
    char key[CONTENT_KEY_SIZE];
    content_key(file_id, key);
    note(tools, redis_delete(tools->cache, key, &err), &err);
}
