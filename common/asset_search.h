/* Searching assets by tag, time, hash, and by how close a picture comes to a text. */
#ifndef SLUICE_COMMON_ASSET_SEARCH_H
#define SLUICE_COMMON_ASSET_SEARCH_H

#include "common/asset_store.h"
#include "common/embedding.h"

/* All that is given must hold. */
struct asset_search {
    const char *before_id; /* page: only assets older than this id; NULL: from the newest on */
    size_t limit;
    const char *tag;                         /* NULL: any */
    const char *sha256;                      /* hex; NULL: any */
    int64_t taken_after_ms, taken_before_ms; /* since 1970, the first one included; 0: any */
    const struct embedding *embedding; /* of a text, of length 1: the closest pictures come first; NULL: the newest */
    const char *model;                 /* whose vectors are compared */
};

/* Assets that are ready. By the index of what narrows most: tag, hash, time, in this order; a text is held against every
 * picture of the owner that is left. Then, and only then, each asset has its score. */
bool asset_search(struct db *db, const char *owner_id, const struct asset_search *search, struct assets *ret_assets,
                  struct error *err) MUST_CHECK;

#endif
