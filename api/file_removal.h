/* Deleting files with all that belongs to them: object, variants, open parts, cached content, record. */
#ifndef SLUICE_API_FILE_REMOVAL_H
#define SLUICE_API_FILE_REMOVAL_H

#include "api/api.h"

/* The objects go first, then the cached content, then the records: a failure half-way leaves records that can be deleted
 * again, never an object that nobody knows of. Of an asset, given alone, one reference is dropped (asset_removal.h). */
bool file_remove(struct api *api, struct file_record *const *records, size_t count, struct error *err) MUST_CHECK;

/* The first half of that. */
bool file_remove_objects(struct api *api, struct file_record *const *records, size_t count,
                         struct error *err) MUST_CHECK;

#endif
