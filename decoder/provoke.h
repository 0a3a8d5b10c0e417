/* Named misbehaviour of the process that decodes, asked for by the last bytes of a picture: "sluice-provoke:NAME". Compiled in
 * by -DSLUICE_CRASH_POINTS=ON only, for the tests of what becomes of a picture whose decoder ends badly. */
#ifndef SLUICE_DECODER_PROVOKE_H
#define SLUICE_DECODER_PROVOKE_H

#include <stdint.h>

#ifdef SLUICE_CRASH_POINTS

/* Does what the picture asks for, if it asks: crash, hang, spin, memory, output, socket, exec, fork, open, kill, lie, flood. */
void provoke(int input_fd, int64_t input_size, int channel_fd);

#else

static inline void provoke(int input_fd, int64_t input_size, int channel_fd) {
    (void)input_fd;
    (void)input_size;
    (void)channel_fd;
}

#endif

#endif
