/* The one transaction that makes a batch of photos whose objects are all staged: their records, UPLOADED, and their rows of work,
 * of which the first ones may go. */
#ifndef SLUICE_COMMON_BATCH_ACCEPT_H
#define SLUICE_COMMON_BATCH_ACCEPT_H

#include "common/crypto.h"
#include "common/db.h"
#include "common/id.h"
#include "common/usage_store.h"

/* A photo whose object is staged. */
struct batch_photo {
    char file_id[ID_TEXT_SIZE];
    const char *filename, *content_type;
    const char *staged_key; /* where its object lies now */
    const char *object_key; /* where it will lie */
    const char *etag;       /* NULL: not known */
    int64_t size;
    unsigned char sha256[SHA256_SIZE];
};

struct batch_acceptance {
    const char *batch_id, *owner_id, *album_id;
    const char *bucket;
    int64_t album_limit;       /* photos of it that are worked on at once … */
    int64_t total_limit;       /* … and of all batches; 0: no limit */
    struct usage_limits quota; /* of the owner; only the bytes count: these files wait for no upload */
    const struct batch_photo *photos;
    size_t count;
};

/* All of it or nothing. ret_kept: the staged objects must stay, because the batch is accepted, or may be. ALBUM_NOT_FOUND when the
 * album was deleted meanwhile, CONFLICT when its lease was over and the album is another batch's, QUOTA_BYTES_EXCEEDED. */
bool batch_accept(struct db *db, const struct batch_acceptance *acceptance, bool *ret_kept,
                  struct error *err) MUST_CHECK;

#endif
