#include "processor/ingest_batch.h"

#include "common/event_queue.h"
#include "common/xalloc.h"
#include "processor/storable.h"

#include <string.h>

static const char *text_or_null(const char *text) {
    return *text == '\0' ? NULL : text;
}

static void add_arrival(struct ingest_batch *batch, size_t element, const struct s3_event *event) {
    size_t count = batch->arrival_count++;
    batch->arrivals = xrealloc(batch->arrivals, batch->arrival_count * sizeof *batch->arrivals);
    batch->arrival_elements = xrealloc(batch->arrival_elements, batch->arrival_count * sizeof *batch->arrival_elements);
    batch->arrival_elements[count] = element;
    batch->arrivals[count] = (struct file_arrival){
        .bucket = event->bucket,
        .object_key = event->key,
        .size = event->size,
        .etag = text_or_null(event->etag),
        .version_id = text_or_null(event->version_id),
        .sequencer = text_or_null(event->sequencer),
    };
}

static void add_removed(struct ingest_batch *batch, size_t element, const char *key) {
    size_t count = batch->removed_count++;
    batch->removed_keys = xrealloc(batch->removed_keys, batch->removed_count * sizeof *batch->removed_keys);
    batch->removed_elements = xrealloc(batch->removed_elements, batch->removed_count * sizeof *batch->removed_elements);
    batch->removed_keys[count] = key;
    batch->removed_elements[count] = element;
}

/* One element may carry several records; it is kept once, with the first reason. */
void ingest_batch_bury(struct ingest_batch *batch, size_t element, const char *reason) {
    for (size_t i = 0; i < batch->dead_count; i++) {
        if (batch->dead[i].element == element) {
            return;
        }
    }
    batch->dead = xrealloc(batch->dead, (batch->dead_count + 1) * sizeof *batch->dead);
    struct dead_event *dead = &batch->dead[batch->dead_count++];
    dead->element = element;
    snprintf(dead->reason, sizeof dead->reason, "%s", reason);
    make_storable(dead->reason);
}

static void sort_event(struct ingest_batch *batch, size_t element, const struct s3_event *event, const char *bucket) {
    if (event->kind == S3_EVENT_IGNORED) {
        batch->ignored++;
    } else if (strcmp(event->bucket, bucket) != 0) {
        char reason[128];
        snprintf(reason, sizeof reason, "of another bucket: %.63s", event->bucket);
        ingest_batch_bury(batch, element, reason);
    } else if (event->kind == S3_EVENT_CREATED) {
        add_arrival(batch, element, event);
    } else {
        add_removed(batch, element, event->key);
    }
}

static void sort_element(struct ingest_batch *batch, size_t element, const char *bucket) {
    const struct buf *bytes = &batch->elements->items[element];
    if (event_queue_is_wake_up(bytes)) {
        batch->ignored++;
        return;
    }
    struct error err = {0};
    struct s3_events *events = &batch->parsed[element];
    if (!s3_event_parse(bytes->data, bytes->length, events, &err)) {
        ingest_batch_bury(batch, element, err.message);
        return;
    }
    for (size_t i = 0; i < events->count; i++) {
        sort_event(batch, element, &events->items[i], bucket);
    }
    if (events->rejected > 0) {
        ingest_batch_bury(batch, element, events->reason.message);
    }
}

void ingest_batch_sort(struct ingest_batch *batch, const struct redis_elements *elements, const char *bucket) {
    *batch = (struct ingest_batch){.elements = elements, .parsed = xcalloc(elements->count, sizeof(struct s3_events))};
    for (size_t i = 0; i < elements->count; i++) {
        sort_element(batch, i, bucket);
    }
}

void ingest_batch_free(struct ingest_batch *batch) {
    for (size_t i = 0; batch->parsed != NULL && i < batch->elements->count; i++) {
        s3_events_free(&batch->parsed[i]);
    }
    free(batch->parsed);
    free(batch->arrivals);
    free(batch->arrival_elements);
    free(batch->removed_keys);
    free(batch->removed_elements);
    free(batch->dead);
    *batch = (struct ingest_batch){0};
}
