#include "common/s3_event.h"

#include "common/clock.h"
#include "common/encode.h"
#include "common/json.h"
#include "common/s3_event_name.h"
#include "common/xalloc.h"

#include <string.h>

#define MD5_OF_NOTHING "d41d8cd98f00b204e9800998ecf8427e"

enum { TEXT_MAX = 1024 }; /* bytes, the longest key of S3; longer texts of any kind are refused */

struct collector {
    struct s3_events *events;
    bool in_message; /* inside of SNS's Message, which does not nest */
};

static bool read_kind(const char *name, struct s3_event *event, struct error *err) {
    event->name = xstrdup(name);
    return s3_event_name_kind(name, &event->kind) || error_set(err, ERROR_BAD_REQUEST, "an event of an unknown kind");
}

static void event_free(struct s3_event *event) {
    free(event->name);
    free(event->bucket);
    free(event->key);
    free(event->etag);
    free(event->version_id);
    free(event->sequencer);
}

void s3_events_free(struct s3_events *events) {
    for (size_t i = 0; i < events->count; i++) {
        event_free(&events->items[i]);
    }
    free(events->items);
    *events = (struct s3_events){0};
}

/* A member's text, "" when it is absent or null; false when it is something else or too long. */
static bool read_text(const json_t *object, const char *name, const char **ret_text, struct error *err) {
    const json_t *value = json_object_get(object, name);
    if (value == NULL || json_is_null(value)) {
        *ret_text = "";
        return true;
    }
    if (!json_is_string(value) || json_string_length(value) > TEXT_MAX) {
        return error_set(err, ERROR_BAD_REQUEST, "%s is not a text of at most %d bytes", name, TEXT_MAX);
    }
    *ret_text = json_string_value(value);
    return true;
}

static bool copy_text(const json_t *object, const char *name, char **ret_text, struct error *err) {
    const char *text = "";
    if (!read_text(object, name, &text, err)) {
        return false;
    }
    free(*ret_text);
    *ret_text = xstrdup(text);
    return true;
}

/* Without the quotes that some stores send. */
static bool read_etag(const json_t *object, char **ret_etag, struct error *err) {
    const char *etag = "";
    const char *name = json_object_get(object, "eTag") != NULL ? "eTag" : "etag";
    if (!read_text(object, name, &etag, err)) {
        return false;
    }
    size_t length = strlen(etag);
    bool quoted = length >= 2 && etag[0] == '"' && etag[length - 1] == '"';
    free(*ret_etag);
    *ret_etag = quoted ? xstrndup(etag + 1, length - 2) : xstrdup(etag);
    return true;
}

static bool read_size(const json_t *object, int64_t *ret_size, struct error *err) {
    const json_t *size = json_object_get(object, "size");
    if (size == NULL || json_is_null(size)) {
        *ret_size = -1;
        return true;
    }
    if (!json_is_integer(size) || json_integer_value(size) < 0) {
        return error_set(err, ERROR_BAD_REQUEST, "size is not a number of bytes");
    }
    *ret_size = json_integer_value(size);
    return true;
}

static bool read_bucket(const json_t *bucket, char **ret_bucket, struct error *err) {
    const char *name = "";
    if (!read_text(bucket, "name", &name, err)) {
        return false;
    }
    if (*name == '\0') {
        return error_set(err, ERROR_BAD_REQUEST, "the event names no bucket");
    }
    free(*ret_bucket);
    *ret_bucket = xstrdup(name);
    return true;
}

static bool read_key(const json_t *object, bool form_encoded, char **ret_key, struct error *err) {
    const char *text = "";
    _cleanup_(buf_free) struct buf key = {0};
    if (!read_text(object, "key", &text, err)) {
        return false;
    }
    if (*text == '\0') {
        return error_set(err, ERROR_BAD_REQUEST, "the event names no key");
    }
    if (!form_encoded) {
        buf_append_text(&key, text);
    } else if (!decode_uri(text, strlen(text), true, &key)) {
        return error_set(err, ERROR_BAD_REQUEST, "the key's percent-encoding is broken");
    }
    if (!utf8_valid(buf_text(&key), key.length)) {
        return error_set(err, ERROR_BAD_REQUEST, "the key is not UTF-8");
    }
    free(*ret_key);
    *ret_key = buf_take(&key);
    return true;
}

/* An encoder never leaves space, control characters or non-ASCII bytes. */
static bool has_raw_bytes(const char *key) {
    for (; *key != '\0'; key++) {
        if ((unsigned char)*key <= ' ' || (unsigned char)*key >= 0x7f) {
            return true;
        }
    }
    return false;
}

/* Records of AWS and MinIO (and of stores that follow them) have form-encoded keys. Raw are those of Ceph, told by its
 * eventSource; of versitygw, whose bucket ARN is "arn:aws:s3:::/bucket/key"; and any that shows raw bytes. */
static bool is_form_encoded(const json_t *record, const json_t *bucket, const json_t *object) {
    static const char versitygw_arn[] = "arn:aws:s3:::/";
    const char *source = json_text(record, "eventSource");
    const char *arn = json_text(bucket, "arn");
    const char *key = json_text(object, "key");
    bool is_ceph = source != NULL && strcmp(source, "ceph:s3") == 0;
    bool is_versitygw = arn != NULL && strncmp(arn, versitygw_arn, sizeof versitygw_arn - 1) == 0;
    return !is_ceph && !is_versitygw && key != NULL && !has_raw_bytes(key);
}

static bool read_time(const json_t *value, const char *name, int64_t *ret_time_ms, struct error *err) {
    const char *text = "";
    if (!read_text(value, name, &text, err)) {
        return false;
    }
    *ret_time_ms = clock_parse(text);
    return true;
}

/* What the object member says; its key is read separately. */
static bool read_object(const json_t *object, const char *version_name, struct s3_event *event, struct error *err) {
    return read_size(object, &event->size, err) && read_etag(object, &event->etag, err) &&
           copy_text(object, version_name, &event->version_id, err) &&
           copy_text(object, "sequencer", &event->sequencer, err);
}

/* versitygw says 0 of an object that it joined from parts: not known, unless the ETag is that of no bytes. */
static void doubt_size(struct s3_event *event) {
    if (event->size == 0 && event->kind == S3_EVENT_CREATED && strcmp(event->etag, MD5_OF_NOTHING) != 0) {
        event->size = -1;
    }
}

static bool read_record(const json_t *record, struct s3_event *event, struct error *err) {
    const char *name = "";
    if (!json_is_object(record) || !read_text(record, "eventName", &name, err) || *name == '\0') {
        return error_set(err, ERROR_BAD_REQUEST, "a record has no eventName");
    }
    name = strncmp(name, "s3:", 3) == 0 ? name + 3 : name;
    if (!read_kind(name, event, err)) {
        return false;
    }
    if (event->kind == S3_EVENT_IGNORED) {
        return true;
    }
    const json_t *s3 = json_object_get(record, "s3");
    const json_t *bucket = json_object_get(s3, "bucket");
    const json_t *object = json_object_get(s3, "object");
    return read_bucket(bucket, &event->bucket, err) &&
           read_key(object, is_form_encoded(record, bucket, object), &event->key, err) &&
           read_object(object, "versionId", event, err) && read_time(record, "eventTime", &event->time_ms, err);
}

/* AmazonS3/latest/userguide/ev-events: keys are not encoded. */
static bool read_eventbridge(const json_t *value, struct s3_event *event, struct error *err) {
    const char *name = "";
    const json_t *detail = json_object_get(value, "detail");
    const json_t *object = json_object_get(detail, "object");
    if (!read_text(value, "detail-type", &name, err) || !read_kind(name, event, err)) {
        return false;
    }
    if (event->kind == S3_EVENT_IGNORED) {
        return true;
    }
    return read_bucket(json_object_get(detail, "bucket"), &event->bucket, err) &&
           read_key(object, false, &event->key, err) && read_object(object, "version-id", event, err) &&
           read_time(value, "time", &event->time_ms, err);
}

/* {"Event":"s3:TestEvent","Bucket":…}, which stores send when a notification is set up. */
static bool read_test_event(const json_t *value, struct s3_event *event, struct error *err) {
    const char *name = json_text(value, "Event");
    if (strcmp(name, "s3:TestEvent") != 0) {
        return error_set(err, ERROR_BAD_REQUEST, "an event of an unknown kind");
    }
    event->name = xstrdup("TestEvent");
    event->kind = S3_EVENT_IGNORED;
    return copy_text(value, "Bucket", &event->bucket, err);
}

static void fill_absent(char **text) {
    if (*text == NULL) {
        *text = xstrdup("");
    }
}

static void reject(struct collector *collector, const struct error *reason) {
    if (collector->events->rejected++ == 0) {
        collector->events->reason = *reason;
    }
}

static void add(struct collector *collector, const json_t *value,
                bool (*read)(const json_t *, struct s3_event *, struct error *)) {
    struct s3_events *events = collector->events;
    struct s3_event event = {.size = -1};
    struct error reason = {0};
    if (events->count == S3_EVENT_MAX_RECORDS) {
        error_set(&reason, ERROR_BAD_REQUEST, "more than %d records", S3_EVENT_MAX_RECORDS);
        reject(collector, &reason);
        return;
    }
    if (!read(value, &event, &reason)) {
        event_free(&event);
        reject(collector, &reason);
        return;
    }
    doubt_size(&event);
    char **const texts[] = {&event.bucket, &event.key, &event.etag, &event.version_id, &event.sequencer};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        fill_absent(texts[i]);
    }
    events->items = xrealloc(events->items, (events->count + 1) * sizeof *events->items);
    events->items[events->count++] = event;
}

static void add_records(struct collector *collector, const json_t *records) {
    size_t i = 0;
    json_t *record = NULL;
    json_array_foreach (records, i, record) {
        add(collector, record, read_record);
    }
}

static void collect(struct collector *collector, const json_t *value);

/* The text that SNS carries. */
static void collect_message(struct collector *collector, const json_t *message) {
    struct error reason = {0};
    json_t *value = NULL;
    if (collector->in_message) {
        error_set(&reason, ERROR_BAD_REQUEST, "a Message inside of a Message");
        reject(collector, &reason);
    } else if (!json_parse(json_string_value(message), json_string_length(message), JSON_MAX_DEPTH, &value, &reason)) {
        reject(collector, &reason);
    } else {
        collector->in_message = true;
        collect(collector, value);
        collector->in_message = false;
        json_decref(value);
    }
}

static void collect_object(struct collector *collector, const json_t *object) {
    const json_t *records = json_object_get(object, "Records");
    const json_t *event = json_object_get(object, "Event");
    const json_t *message = json_object_get(object, "Message");
    struct error reason = {0};
    if (json_is_array(records)) {
        add_records(collector, records);
    } else if (json_is_array(event)) {
        add_records(collector, event);
    } else if (json_is_string(event)) {
        add(collector, object, read_test_event);
    } else if (json_is_string(json_object_get(object, "detail-type"))) {
        add(collector, object, read_eventbridge);
    } else if (json_is_string(message)) {
        collect_message(collector, message);
    } else if (json_object_get(object, "eventName") != NULL) {
        add(collector, object, read_record);
    } else {
        error_set(&reason, ERROR_BAD_REQUEST, "an object of an unknown shape");
        reject(collector, &reason);
    }
}

/* Lists hold any of the shapes; in MinIO's older one a time comes before them. */
static void collect(struct collector *collector, const json_t *value) {
    size_t i = 0;
    json_t *item = NULL;
    struct error reason = {0};
    if (json_is_object(value)) {
        collect_object(collector, value);
    } else if (json_is_array(value)) {
        json_array_foreach (value, i, item) {
            if (i > 0 || !json_is_string(item)) {
                collect(collector, item);
            }
        }
    } else {
        error_set(&reason, ERROR_BAD_REQUEST, "neither an object nor a list");
        reject(collector, &reason);
    }
}

bool s3_event_parse(const char *bytes, size_t length, struct s3_events *ret_events, struct error *err) {
    struct s3_events events = {0};
    struct collector collector = {.events = &events};
    _cleanup_(json_freep) json_t *value = NULL;
    if (length > S3_EVENT_MAX_BYTES) {
        return error_set(err, ERROR_BAD_REQUEST, "an event of more than %d bytes", S3_EVENT_MAX_BYTES);
    }
    if (!json_parse(bytes, length, JSON_MAX_DEPTH, &value, err)) {
        return false;
    }
    collect(&collector, value);
    if (events.count == 0) { /* nothing was allocated */
        return error_set(err, ERROR_BAD_REQUEST, "%s",
                         events.rejected > 0 ? events.reason.message : "there is no event in it");
    }
    *ret_events = events;
    return true;
}
