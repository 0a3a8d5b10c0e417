/* What the worker, sluice-decoder and the confined child that it forks for each picture say to each other.
 *
 *   worker ──request, picture, channel──▶ sluice-decoder ──fork──▶ child
 *   worker ◀──────────── end (how the child ended) ──┘               │
 *   worker ◀──────────── reports, over the job's channel ────────────┘
 *
 * Both ways are SOCK_SEQPACKET socket pairs; a message is one struct, with descriptors beside it (SCM_RIGHTS). The child reads
 * hostile bytes, so the worker believes none of its reports: processor/decoder_job.h checks each. Both programs come from one
 * build; the version in a request only makes a mixed installation fail clearly.
 */
#ifndef SLUICE_COMMON_DECODER_PROTOCOL_H
#define SLUICE_COMMON_DECODER_PROTOCOL_H

#include "common/picture.h"
#include "common/variants.h"

#include <sys/types.h>

enum {
    DECODER_PROTOCOL_VERSION = 2,
    DECODER_CONTROL_FD = 3, /* sluice-decoder finds its end of the worker's socket here */
    DECODER_REQUEST_FDS = 2,
    DECODER_MESSAGE_SIZE = 200, /* of the text of an error */
    DECODER_VARIANT_BYTES_MAX = 64 << 20,
};

/* Worker to sluice-decoder, with two descriptors: the picture, to read, and the child's end of the channel. */
struct decoder_request {
    uint32_t version;
    int32_t webp_effort;
    int64_t input_size;
    int64_t max_pixels;
    int64_t max_frames;
    int64_t memory_bytes;
    int64_t timeout_ms;
    bool keep_gps;
    struct variant_table variants;
};

/* A message of one byte instead of a request ends the job that runs. */

/* Child to worker: REPORT_PICTURE, a REPORT_VARIANT for each variant, REPORT_DONE; or REPORT_ERROR at any place. */
enum decoder_report_kind {
    REPORT_PICTURE = 1, /* `picture`, without its ThumbHash */
    REPORT_VARIANT,     /* `variant`, with one descriptor: a memfd that holds it, from its start */
    REPORT_DONE,        /* `picture` once more, with its ThumbHash */
    REPORT_ERROR,
};

struct decoder_report {
    uint32_t kind;
    union {
        struct picture picture;
        struct {
            uint32_t index; /* in the table of the request */
            int32_t width, height;
            int64_t size;
        } variant;
        struct {
            uint32_t code;                      /* enum error_code */
            char message[DECODER_MESSAGE_SIZE]; /* for the picture's owner */
            char words[DECODER_MESSAGE_SIZE];   /* of the library that failed, for the log; may be "" */
        } error;
    };
};

/* How the child ended, as its parent saw it. */
enum decoder_outcome {
    DECODER_ENDED, /* by itself; what came of the picture is in the reports */
    DECODER_OUT_OF_TIME,
    DECODER_OUT_OF_MEMORY,
    DECODER_CRASH,
    DECODER_BLOCKED_CALL,
    DECODER_CANCELLED,
    DECODER_NOT_RUN, /* it could not be forked or confined, or the request is not understood */
    DECODER_OUTCOME_COUNT
};

/* sluice-decoder to worker, once for each request. */
struct decoder_end {
    uint32_t outcome;
    int32_t signal_number; /* that ended the child; 0: none */
    int64_t peak_bytes;    /* of its resident memory */
    int64_t cpu_us;
};

/* Sends one message with these descriptors, which stay the caller's. False (errno tells) when the other side is gone. */
bool decoder_send(int socket_fd, const void *message, size_t size, const int *descriptors, size_t count) MUST_CHECK;

/* Receives one message of at most `size` bytes; its length, 0 at the end, -1 (errno). Descriptors that came with it are
 * put into `descriptors` (CLOEXEC), -1 where there is none; when there are more than `count` of them, all are closed and errno
 * is EPROTO. A message that is too long is EPROTO too. */
ssize_t decoder_receive(int socket_fd, void *ret_message, size_t size, int *ret_descriptors, size_t count) MUST_CHECK;

#endif
