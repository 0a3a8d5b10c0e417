/* Bucket notifications, from a body with several of them (what POST /events/s3 and the queue get). */
#include "api/json_sequence.h"
#include "common/s3_event.h"
#include "tests/fuzz/fuzz.h"

static void check_event(const struct s3_event *event) {
    require_utf8(event->name, "an event's name is UTF-8");
    require_utf8(event->bucket, "a bucket's name is UTF-8");
    require_utf8(event->key, "a key is UTF-8");
    require_utf8(event->etag, "an ETag is UTF-8");
    require_utf8(event->version_id, "a version is UTF-8");
    require_utf8(event->sequencer, "a sequencer is UTF-8");
    require(event->size >= -1, "a size is not negative");
    if (event->kind != S3_EVENT_IGNORED) {
        require(*event->bucket != '\0' && *event->key != '\0', "an event that counts names bucket and key");
    }
}

static void check_same(const struct s3_events *first, const struct s3_events *second) {
    require(first->count == second->count && first->rejected == second->rejected, "parsing twice finds the same");
    for (size_t i = 0; i < first->count; i++) {
        require_same(first->items[i].key, second->items[i].key, "parsing twice finds the same keys");
    }
}

static void check_events(const char *bytes, size_t length) {
    struct error err = {0};
    struct s3_events events = {0};
    struct s3_events again = {0};
    bool understood = s3_event_parse(bytes, length, &events, &err);
    require(understood == s3_event_parse(bytes, length, &again, &err), "parsing twice ends the same");
    if (!understood) {
        require(err.code == ERROR_BAD_REQUEST || err.code == ERROR_MALFORMED_JSON,
                "what is refused is the sender's fault");
        require_utf8(err.message, "a reason is UTF-8");
        return;
    }
    require(events.count > 0 && events.count <= S3_EVENT_MAX_RECORDS, "what is understood has events");
    for (size_t i = 0; i < events.count; i++) {
        check_event(&events.items[i]);
    }
    check_same(&events, &again);
    s3_events_free(&events);
    s3_events_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    const char *text = (const char *)bytes;
    size_t at = 0;
    size_t start = 0;
    size_t piece = 0;
    check_events(text, length);
    while (json_sequence_next(text, length, &at, &start, &piece)) {
        require(piece >= 2 && start + piece == at && at <= length, "a text of a sequence lies within it");
        if (piece < length) {
            check_events(text + start, piece);
        }
    }
    return 0;
}
