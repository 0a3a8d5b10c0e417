#include "processor/steps.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/media_key.h"
#include "common/metrics.h"
#include "common/variant_objects.h"
#include "processor/crash_point.h"

#define VARIANT_CACHE_CONTROL "private, max-age=86400"

/* Albums, users and generations take pictures only; any other file may happen to be one. */
bool step_picture_applies(const struct work *work) {
    return work->tools->decoder != NULL && (work->is_picture || media_kind_is_media(work->job->kind));
}

/* Into the store while the decoder makes the next one, by the connection that the object came from. */
static bool store_variant(void *context, const struct picture_variant *variant, struct error *err) {
    struct work *work = context;
    struct picture_result *result = work->result;
    if (result->variant_count == VARIANTS_MAX) {
        return error_set(err, ERROR_DECODER_CRASHED, "the decoder made too many variants");
    }
    char media_id[MEDIA_ID_SIZE];
    media_id_of(work->job->object_key, work->job->file_id, media_id);
    _cleanup_(buf_free) struct buf key = {0};
    variant_object_key(media_id, variant->spec, &key);
    const struct s3_put put = {
        .key = buf_text(&key),
        .content_type = picture_format_content_type(variant->spec->format),
        .cache_control = VARIANT_CACHE_CONTROL,
        .body = {.bytes = variant->bytes, .length = (int64_t)variant->size},
    };
    int64_t made_us = clock_monotonic_us();
    if (!s3_client_put(work->tools->store, &put, NULL, err)) {
        return false;
    }
    result->variants[result->variant_count++] =
        (struct stored_variant){variant->spec, variant->width, variant->height, (int64_t)variant->size};
    metrics_increment(METRIC_VARIANTS_STORED, 0);
    crash_point("variant_stored");
    int64_t stored_us = clock_monotonic_us();
    log_debug("variant_stored", log_text("file_id", work->job->file_id), log_text("variant", variant->spec->name),
              log_int("size", (int64_t)variant->size), log_int("decoder_us", made_us - work->variant_from_us),
              log_int("store_us", stored_us - made_us));
    work->variant_from_us = stored_us;
    return true;
}

void step_picture_forget(struct step_tools *tools, const struct file_job *job) {
    char media_id[MEDIA_ID_SIZE];
    struct error err = {0};
    media_id_of(job->object_key, job->file_id, media_id);
    if (!variant_objects_delete(tools->store, media_id, &err)) {
        log_warn("variants_left_behind", log_text("file_id", job->file_id), log_code(&err), log_message(&err));
    }
}

static bool is_decoder_fault(enum error_code code) {
    return code == ERROR_DECODER_TIMEOUT || code == ERROR_DECODER_MEMORY || code == ERROR_DECODER_CRASHED ||
           code == ERROR_DECODER_BLOCKED;
}

/* One such fault may be this machine's; several in a row are the picture's. */
static bool is_final(const struct work *work, const struct error *err) {
    if (!is_decoder_fault(err->code)) {
        return error_disposition(err) == PERMANENT;
    }
    int64_t allowed = work->tools->decoder_attempts;
    const char *previous = work->job->previous_code;
    bool again = previous != NULL && is_decoder_fault(error_code_of(previous));
    return allowed <= 1 || (again && work->job->attempts >= allowed);
}

/* A file that only happens to look like a picture is a good file all the same, and says why it has no variants. */
static enum step_result decode_failed(struct work *work, struct error *err) {
    if (work->result->variant_count > 0) {
        step_picture_forget(work->tools, work->job);
    }
    *work->result = (struct picture_result){0};
    if (!is_final(work, err)) {
        return STEP_RETRY;
    }
    if (media_kind_is_media(work->job->kind)) {
        return STEP_REJECT;
    }
    work->flaw = *err;
    return STEP_DONE;
}

/* The record says in plain words what is wrong; what the library said helps those who look into it. */
static void log_words(const struct work *work, const struct error *err) {
    const char *words = decoder_last_words(work->tools->decoder);
    if (*words != '\0') {
        log_info("picture_not_decoded", log_text("file_id", work->job->file_id), log_code(err), log_message(err),
                 log_text("library", words));
    }
}

enum step_result step_picture(struct work *work, struct error *err) {
    struct step_tools *tools = work->tools;
    if (!work->is_picture) {
        error_set(err, ERROR_UNSUPPORTED_TYPE, "the content is %s, not a picture that is decoded",
                  work->detected_type == NULL ? "of no known type" : work->detected_type);
        return STEP_REJECT;
    }
    struct picture_result *result = work->result;
    work->variant_from_us = clock_monotonic_us();
    if (!decoder_run(tools->decoder, spool_descriptor(tools->spool), spool_size(tools->spool), store_variant, work,
                     &result->picture, err)) {
        spool_clear(tools->spool);
        log_words(work, err);
        return decode_failed(work, err);
    }
    spool_clear(tools->spool);
    result->is_known = true;
    work->detected_type = picture_type_name(result->picture.type);
    return STEP_DONE;
}
