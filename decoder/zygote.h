/* The loop of sluice-decoder: takes a request, forks a child for it, and tells the worker how the child ended. */
#ifndef SLUICE_DECODER_ZYGOTE_H
#define SLUICE_DECODER_ZYGOTE_H

#include "common/decoder_protocol.h"

/* What a child's wait status means; killed_by_us: what for, or DECODER_ENDED. Pure. */
enum decoder_outcome zygote_outcome(int wait_status, enum decoder_outcome killed_by_us);

/* Until the worker closes its end of the socket: true; false (errno) when the socket fails. One job at a time. */
bool zygote_serve(int control_fd) MUST_CHECK;

#endif
