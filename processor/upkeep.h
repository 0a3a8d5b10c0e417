/* What a supervisor owes to Postgres and Redis: it keeps the leases of its healthy workers, gives signs of life for them,
 * and takes back what dead ones held. */
#ifndef SLUICE_PROCESSOR_UPKEEP_H
#define SLUICE_PROCESSOR_UPKEEP_H

#include "common/config.h"

#include <stddef.h>

struct upkeep;

/* ERROR_CONFIG when a URL is wrong. */
bool upkeep_new(const struct config *config, struct upkeep **ret_upkeep, struct error *err) MUST_CHECK;
void upkeep_free(struct upkeep *upkeep);
DEFINE_CLEANUP(struct upkeep *, upkeep)

/* The three below never fail; what a dependency that is down kept from being done is done by a later call. */

/* Signs of life and longer leases; due every third of a lease. Also gives back the event lists of other hosts' dead. */
void upkeep_beat(struct upkeep *upkeep, const char *const *workers, size_t count);

/* A worker ended: upkeep_release takes back its jobs and its events. */
void upkeep_bury(struct upkeep *upkeep, const char *worker);

/* Takes back what dead workers held, and jobs whose lease is over; due every second. */
void upkeep_release(struct upkeep *upkeep);

#endif
