#include "api/sse_audience.h"

#include "common/xalloc.h"

#include <string.h>

enum { WORDS_STEP = 64 };

static void add(struct outbox_words *words, const char *word) {
    if (words->count % WORDS_STEP == 0) {
        words->items = xrealloc(words->items, (words->count + WORDS_STEP) * sizeof *words->items);
    }
    words->items[words->count++] = xstrdup(word);
}

void sse_audience_add_stream(struct outbox_audience *audience, const struct sse_stream *stream) {
    add(&audience->owners, stream->owner_id);
    switch (stream->scope) {
    case SSE_FILE:
        add(&audience->files, stream->id);
        break;
    case SSE_ALBUM:
        add(&audience->albums, stream->id);
        break;
    case SSE_OWNER:
        add(&audience->everything, stream->owner_id);
        break;
    }
}

static void add_watch(void *context, const struct sse_watch *watch) {
    struct outbox_audience *audience = context;
    add(&audience->owners, watch->owner_id);
    add(&audience->files, watch->file_id);
}

void sse_audience_add_watches(struct outbox_audience *audience, struct sse_watches *watches) {
    sse_watches_visit(watches, add_watch, audience);
}

static int compare(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void leave_each_once(struct outbox_words *words) {
    if (words->count == 0) {
        return;
    }
    qsort(words->items, words->count, sizeof *words->items, compare);
    size_t kept = 1;
    for (size_t i = 1; i < words->count; i++) {
        if (strcmp(words->items[i], words->items[kept - 1]) == 0) {
            free(words->items[i]);
        } else {
            words->items[kept++] = words->items[i];
        }
    }
    words->count = kept;
}

static void free_words(struct outbox_words *words) {
    for (size_t i = 0; i < words->count; i++) {
        free(words->items[i]);
    }
    free(words->items);
}

void sse_audience_finish(struct outbox_audience *audience) {
    leave_each_once(&audience->owners);
    leave_each_once(&audience->files);
    leave_each_once(&audience->albums);
    leave_each_once(&audience->everything);
}

void sse_audience_free(struct outbox_audience *audience) {
    free_words(&audience->owners);
    free_words(&audience->files);
    free_words(&audience->albums);
    free_words(&audience->everything);
    *audience = (struct outbox_audience){0};
}
