/* The bytes of a file: from the cache, or from the store and, once they are verified, into the cache. */
#ifndef SLUICE_API_CONTENT_SOURCE_H
#define SLUICE_API_CONTENT_SOURCE_H

#include "api/api.h"

/* Where the bytes came from, as X-Cache says it. */
enum content_cache {
    CONTENT_HIT,    /* from the cache */
    CONTENT_MISS,   /* from the store, and into the cache */
    CONTENT_BYPASS, /* from the store only: too large for the cache, or not verified yet */
};

const char *content_cache_name(enum content_cache cache);
void content_source_start(void); /* names the values for the metrics */

/* CONFLICT-like reasons why a file has no content (NOT_UPLOADED, OBJECT_GONE); true when it should have. Pure. */
bool content_available(const struct file_record *record, struct error *err) MUST_CHECK;

/* Whether a file's content goes through the cache: it is verified and not too large. Pure. */
bool content_is_cached(const struct file_record *record, int64_t cache_max_bytes);

/* The whole content of a file of at most max_bytes, in memory: FILE_TOO_LARGE, OBJECT_GONE, OBJECT_CHANGED, or that of the
 * store. A cache that does not work is passed over. */
bool content_read(struct api *api, const struct file_record *record, int64_t max_bytes, struct buf *ret_bytes,
                  enum content_cache *ret_cache, struct error *err) MUST_CHECK;

/* Streams part of the object from the store into the sink; errors as above. */
bool content_stream(struct api *api, const struct file_record *record, int64_t offset, int64_t length, http_sink sink,
                    void *context, struct error *err) MUST_CHECK;

/* The object's size as the store says it, for records that do not. */
bool content_size(struct api *api, const struct file_record *record, int64_t *ret_size, struct error *err) MUST_CHECK;

/* Removes a file from the cache; a failure is logged: nobody can ask for the content of a deleted file. */
void content_forget(struct api *api, const char *file_id);

#endif
