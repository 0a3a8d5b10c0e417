/* One picture, in the process forked for it: confined, checked, rendered, reported. */
#ifndef SLUICE_DECODER_JOB_H
#define SLUICE_DECODER_JOB_H

#include "common/decoder_protocol.h"

#include <stdnoreturn.h>

/* Exit status of a process that could not be confined, and did not look at the picture. */
enum { JOB_NOT_CONFINED_EXIT = 78 };

/* ERROR_TOO_MANY_FRAMES or ERROR_TOO_MANY_PIXELS when a picture of this size is more than the request allows, ERROR_DECODE_FAILED
 * for a size that cannot be. Pure. */
bool job_check_size(const struct decoder_request *request, int64_t width, int64_t height, int64_t frames,
                    struct error *err) MUST_CHECK;

/* Ends the process. All other descriptors than these two and the standard ones are closed. */
noreturn void job_run(const struct decoder_request *request, int input_fd, int channel_fd);

#endif
