#include "api/sse_places.h"

#include "common/metrics.h"
#include "common/xalloc.h"

#include <inttypes.h>
#include <string.h>

void sse_places_init(struct sse_places *places) {
    *places = (struct sse_places){.taken = 0};
    pthread_mutex_init(&places->lock, NULL);
}

void sse_places_destroy(struct sse_places *places) {
    for (size_t i = 0; i < places->owner_count; i++) {
        free(places->owners[i].owner_id);
    }
    free(places->owners);
    pthread_mutex_destroy(&places->lock);
}

/* NULL: the owner has none. Opening a stream costs more than looking at all of them. */
static struct sse_places_of_owner *find(const struct sse_places *places, const char *owner_id) {
    for (size_t i = 0; i < places->owner_count; i++) {
        if (strcmp(places->owners[i].owner_id, owner_id) == 0) {
            return &places->owners[i];
        }
    }
    return NULL;
}

static struct sse_places_of_owner *find_or_add(struct sse_places *places, const char *owner_id) {
    struct sse_places_of_owner *owner = find(places, owner_id);
    if (owner == NULL) {
        places->owners = xrealloc(places->owners, (places->owner_count + 1) * sizeof *places->owners);
        owner = &places->owners[places->owner_count++];
        *owner = (struct sse_places_of_owner){xstrdup(owner_id), 0};
    }
    return owner;
}

static bool take(struct sse_places *places, const char *owner_id, int64_t maximum, int64_t owner_maximum,
                 struct error *err) {
    if (places->taken >= maximum) {
        return error_set(err, ERROR_OVERLOADED, "%" PRId64 " event streams are open already", places->taken);
    }
    const struct sse_places_of_owner *known = find(places, owner_id);
    if (known != NULL && known->taken >= owner_maximum) {
        return error_set(err, ERROR_RATE_LIMITED, "you have %" PRId64 " event streams open already", known->taken);
    }
    find_or_add(places, owner_id)->taken++;
    places->taken++;
    return true;
}

bool sse_places_take(struct sse_places *places, const char *owner_id, int64_t maximum, int64_t owner_maximum,
                     struct error *err) {
    pthread_mutex_lock(&places->lock);
    bool is_taken = take(places, owner_id, maximum, owner_maximum, err);
    metrics_set(METRIC_SSE_STREAMS, 0, places->taken);
    pthread_mutex_unlock(&places->lock);
    return is_taken;
}

void sse_places_give(struct sse_places *places, const char *owner_id) {
    pthread_mutex_lock(&places->lock);
    struct sse_places_of_owner *owner = find(places, owner_id);
    places->taken--;
    if (owner != NULL && --owner->taken == 0) {
        free(owner->owner_id);
        *owner = places->owners[--places->owner_count];
    }
    metrics_set(METRIC_SSE_STREAMS, 0, places->taken);
    pthread_mutex_unlock(&places->lock);
}
