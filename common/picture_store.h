/* What processing found in pictures, and the variants it made of them, into the records. */
#ifndef SLUICE_COMMON_PICTURE_STORE_H
#define SLUICE_COMMON_PICTURE_STORE_H

#include "common/db.h"
#include "common/picture.h"
#include "common/variants.h"

/* A variant that is in the store. */
struct stored_variant {
    const struct variant_spec *spec;
    int width, height; /* pixels */
    int64_t size;      /* bytes */
};

/* One picture and all of its variants. */
struct picture_result {
    bool is_known; /* it was decoded */
    struct picture picture;
    struct stored_variant variants[VARIANTS_MAX];
    size_t variant_count;
};

struct picture_entry {
    const char *file_id;
    const char *media_id; /* that the variants are kept under */
    const struct picture_result *result;
};

/* Writes width, height, placeholder, metadata and variants of pictures that are SYNCED, and makes a new avatar its user's; in
 * the transaction that made them SYNCED. */
bool picture_store_write(struct db *db, const struct picture_entry *entries, size_t count,
                         struct error *err) MUST_CHECK;

#endif
