/* Sorts what was taken from the event list: objects that arrived, objects that were removed, and what nobody can use. Pure. */
#ifndef SLUICE_PROCESSOR_INGEST_BATCH_H
#define SLUICE_PROCESSOR_INGEST_BATCH_H

#include "common/file_state.h"
#include "common/redis.h"
#include "common/s3_event.h"

/* An element that is kept in dead_events with its reason. */
struct dead_event {
    size_t element; /* its index */
    char reason[256];
};

/* Texts belong to the events, elements to the caller. */
struct ingest_batch {
    const struct redis_elements *elements;
    struct s3_events *parsed; /* of each element */
    struct file_arrival *arrivals;
    size_t *arrival_elements; /* the element that each came in */
    size_t arrival_count;
    const char **removed_keys;
    size_t *removed_elements;
    size_t removed_count;
    struct dead_event *dead;
    size_t dead_count;
    size_t ignored; /* records that were understood and are of no interest, and wake-ups */
};

/* Records of any bucket but this one are dead. */
void ingest_batch_sort(struct ingest_batch *batch, const struct redis_elements *elements, const char *bucket);
/* Adds the element to the dead ones, once. */
void ingest_batch_bury(struct ingest_batch *batch, size_t element, const char *reason);
void ingest_batch_free(struct ingest_batch *batch);

#endif
