/* The running sluice-decoder of one worker: started with nothing but a socket, ended with its worker. */
#ifndef SLUICE_PROCESSOR_DECODER_PROCESS_H
#define SLUICE_PROCESSOR_DECODER_PROCESS_H

#include "common/error.h"

#include <sys/types.h>

struct decoder_process {
    pid_t pid; /* 0: none runs */
    int control_fd;
};

/* Runs the program with an empty environment, its end of the socket as its only descriptor beside the standard ones, and the
 * order to the kernel to kill it when this process ends. Whether it could be executed shows in the first answer. ERROR_INTERNAL. */
bool decoder_process_start(struct decoder_process *process, const char *program, struct error *err) MUST_CHECK;

/* Kills it if it runs, and whatever it has forked with it, and waits for its end. */
void decoder_process_stop(struct decoder_process *process);

#endif
