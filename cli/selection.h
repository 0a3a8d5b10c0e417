/* What a command works on: the ids of its line, or everything by --all. Pure. */
#ifndef SLUICE_CLI_SELECTION_H
#define SLUICE_CLI_SELECTION_H

#include "cli/options.h"

/* ERROR_CONFIG unless the line has either ids, each of which `is_id`, or --all. `what` names an id in the complaint. */
bool selection_check(const struct options *options, bool (*is_id)(const char *text), const char *what,
                     struct error *err) MUST_CHECK;

#endif
