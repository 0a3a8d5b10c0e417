/* Named places where a process of the fault suite kills itself, as a power cut would: SLUICE_CRASH_AT=name.
 *
 * Compiled in by -DSLUICE_CRASH_POINTS=ON only. Children that replace a dead one are not armed any more (supervisor.c), so
 * that each of the first workers dies there once and the system then recovers.
 */
#ifndef SLUICE_PROCESSOR_CRASH_POINT_H
#define SLUICE_PROCESSOR_CRASH_POINT_H

#ifdef SLUICE_CRASH_POINTS

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void crash_point(const char *name) {
    const char *wanted = getenv("SLUICE_CRASH_AT");
    if (wanted != NULL && strcmp(wanted, name) == 0) {
        kill(getpid(), SIGKILL);
    }
}

static inline void crash_points_disarm(void) {
    unsetenv("SLUICE_CRASH_AT");
}

#else

static inline void crash_point(const char *name) {
    (void)name;
}

static inline void crash_points_disarm(void) {
}

#endif

#endif
