/* What the programs' mains share: --help, --version, --dump, --config, the stop flag, parent death. */
#ifndef SLUICE_COMMON_DAEMON_H
#define SLUICE_COMMON_DAEMON_H

#include "common/config.h"

#include <signal.h>

enum { EXIT_USAGE = 2 };

struct daemon_dump {
    const char *name; /* the word after --dump */
    void (*print)(FILE *out);
};

struct daemon_program {
    const char *name;    /* sluice-api */
    const char *summary; /* one sentence for --help */
    enum config_program settings;
    const struct daemon_dump *dumps; /* ends with a NULL name */
};

/* Handles --help, --version and --dump (prints and exits 0), --config FILE and wrong arguments (one line, exit 2); loads the
 * settings and configures the log. Returns the settings, which the caller frees. The only place in common/ that exits. */
struct config *daemon_start(const struct daemon_program *program, int argc, char **argv);

/* Installs the handler of SIGTERM and SIGINT, ignores SIGPIPE. */
void daemon_catch_stop(void);
/* True once a stop was asked for. */
bool daemon_stopping(void);
/* Asks for a stop as the signal does. */
void daemon_stop(void);

#endif
