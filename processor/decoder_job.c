#include "processor/decoder_job.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Bytes of a variant, mapped from what the decoder sent. */
struct mapping {
    void *bytes;
    size_t size;
};

static void mapping_free(struct mapping *mapping) {
    if (mapping->bytes != NULL) {
        munmap(mapping->bytes, mapping->size);
    }
}

static bool refuse(const char *what, struct error *err) {
    return error_set(err, ERROR_DECODER_CRASHED, "the decoder sent %s", what);
}

/* Printable ASCII: it goes into records and logs. */
static void copy_message(const char *message, size_t size, char *ret_text) {
    size_t length = strnlen(message, size - 1);
    for (size_t i = 0; i < length; i++) {
        ret_text[i] = message[i] >= ' ' && message[i] <= '~' ? message[i] : '?';
    }
    ret_text[length] = '\0';
}

static bool take_error(struct decoder_job *job, const struct decoder_report *report, struct error *err) {
    static const enum error_code codes[] = {ERROR_UNSUPPORTED_TYPE, ERROR_TOO_MANY_PIXELS, ERROR_TOO_MANY_FRAMES,
                                            ERROR_DECODE_FAILED,    ERROR_DECODER_MEMORY,  ERROR_INTERNAL};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (report->error.code == (uint32_t)codes[i]) {
            char text[DECODER_MESSAGE_SIZE];
            copy_message(report->error.message, sizeof text, text);
            copy_message(report->error.words, sizeof job->words, job->words);
            return error_set(err, codes[i], "%s", text);
        }
    }
    return refuse("an error that it cannot have", err);
}

/* has_… are read as numbers: a bool of a hostile sender may be neither true nor false. */
static bool is_truth(const bool *value) {
    unsigned char byte = 0;
    memcpy(&byte, value, sizeof byte);
    return byte <= 1;
}

static bool size_allowed(const struct decoder_options *options, const struct picture *picture) {
    return picture->width >= 1 && picture->height >= 1 && picture->frames >= 1 &&
           picture->frames <= options->max_frames &&
           (int64_t)picture->width * picture->height <= options->max_pixels / picture->frames;
}

static bool take_picture(struct decoder_job *job, const struct decoder_report *report, struct error *err) {
    const struct picture *picture = &report->picture;
    uint32_t type = 0;
    memcpy(&type, &picture->type, sizeof type);
    if (job->has_picture || !is_truth(&picture->metadata.has_gps) || !is_truth(&picture->metadata.has_altitude) ||
        type == PICTURE_TYPE_NONE || type >= PICTURE_TYPE_COUNT || !size_allowed(job->options, picture) ||
        !picture_metadata_valid(&picture->metadata) || (picture->metadata.has_gps && !job->options->keep_gps)) {
        return refuse("a picture that cannot be", err);
    }
    job->picture = *picture;
    job->picture.has_thumbhash = false;
    job->picture.thumbhash[0] = '\0';
    job->has_picture = true;
    return true;
}

/* Sealed first, so that the other side cannot change or shorten what is looked at. */
static bool map_variant(int descriptor, int64_t size, struct mapping *ret_mapping, struct error *err) {
    struct stat status;
    if (size < 1 || size > DECODER_VARIANT_BYTES_MAX || descriptor < 0 ||
        fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0 ||
        fstat(descriptor, &status) != 0 || status.st_size != size) {
        return refuse("a variant without its bytes", err);
    }
    void *bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (bytes == MAP_FAILED) {
        return error_set(err, ERROR_INTERNAL, "a variant cannot be mapped");
    }
    *ret_mapping = (struct mapping){bytes, (size_t)size};
    return true;
}

/* WebP, AVIF or JPEG, as asked for: the decoder's word is not enough for what is served later. */
static bool is_of_format(const struct mapping *mapping, enum picture_format format) {
    static const enum picture_type types[] = {
        [PICTURE_WEBP] = PICTURE_TYPE_WEBP, [PICTURE_AVIF] = PICTURE_TYPE_AVIF, [PICTURE_JPEG] = PICTURE_TYPE_JPEG};
    return picture_type_of(mapping->bytes, mapping->size) == types[format];
}

static bool take_variant(struct decoder_job *job, const struct decoder_report *report, int descriptor,
                         struct error *err) {
    const struct variant_table *table = &job->options->variants;
    size_t index = report->variant.index;
    int width = 0;
    int height = 0;
    if (!job->has_picture || job->is_done || index >= table->count || job->has[index]) {
        return refuse("a variant that nobody asked for", err);
    }
    variant_fit(&table->specs[index], job->picture.width, job->picture.height, &width, &height);
    if (report->variant.width != width || report->variant.height != height) {
        return refuse("a variant of a wrong size", err);
    }
    _cleanup_(mapping_free) struct mapping mapping = {NULL, 0};
    if (!map_variant(descriptor, report->variant.size, &mapping, err)) {
        return false;
    }
    if (!is_of_format(&mapping, table->specs[index].format)) {
        return refuse("a variant of a wrong format", err);
    }
    job->has[index] = true;
    job->variant_bytes += report->variant.size;
    const struct picture_variant variant = {&table->specs[index], width, height, mapping.bytes, mapping.size};
    return job->sink(job->context, &variant, err);
}

static bool is_base64(const char *text, size_t size) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    size_t length = strnlen(text, size);
    return length > 0 && length < size && strspn(text, alphabet) == length;
}

static bool take_done(struct decoder_job *job, const struct decoder_report *report, struct error *err) {
    const struct picture *picture = &report->picture;
    for (size_t i = 0; i < job->options->variants.count; i++) {
        if (!job->has[i]) {
            return refuse("an end before all variants", err);
        }
    }
    if (!job->has_picture || job->is_done || !is_truth(&picture->has_thumbhash) || !picture->has_thumbhash ||
        !is_base64(picture->thumbhash, sizeof picture->thumbhash)) {
        return refuse("an end that cannot be", err);
    }
    memcpy(job->picture.thumbhash, picture->thumbhash, sizeof job->picture.thumbhash);
    job->picture.has_thumbhash = true;
    job->is_done = true;
    return true;
}

static bool take_report(struct decoder_job *job, const struct decoder_report *report, int descriptor,
                        struct error *err) {
    switch (report->kind) {
    case REPORT_PICTURE:
        return take_picture(job, report, err);
    case REPORT_VARIANT:
        return take_variant(job, report, descriptor, err);
    case REPORT_DONE:
        return take_done(job, report, err);
    case REPORT_ERROR:
        return take_error(job, report, err);
    default:
        return refuse("a report of an unknown kind", err);
    }
}

bool decoder_job_take(struct decoder_job *job, const void *message, size_t length, int descriptor, struct error *err) {
    struct decoder_report report;
    bool is_taken = length == sizeof report ? true : refuse("a message of a wrong length", err);
    if (is_taken) {
        memcpy(&report, message, sizeof report);
        is_taken = take_report(job, &report, descriptor, err);
    }
    if (!is_taken) {
        job->has_failed = true;
        job->error = *err;
    }
    return is_taken;
}

bool decoder_job_finish(const struct decoder_job *job, const struct decoder_end *end, struct picture *ret_picture,
                        struct error *err) {
    static const struct {
        enum error_code code;
        const char *message;
    } ends[] = {
        [DECODER_OUT_OF_TIME] = {ERROR_DECODER_TIMEOUT, "decoding took more than its time"},
        [DECODER_OUT_OF_MEMORY] = {ERROR_DECODER_MEMORY, "decoding took more than its memory"},
        [DECODER_BLOCKED_CALL] = {ERROR_DECODER_BLOCKED, "decoding ended by a call that is not allowed"},
        [DECODER_NOT_RUN] = {ERROR_INTERNAL, "the decoder could not be confined, or is of another version"},
    };
    if (job->has_failed) {
        *err = job->error;
        return false;
    }
    if (end->outcome < sizeof ends / sizeof ends[0] && ends[end->outcome].message != NULL) {
        return error_set(err, ends[end->outcome].code, "%s", ends[end->outcome].message);
    }
    if (end->outcome != DECODER_ENDED) {
        return error_set(err, ERROR_DECODER_CRASHED, "the decoder ended by signal %d", (int)end->signal_number);
    }
    if (!job->is_done) {
        return error_set(err, ERROR_DECODER_CRASHED, "the decoder ended without a result");
    }
    *ret_picture = job->picture;
    return true;
}
