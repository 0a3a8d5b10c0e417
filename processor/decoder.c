#include "processor/decoder.h"

#include "common/clock.h"
#include "common/metrics.h"
#include "common/xalloc.h"
#include "processor/decoder_job.h"
#include "processor/decoder_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { PATH_SIZE = 4096, GRACE_MS = 3000 /* beyond its own time-out a decoder must have answered */ };

struct decoder {
    struct decoder_options options;
    char *program;
    struct decoder_process process;
    struct decoder_usage last_usage;
    char last_words[DECODER_MESSAGE_SIZE];
};

/* The program beside the running one. */
static char *default_program(void) {
    char path[PATH_SIZE];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(path, '/');
    return slash == NULL ? xstrdup("sluice-decoder") : xasprintf("%.*s/sluice-decoder", (int)(slash - path), path);
}

static char *program_of(const struct decoder_options *options) {
    return options->program != NULL && *options->program != '\0' ? xstrdup(options->program) : default_program();
}

struct decoder *decoder_new(const struct decoder_options *options) {
    struct decoder *decoder = xcalloc(1, sizeof *decoder);
    decoder->options = *options;
    decoder->program = program_of(options);
    decoder->options.program = decoder->program;
    decoder->process.control_fd = -1;
    return decoder;
}

void decoder_free(struct decoder *decoder) {
    if (decoder != NULL) {
        decoder_process_stop(&decoder->process);
        free(decoder->program);
        free(decoder);
    }
}

bool decoder_check(const struct decoder_options *options, struct error *err) {
    _cleanup_(freep) char *program = program_of(options);
    return access(program, X_OK) == 0 ||
           error_set(err, ERROR_CONFIG, "SLUICE_DECODER_PROGRAM: cannot run %s: %s", program, strerror(errno));
}

struct decoder_usage decoder_last_usage(const struct decoder *decoder) {
    return decoder->last_usage;
}

const char *decoder_last_words(const struct decoder *decoder) {
    return decoder->last_words;
}

pid_t decoder_pid(const struct decoder *decoder) {
    return decoder->process.pid;
}

/* The input as the decoder gets it: to read only, and with an offset of its own. */
static int reopen(int input_fd) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", input_fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static struct decoder_request request_of(const struct decoder *decoder, int64_t input_size) {
    const struct decoder_options *options = &decoder->options;
    return (struct decoder_request){
        .version = DECODER_PROTOCOL_VERSION,
        .webp_effort = options->webp_effort,
        .input_size = input_size,
        .max_pixels = options->max_pixels,
        .max_frames = options->max_frames,
        .memory_bytes = options->memory_bytes,
        .timeout_ms = options->timeout_ms,
        .keep_gps = options->keep_gps,
        .variants = options->variants,
    };
}

/* Starts the program if need be and hands the job over. One that died since its last job is replaced once. */
static bool send_request(struct decoder *decoder, const struct decoder_request *request, const int *descriptors,
                         struct error *err) {
    for (int attempt = 0; attempt < 2; attempt++) {
        if (decoder->process.pid == 0 && !decoder_process_start(&decoder->process, decoder->program, err)) {
            return false;
        }
        if (decoder_send(decoder->process.control_fd, request, sizeof *request, descriptors, DECODER_REQUEST_FDS)) {
            return true;
        }
        decoder_process_stop(&decoder->process);
    }
    return error_set(err, ERROR_INTERNAL, "%.150s cannot be run", decoder->program);
}

/* Whether something can be read; false when the deadline has passed. At least one look is taken. */
static bool wait_readable(int descriptor, int64_t deadline_ms) {
    struct pollfd watched = {.fd = descriptor, .events = POLLIN};
    for (;;) {
        int64_t left_ms = deadline_ms - clock_monotonic_ms();
        int ready = poll(&watched, 1, (int)(left_ms > 0 ? left_ms : 0));
        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            return true; /* reading tells */
        }
        if (ready == 0) {
            return false;
        }
    }
}

/* Reads reports until the child has gone, which closes the channel. False when the decoder does not answer any more. */
static bool read_reports(struct decoder *decoder, int channel_fd, int64_t deadline_ms, struct decoder_job *job) {
    static const char cancel = 'c';
    union {
        struct decoder_report report;
        char room[sizeof(struct decoder_report) + 1];
    } message;
    for (;;) {
        _cleanup_(closep) int descriptor = -1;
        struct error err = {0};
        if (!wait_readable(channel_fd, deadline_ms)) {
            return false;
        }
        ssize_t length = decoder_receive(channel_fd, &message, sizeof message, &descriptor, 1);
        if (length == 0) {
            return true;
        }
        if (length < 0) {
            error_set(&job->error, ERROR_DECODER_CRASHED, "the decoder sent what is no message");
            job->has_failed = true;
        }
        if (length < 0 || !decoder_job_take(job, &message, (size_t)length, descriptor, &err)) {
            /* What else it may have to say is of no interest: the job ends now. */
            (void)!decoder_send(decoder->process.control_fd, &cancel, sizeof cancel, NULL, 0);
            return true;
        }
    }
}

/* Runs the job to its end; false when the decoder itself is lost. */
static bool converse(struct decoder *decoder, int channel_fd, struct decoder_job *job, struct decoder_end *ret_end,
                     struct error *err) {
    int64_t deadline_ms = clock_monotonic_ms() + decoder->options.timeout_ms + GRACE_MS;
    if (!read_reports(decoder, channel_fd, deadline_ms, job) ||
        !wait_readable(decoder->process.control_fd, deadline_ms)) {
        return error_set(err, ERROR_DECODER_TIMEOUT, "the decoder does not answer");
    }
    ssize_t length = decoder_receive(decoder->process.control_fd, ret_end, sizeof *ret_end, NULL, 0);
    return length == (ssize_t)sizeof *ret_end ||
           error_set(err, job->has_picture ? ERROR_DECODER_CRASHED : ERROR_INTERNAL, "%.150s has ended",
                     decoder->program);
}

static void count(const struct decoder_job *job, const struct decoder_usage *usage, enum error_code code) {
    metrics_increment(METRIC_PICTURES, code);
    metrics_observe_us(METRIC_DECODE_DURATION, 0, usage->elapsed_us);
    metrics_add(METRIC_DECODE_CPU_MS, 0, usage->cpu_us / 1000);
    metrics_add(METRIC_VARIANT_BYTES, 0, job->variant_bytes);
}

bool decoder_run(struct decoder *decoder, int input_fd, int64_t input_size, picture_variant_sink sink, void *context,
                 struct picture *ret_picture, struct error *err) {
    struct decoder_job job = {.options = &decoder->options, .sink = sink, .context = context};
    struct decoder_end end = {.outcome = DECODER_NOT_RUN};
    int64_t started_us = clock_monotonic_us();
    int ends[2];
    decoder->last_words[0] = '\0';
    _cleanup_(closep) int input = reopen(input_fd);
    if (input < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return error_set(err, ERROR_INTERNAL, "no descriptors for the decoder: %s", strerror(errno));
    }
    _cleanup_(closep) int channel = ends[0];
    const struct decoder_request request = request_of(decoder, input_size);
    bool is_sent = send_request(decoder, &request, (const int[]){input, ends[1]}, err);
    close(ends[1]); /* or the channel would never end */
    if (!is_sent) {
        return false;
    }
    bool is_good = converse(decoder, channel, &job, &end, err);
    if (!is_good) {
        decoder_process_stop(&decoder->process);
    }
    is_good = is_good && decoder_job_finish(&job, &end, ret_picture, err);
    memcpy(decoder->last_words, job.words, sizeof decoder->last_words);
    decoder->last_usage = (struct decoder_usage){end.peak_bytes, end.cpu_us, clock_monotonic_us() - started_us};
    count(&job, &decoder->last_usage, is_good ? ERROR_NONE : err->code);
    return is_good;
}

void decoder_label_metrics(void) {
    static const char *code_names[ERROR_CODE_COUNT];
    for (size_t i = 0; i < ERROR_CODE_COUNT; i++) {
        code_names[i] = i == ERROR_NONE ? "ok" : error_info((enum error_code)i)->name;
    }
    metrics_label(METRIC_PICTURES, code_names, ERROR_CODE_COUNT);
}
