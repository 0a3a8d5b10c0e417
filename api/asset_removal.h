/* Dropping references of assets, and deleting those that have none left. */
#ifndef SLUICE_API_ASSET_REMOVAL_H
#define SLUICE_API_ASSET_REMOVAL_H

#include "api/api.h"

struct asset_removal {
    char asset_id[ID_TEXT_SIZE];
    int64_t references; /* left; 0: the asset is deleted */
};

/* Drops the reference that the record is, when it is a duplicate; else one of its duplicates, or the asset itself when there is
 * none, with object, variants and cached content. `all`: the asset with all of its references. A failure half-way leaves a
 * record that can be deleted again. */
bool asset_remove(struct api *api, const struct file_record *record, bool all, struct asset_removal *ret_removal,
                  struct error *err) MUST_CHECK;

#endif
