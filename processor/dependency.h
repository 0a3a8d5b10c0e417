/* Whether something that the processor depends on works; says so in the log when that changes, not at every try. */
#ifndef SLUICE_PROCESSOR_DEPENDENCY_H
#define SLUICE_PROCESSOR_DEPENDENCY_H

#include "common/error.h"

struct dependency {
    const char *name;
    bool is_down;
};

void dependency_works(struct dependency *dependency);
void dependency_failed(struct dependency *dependency, const struct error *err);

#endif
