/* Clearing away the photos of a batch that failed. */
#ifndef SLUICE_API_BATCH_REMOVAL_H
#define SLUICE_API_BATCH_REMOVAL_H

#include "api/api.h"

/* Records first, then objects: a failure half-way leaves objects, which the sweep finds, and never a record whose object is gone.
 * Any number of times. ALBUM_NOT_FOUND, BATCH_RUNNING. */
bool batch_remove_failed(struct api *api, const char *owner_id, const char *album_id, struct error *err) MUST_CHECK;

#endif
