#include "processor/steps.h"

#include "common/content_disposition.h"
#include "common/encode.h"
#include "common/file_name.h"
#include "common/log.h"
#include "common/s3_bucket.h"
#include "common/s3_copy.h"
#include "processor/crash_point.h"
#include "processor/staged.h"

#include <string.h>

/* Stores take 2 KiB of a user's metadata and 8 KiB of headers; a character may become three in an encoding. */
enum { NAME_IN_METADATA_MAX = 600, NAME_IN_DISPOSITION_MAX = 600 };

/* What goes with the object; the headers point into it. */
struct description {
    struct buf name, disposition;
    char sha256[SHA256_HEX_SIZE];
};

static void description_free(struct description *description) {
    buf_free(&description->name);
    buf_free(&description->disposition);
}

/* A name that is too long for a header is shown as it is in the key. */
static void append_disposition(struct buf *out, const char *filename) {
    _cleanup_(buf_free) struct buf safe = {0};
    bool is_short = strlen(filename) <= NAME_IN_DISPOSITION_MAX;
    if (!is_short) {
        file_name_append_safe(&safe, filename);
    }
    content_disposition_append(out, false, is_short ? filename : buf_text(&safe));
}

static const char *type_of(const struct work *work) {
    const char *type = work->job->content_type != NULL ? work->job->content_type : work->detected_type;
    return type != NULL ? type : "application/octet-stream";
}

static void describe(const struct work *work, struct description *description, struct s3_copy *copy) {
    const char *filename = work->job->filename;
    append_disposition(&description->disposition, filename);
    encode_uri(&description->name, filename, utf8_prefix(filename, strlen(filename), NAME_IN_METADATA_MAX), false);
    encode_hex(work->sha256, SHA256_SIZE, description->sha256);
    copy->content_type = type_of(work);
    copy->content_disposition = buf_text(&description->disposition);
    copy->metadata[0] = (struct http_header){"x-amz-meta-filename", buf_text(&description->name)};
    copy->metadata[1] = (struct http_header){"x-amz-meta-sha256", description->sha256};
    copy->metadata[2] =
        (struct http_header){step_is_asset(work) ? "x-amz-meta-asset-id" : "x-amz-meta-media-id", work->job->file_id};
    copy->metadata_count = 3;
}

/* The source was read a moment ago. */
static enum step_result promote_failed(const struct work *work, struct error *err) {
    if (err->code == ERROR_STORE_PRECONDITION) {
        return STEP_RETRY;
    }
    if (err->code != ERROR_STORE_NOT_FOUND || !s3_object_is_absent(work->tools->store, staged_source(work->job), err)) {
        return step_failed(err);
    }
    error_set(err, ERROR_OBJECT_GONE, "the staged object went while it was processed");
    return STEP_REJECT;
}

bool step_promote_applies(const struct work *work) {
    return staged_is(work->job);
}

enum step_result step_promote(struct work *work, struct error *err) {
    _cleanup_(description_free) struct description description = {0};
    _cleanup_(buf_free) struct buf key = {0};
    struct s3_copy copy = {.source_key = staged_source(work->job)};
    struct s3_object object = {0};
    staged_append_final(&key, work->job);
    copy.key = buf_text(&key);
    copy.source_if_match = work->etag[0] == '\0' ? NULL : work->etag;
    describe(work, &description, &copy);
    if (!s3_copy_object(work->tools->store, &copy, work->size, &s3_copy_usual_limits, &object, err)) {
        return promote_failed(work, err);
    }
    memcpy(work->etag, object.etag, sizeof work->etag);
    crash_point("promoted");
    return STEP_DONE;
}

void step_promote_forget(struct step_tools *tools, const struct file_job *job) {
    _cleanup_(buf_free) struct buf key = {0};
    struct error err = {0};
    staged_append_final(&key, job);
    const char *const keys[] = {staged_source(job), buf_text(&key)};
    if (!s3_client_delete_many(tools->store, keys, sizeof keys / sizeof keys[0], &err)) {
        log_warn("objects_left_behind", log_text("file_id", job->file_id), log_code(&err), log_message(&err));
    }
}
