/* Pictures through sluice-decoder, a program of its own that is confined and that this one does not believe.
 *
 * The worker never touches a pixel: it hands a descriptor over and gets typed results back. A picture that makes the decoder
 * hang, crash or swell costs that picture an attempt, never the worker.
 */
#ifndef SLUICE_PROCESSOR_DECODER_H
#define SLUICE_PROCESSOR_DECODER_H

#include "common/picture.h"
#include "common/variants.h"

struct decoder_options {
    const char *program;           /* path of sluice-decoder; "" or NULL: beside the running program */
    struct variant_table variants; /* none: only the header, metadata and placeholder are read */
    int64_t max_pixels;            /* width × height × frames */
    int64_t max_frames;
    int64_t memory_bytes;
    int64_t timeout_ms; /* wall clock of one picture */
    int webp_effort;    /* 0 (fast) to 6 (small) */
    bool keep_gps;
};

struct picture_variant {
    const struct variant_spec *spec;
    int width, height; /* as variant_fit says */
    const void *bytes; /* only during the call */
    size_t size;
};

/* Takes one variant while the decoder already makes the next one. False, with err, ends the job with that error. */
typedef bool (*picture_variant_sink)(void *context, const struct picture_variant *variant, struct error *err);

struct decoder;

/* Starts nothing: the program is run at the first picture, and again after it was lost. Never NULL. */
struct decoder *decoder_new(const struct decoder_options *options);
void decoder_free(struct decoder *decoder);
DEFINE_CLEANUP(struct decoder *, decoder)

/* ERROR_CONFIG when there is no program to run. */
bool decoder_check(const struct decoder_options *options, struct error *err) MUST_CHECK;

/* Decodes the picture in input_fd (a regular file or memfd, read from its start; its offset does not matter and may change) and
 * calls the sink for each variant, the largest first. Errors: UNSUPPORTED_TYPE, TOO_MANY_PIXELS, TOO_MANY_FRAMES and
 * DECODE_FAILED lie in the picture; DECODER_TIMEOUT, DECODER_MEMORY, DECODER_CRASHED and DECODER_BLOCKED may pass; INTERNAL
 * when the decoder cannot be run; and whatever the sink says. Variants that were handed out before an error are good, but the
 * picture is not. */
bool decoder_run(struct decoder *decoder, int input_fd, int64_t input_size, picture_variant_sink sink, void *context,
                 struct picture *ret_picture, struct error *err) MUST_CHECK;

/* How the last picture's process ended, and what it took; zeros before the first. */
struct decoder_usage {
    int64_t peak_bytes; /* of resident memory */
    int64_t cpu_us;
    int64_t elapsed_us; /* with what the sink took */
};
struct decoder_usage decoder_last_usage(const struct decoder *decoder);

/* What a library said of the last picture that could not be decoded: for the log, not for the picture's owner; "" when there is
 * nothing. Good until the next picture. */
const char *decoder_last_words(const struct decoder *decoder);

/* Process id of the program that runs now, 0 for none. */
pid_t decoder_pid(const struct decoder *decoder);

/* Names the label values of the decoder's metrics. */
void decoder_label_metrics(void);

#endif
