/* Places for event streams: so many in a process, and so many of one owner. Thread-safe. */
#ifndef SLUICE_API_SSE_PLACES_H
#define SLUICE_API_SSE_PLACES_H

#include "common/error.h"

#include <pthread.h>
#include <stdint.h>

struct sse_places {
    pthread_mutex_t lock;
    int64_t taken;
    struct sse_places_of_owner {
        char *owner_id;
        int64_t taken;
    } * owners; /* only those who have one */
    size_t owner_count;
};

void sse_places_init(struct sse_places *places);
void sse_places_destroy(struct sse_places *places);

/* Takes a place; OVERLOADED when all are taken, RATE_LIMITED when the owner has so many already. */
bool sse_places_take(struct sse_places *places, const char *owner_id, int64_t maximum, int64_t owner_maximum,
                     struct error *err) MUST_CHECK;

/* Gives a place of this owner back. */
void sse_places_give(struct sse_places *places, const char *owner_id);

#endif
