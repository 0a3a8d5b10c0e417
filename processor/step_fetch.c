#include "processor/steps.h"

#include "common/media_key.h"
#include "common/metrics.h"
#include "common/s3_bucket.h"
#include "common/s3_witness.h"
#include "processor/crash_point.h"
#include "processor/staged.h"

#include <inttypes.h>
#include <string.h>

enum { CONTENT_KEPT_BYTES = 1 << 20 }; /* memory that stays between jobs */

struct fetch {
    struct work *work;
    struct sha256 *hash;
    int64_t limit;  /* more bytes than this are not worth reading: the file cannot pass */
    bool is_sorted; /* it is known whether the bytes are a picture's */
};

static void keep_head(struct work *work, const void *bytes, size_t length) {
    size_t room = sizeof work->head - work->head_length;
    size_t taken = length < room ? length : room;
    memcpy(work->head + work->head_length, bytes, taken);
    work->head_length += taken;
}

/* The whole content, until it turns out to be more than the cache takes. */
static void keep_content(struct work *work, const void *bytes, size_t length) {
    struct buf *content = &work->tools->content;
    if (!work->has_content) {
        return;
    }
    if ((int64_t)(content->length + length) > work->tools->cache_max_bytes) {
        work->has_content = false;
        buf_free(content);
        *content = (struct buf){0};
        return;
    }
    buf_append(content, bytes, length);
}

/* Once enough bytes are there to tell, or all of them: what came so far is in the head. */
static bool sort_out(struct fetch *fetch, struct error *err) {
    struct work *work = fetch->work;
    fetch->is_sorted = true;
    work->is_picture = work->tools->spool != NULL && work->job->size <= work->tools->media_max_bytes &&
                       picture_type_of(work->head, work->head_length) != PICTURE_TYPE_NONE;
    return !work->is_picture || spool_write(work->tools->spool, work->head, work->head_length, err);
}

/* Puts pictures aside for the decoder. `in_head`: how many of these bytes are kept in the head, too. */
static bool spool_picture(struct fetch *fetch, const void *bytes, size_t length, size_t in_head, struct error *err) {
    struct work *work = fetch->work;
    size_t skipped = 0;
    if (!fetch->is_sorted) {
        if (work->head_length < PICTURE_HEAD_BYTES) {
            return true;
        }
        skipped = in_head;
        if (!sort_out(fetch, err)) {
            return false;
        }
    }
    if (work->is_picture && work->size > work->tools->media_max_bytes) {
        spool_clear(work->tools->spool);
        work->is_picture = false;
    }
    return !work->is_picture || length == skipped ||
           spool_write(work->tools->spool, (const char *)bytes + skipped, length - skipped, err);
}

static bool too_many_bytes(const struct fetch *fetch, struct error *err) {
    const struct file_job *job = fetch->work->job;
    return fetch->limit == job->expected_size
               ? error_set(err, ERROR_SIZE_MISMATCH, "the object has more than the declared %" PRId64 " bytes",
                           fetch->limit)
               : error_set(err, ERROR_FILE_TOO_LARGE, "the object has more than %" PRId64 " bytes", fetch->limit);
}

static bool take_bytes(void *context, const void *bytes, size_t length, struct error *err) {
    struct fetch *fetch = context;
    struct work *work = fetch->work;
    work->size += (int64_t)length;
    if (work->size > fetch->limit) {
        return too_many_bytes(fetch, err);
    }
    sha256_update(fetch->hash, bytes, length);
    size_t head_length = work->head_length;
    if (work->head_length < sizeof work->head) {
        keep_head(work, bytes, length);
    }
    keep_content(work, bytes, length);
    return spool_picture(fetch, bytes, length, work->head_length - head_length, err);
}

static enum step_result object_missing(const struct work *work, struct error *err) {
    if (!s3_object_is_absent(work->tools->store, staged_source(work->job), err)) {
        return step_failed(err);
    }
    error_set(err, ERROR_OBJECT_GONE, "the store has no object at this key");
    return STEP_REJECT;
}

/* A body that broke off counts as an attempt, although the store is at fault: an object that the store can never send
 * whole would be tried for ever. */
static enum step_result body_broke_off(int64_t size, struct error *err) {
    struct error cause = *err;
    error_set(err, ERROR_STORE_ERROR, "the body broke off after %" PRId64 " bytes: %.150s", size, cause.message);
    return STEP_RETRY;
}

static void reset_spool(struct work *work) {
    work->is_picture = false;
    if (work->tools->spool != NULL) {
        spool_clear(work->tools->spool);
    }
}

/* An outage would be waited for without end and without spending an attempt. */
static enum step_result store_failed(const struct work *work, struct error *err) {
    struct error cause = *err;
    if (s3_object_is_broken(work->tools->store, staged_source(work->job))) {
        error_set(err, ERROR_STORE_ERROR, "the store cannot read this object, but others: %.150s", cause.message);
    }
    return step_failed(err);
}

static enum step_result fetch_failed(struct work *work, struct error *err) {
    int64_t received = work->size;
    work->size = -1;
    work->has_content = false;
    reset_spool(work);
    if (err->code == ERROR_STORE_NOT_FOUND) {
        return object_missing(work, err);
    }
    if (error_disposition(err) != OUTAGE) {
        return step_failed(err);
    }
    return received > 0 ? body_broke_off(received, err) : store_failed(work, err);
}

/* Empties the buffer, and gives back what a large file made of it. */
static void reset_content(struct buf *content) {
    if (content->capacity > CONTENT_KEPT_BYTES) {
        buf_free(content);
        *content = (struct buf){0};
    }
    buf_clear(content);
}

static int64_t limit_of(const struct work *work) {
    const struct file_job *job = work->job;
    int64_t limit = work->tools->max_upload_bytes;
    if (work->tools->decoder != NULL && media_kind_is_media(job->kind) && work->tools->media_max_bytes < limit) {
        limit = work->tools->media_max_bytes;
    }
    limit = kind_policy_smaller(limit, kind_policy_of(&work->tools->policies, job->kind)->max_bytes);
    return job->expected_size >= 0 && job->expected_size < limit ? job->expected_size : limit;
}

enum step_result step_fetch(struct work *work, struct error *err) {
    const struct file_job *job = work->job;
    _cleanup_(sha256_freep) struct sha256 *hash = sha256_new();
    struct fetch fetch = {.work = work, .hash = hash, .limit = limit_of(work)};
    reset_content(&work->tools->content);
    reset_spool(work);
    work->size = 0;
    work->head_length = 0;
    work->has_content = job->size <= work->tools->cache_max_bytes;
    struct s3_get get = {
        .key = staged_source(job), .offset = 0, .length = -1, .sink = take_bytes, .sink_context = &fetch};
    struct s3_object object;
    bool fetched = s3_client_get(work->tools->store, &get, &object, err);
    metrics_add(METRIC_BYTES_FETCHED, 0, work->size);
    if (!fetched || (!fetch.is_sorted && !sort_out(&fetch, err))) {
        return fetch_failed(work, err);
    }
    sha256_finish(hash, work->sha256);
    work->has_sha256 = true;
    snprintf(work->etag, sizeof work->etag, "%s", object.etag);
    crash_point("fetched");
    return STEP_DONE;
}
