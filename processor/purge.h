/* Deletes rows that nobody needs any more, a few at a time, and adds up the changes of owners' usage. */
#ifndef SLUICE_PROCESSOR_PURGE_H
#define SLUICE_PROCESSOR_PURGE_H

#include "common/config.h"
#include "common/db.h"

/* Ends early, and well, when a stop is asked for. */
bool purge_run(const struct config *config, struct db *db, struct error *err) MUST_CHECK;

#endif
