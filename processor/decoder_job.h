/* One job as its decoder reports it: every message is checked, for it may come from a process that a picture has taken over. */
#ifndef SLUICE_PROCESSOR_DECODER_JOB_H
#define SLUICE_PROCESSOR_DECODER_JOB_H

#include "common/decoder_protocol.h"
#include "processor/decoder.h"

struct decoder_job {
    const struct decoder_options *options;
    picture_variant_sink sink;
    void *context;
    struct picture picture;
    bool has_picture;       /* REPORT_PICTURE came: sizes are known */
    bool has[VARIANTS_MAX]; /* this variant came */
    bool is_done;           /* REPORT_DONE came */
    bool has_failed;        /* `error` holds why: the decoder's word or the sink's */
    struct error error;
    char words[DECODER_MESSAGE_SIZE]; /* of the library that failed in the decoder, "" when there are none */
    int64_t variant_bytes;
};

/* Takes one message of `length` bytes; descriptor (-1: none) came with it and stays the caller's. False when no more messages are
 * wanted: the decoder reported an error or the sink failed (err has it), or the message is not one that may come now
 * (ERROR_DECODER_CRASHED: whatever sent it is not our decoder any more). */
bool decoder_job_take(struct decoder_job *job, const void *message, size_t length, int descriptor,
                      struct error *err) MUST_CHECK;

/* What came of the job when its process has ended like this: the picture, or an error. */
bool decoder_job_finish(const struct decoder_job *job, const struct decoder_end *end, struct picture *ret_picture,
                        struct error *err) MUST_CHECK;

#endif
