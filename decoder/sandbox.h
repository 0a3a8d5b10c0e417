/* Confines the process that reads hostile bytes: limits of the kernel, and a seccomp filter that lists what it may call.
 *
 * What a call that is not listed does is end the process (SIGSYS). Opening a file is refused with EACCES instead, because
 * libraries look for files that they can do without.
 */
#ifndef SLUICE_DECODER_SANDBOX_H
#define SLUICE_DECODER_SANDBOX_H

#include "common/error.h"

#include <stdint.h>

struct sandbox_limits {
    int64_t memory_bytes; /* resident, about */
    int64_t cpu_ms;       /* rounded up to whole seconds */
    int64_t file_bytes;   /* of a memfd */
    int descriptors;      /* highest number of one, plus 1 */
};

/* Never undone. Call it with no other thread, and with no descriptor open that the process must not have. ERROR_INTERNAL when
 * the kernel refuses any part of it: then nothing hostile may be read. */
bool sandbox_enter(const struct sandbox_limits *limits, struct error *err) MUST_CHECK;

#endif
