/* Bucket notifications of every accepted shape, from bytes to a list of events. Pure.
 *
 * Shapes: MinIO's Redis target with format=access (today's `[{"Event":[…],"EventTime":…}]` and the older
 * `["time",[…]]`), MinIO's webhook and namespace shape and AWS, Ceph, versitygw (`{"Records":[…]}`), EventBridge
 * (`"detail-type":"Object Created"`), any of these inside of SNS's `Message`, and `s3:TestEvent`.
 */
#ifndef SLUICE_COMMON_S3_EVENT_H
#define SLUICE_COMMON_S3_EVENT_H

#include "common/error.h"

#include <stdint.h>

enum { S3_EVENT_MAX_BYTES = 1 << 20, S3_EVENT_MAX_RECORDS = 1000 };

enum s3_event_kind {
    S3_EVENT_CREATED, /* Put, Post, Copy, CompleteMultipartUpload */
    S3_EVENT_REMOVED, /* Delete, DeleteMarkerCreated, lifecycle expiry */
    S3_EVENT_IGNORED, /* test event, tagging, retention, access, …: understood, and of no interest */
};

/* Texts are "" when absent. */
struct s3_event {
    enum s3_event_kind kind;
    char *name; /* as sent, without "s3:": "ObjectCreated:Put" */
    char *bucket;
    char *key;    /* decoded */
    int64_t size; /* -1: absent, as for empty objects on MinIO */
    char *etag;   /* without quotes */
    char *version_id;
    char *sequencer; /* kept in the record for people; nothing goes by it: it is not comparable on every store, so the
                        * object itself is asked (file_mark.h, ingest_effects.h) */
    int64_t time_ms; /* 0: absent or unreadable */
};

struct s3_events {
    struct s3_event *items;
    size_t count;
    size_t rejected;     /* records that were not understood, next to `count` that were */
    struct error reason; /* of the first rejected one */
};

/* False, with the reason in err (BAD_REQUEST, or MALFORMED_JSON), when no record was understood: not JSON, more than
 * S3_EVENT_MAX_BYTES, an unknown shape, an empty list, missing fields, a key with broken escapes or that is no UTF-8.
 * With some good and some bad records it is true and says how many were rejected. */
bool s3_event_parse(const char *bytes, size_t length, struct s3_events *ret_events, struct error *err) MUST_CHECK;
void s3_events_free(struct s3_events *events);

#endif
