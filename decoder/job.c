#include "decoder/job.h"

#include "common/encode.h"
#include "decoder/complaint.h"
#include "decoder/input_map.h"
#include "decoder/metadata_limit.h"
#include "decoder/provoke.h"
#include "decoder/sandbox.h"
#include "decoder/thumbhash.h"
#include "decoder/vips_picture.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

/* Where the two descriptors are moved to, so that all behind them can be closed. */
enum { CHANNEL_FD = 3, INPUT_FD = 4, FIRST_OTHER_FD = 5, DESCRIPTORS = 24 };

enum { CPU_MARGIN_MS = 2000 }; /* the clock on the wall comes first */

struct job {
    const struct decoder_request *request;
    struct picture picture;
    bool is_cut; /* the file is shorter than its parts say */
};

static bool send_report(const struct decoder_report *report, const int *descriptor, struct error *err) {
    return decoder_send(CHANNEL_FD, report, sizeof *report, descriptor, descriptor != NULL) ||
           error_set(err, ERROR_INTERNAL, "the worker is gone");
}

/* A file that is cut off fails in many ways; that it is cut off says more than any of them. */
static void report_error(const struct job *job, struct error *cause) {
    struct decoder_report report = {.kind = REPORT_ERROR, .error = {.code = cause->code}};
    struct error ignored; /* nobody is left to tell */
    const char *words = complaint_split(cause->message);
    bool is_cut = job->is_cut && cause->code == ERROR_DECODE_FAILED;
    snprintf(report.error.message, sizeof report.error.message, "%.199s", is_cut ? COMPLAINT_CUT : cause->message);
    snprintf(report.error.words, sizeof report.error.words, "%.199s", words);
    (void)!send_report(&report, NULL, &ignored);
}

static bool report_picture(const struct job *job, enum decoder_report_kind kind, struct error *err) {
    const struct decoder_report report = {.kind = kind, .picture = job->picture};
    return send_report(&report, NULL, err);
}

/* The bytes go through a memfd: they need no room in the socket, and the worker reads them as a file. */
static bool report_variant(const struct job *job, const struct rendered *rendered, struct error *err) {
    _cleanup_(closep) int file = memfd_create("variant", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    const char *bytes = rendered->bytes;
    for (size_t written = 0; file >= 0 && written < rendered->size;) {
        ssize_t length = write(file, bytes + written, rendered->size - written);
        if (length <= 0) {
            return error_set(err, ERROR_INTERNAL, "a variant cannot be written");
        }
        written += (size_t)length;
    }
    const struct decoder_report report = {
        .kind = REPORT_VARIANT,
        .variant = {.index = (uint32_t)(rendered->spec - job->request->variants.specs),
                    .width = rendered->width,
                    .height = rendered->height,
                    .size = (int64_t)rendered->size},
    };
    return file >= 0 ? send_report(&report, &file, err) : error_set(err, ERROR_INTERNAL, "there is no memfd");
}

static void keep_placeholder(struct job *job, const struct rendered *rendered) {
    unsigned char hash[THUMBHASH_MAX];
    _cleanup_(buf_free) struct buf text = {0};
    size_t length = thumbhash_make(rendered->width, rendered->height, rendered->bytes, hash);
    encode_base64(&text, hash, length);
    snprintf(job->picture.thumbhash, sizeof job->picture.thumbhash, "%s", buf_text(&text));
    job->picture.has_thumbhash = true;
}

static bool take_rendered(void *context, const struct rendered *rendered, struct error *err) {
    struct job *job = context;
    if (rendered->spec != NULL) {
        return report_variant(job, rendered, err);
    }
    keep_placeholder(job, rendered);
    return true;
}

bool job_check_size(const struct decoder_request *request, int64_t width, int64_t height, int64_t frames,
                    struct error *err) {
    if (width < 1 || height < 1 || frames < 1 || width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX) {
        return error_set(err, ERROR_DECODE_FAILED, "the picture has no sensible size");
    }
    if (frames > request->max_frames) {
        return error_set(err, ERROR_TOO_MANY_FRAMES, "%" PRId64 " frames or pages; at most %" PRId64, frames,
                         request->max_frames);
    }
    if (width * height > request->max_pixels / frames) {
        return error_set(err, ERROR_TOO_MANY_PIXELS,
                         "%" PRId64 " x %" PRId64 " pixels, %" PRId64 " frames; at most %" PRId64 " pixels", width,
                         height, frames, request->max_pixels);
    }
    return true;
}

/* What is beside the pixels, before a library takes it apart. */
static bool check_metadata(struct job *job, enum picture_type type, struct error *err) {
    _cleanup_(input_map_close) struct input_map input = {0};
    if (!input_map_open(INPUT_FD, job->request->input_size, &input)) {
        return error_set(err, ERROR_DECODER_MEMORY, "no memory to map the picture");
    }
    return metadata_limit_check(input.bytes, input.size, type, &job->is_cut, err);
}

static bool read_header(struct job *job, struct picture_header *ret_header, struct error *err) {
    unsigned char head[PICTURE_HEAD_BYTES];
    ssize_t length = pread(INPUT_FD, head, sizeof head, 0);
    enum picture_type type = picture_type_of(head, length > 0 ? (size_t)length : 0);
    if (type == PICTURE_TYPE_NONE) {
        return error_set(err, ERROR_UNSUPPORTED_TYPE, "the bytes are of no picture that is decoded here");
    }
    if (!check_metadata(job, type, err) ||
        !vips_picture_read_header(INPUT_FD, type, job->request->keep_gps, ret_header, &job->picture.metadata, err) ||
        !job_check_size(job->request, ret_header->width, ret_header->height, ret_header->frames, err)) {
        return false;
    }
    bool is_turned = ret_header->orientation >= 5;
    job->picture.type = type;
    job->picture.width = is_turned ? ret_header->height : ret_header->width;
    job->picture.height = is_turned ? ret_header->width : ret_header->height;
    job->picture.frames = ret_header->frames;
    return report_picture(job, REPORT_PICTURE, err);
}

static bool render(struct job *job, const struct picture_header *header, struct error *err) {
    const struct render_job render_job = {
        .header = *header,
        .input_fd = INPUT_FD,
        .input_size = job->request->input_size,
        .variants = &job->request->variants,
        .webp_effort = job->request->webp_effort,
    };
    const struct renderer *renderer = renderers;
    while (renderer->name != NULL && !renderer->suits(&render_job)) {
        renderer++;
    }
    if (renderer->name == NULL) {
        return error_set(err, ERROR_DECODE_FAILED, "nothing renders this picture");
    }
    return renderer->render(&render_job, take_rendered, job, err) && report_picture(job, REPORT_DONE, err);
}

/* Puts the descriptors where they are expected, and closes what is not this job's. */
static bool keep_only(int input_fd, int channel_fd) {
    int input = dup3(input_fd, DESCRIPTORS, O_CLOEXEC);
    int channel = dup3(channel_fd, DESCRIPTORS + 1, O_CLOEXEC);
    return input >= 0 && channel >= 0 && dup3(channel, CHANNEL_FD, O_CLOEXEC) >= 0 &&
           dup3(input, INPUT_FD, O_CLOEXEC) >= 0 && close_range(FIRST_OTHER_FD, ~0U, 0) == 0;
}

noreturn void job_run(const struct decoder_request *request, int input_fd, int channel_fd) {
    static struct job job; /* its picture goes into the reports as it is: no byte of it may be of the stack */
    struct picture_header header;
    struct error err = {0};
    const struct sandbox_limits limits = {
        .memory_bytes = request->memory_bytes,
        .cpu_ms = request->timeout_ms + CPU_MARGIN_MS,
        .file_bytes = DECODER_VARIANT_BYTES_MAX,
        .descriptors = DESCRIPTORS,
    };
    job.request = request;
    if (!keep_only(input_fd, channel_fd) || !sandbox_enter(&limits, &err)) {
        _exit(JOB_NOT_CONFINED_EXIT);
    }
    provoke(INPUT_FD, request->input_size, CHANNEL_FD);
    if (!read_header(&job, &header, &err) || !render(&job, &header, &err)) {
        report_error(&job, &err);
    }
    _exit(EXIT_SUCCESS);
}
