/* Assets: each content once for each owner, held by one file and shared with its duplicates.
 *
 * A file of kind asset has its content (table asset_contents), or duplicates the file that has it; then its row has no object.
 * An asset's references are its own file and its duplicates. Changes of status are not here but in file_state.h.
 */
#ifndef SLUICE_COMMON_ASSET_STORE_H
#define SLUICE_COMMON_ASSET_STORE_H

#include "common/file_store.h"

/* For workers */

enum asset_claim {
    ASSET_OWN,       /* the content is this file's */
    ASSET_DUPLICATE, /* another file has it, and is SYNCED */
    ASSET_BUSY,      /* another file is at it: ask again */
};

/* Claims the content of the job's file, by the hash that was declared. ret_holder: of a duplicate. */
bool asset_claim(struct db *db, const struct file_job *job, enum asset_claim *ret_claim, char ret_holder[ID_TEXT_SIZE],
                 struct error *err) MUST_CHECK;

/* What a job of an asset came to. */
struct asset_ending {
    const struct file_job *job;
    const char *holder;     /* the file that it duplicates; NULL: it has its content */
    const char *object_key; /* where its object lies now; NULL for a duplicate */
};

/* Before files are finished, in the same transaction: ret_stands[i] tells whether it is still as the claim said. It stays so
 * until the end of the transaction. */
bool asset_hold(struct db *db, const struct asset_ending *endings, size_t count, bool *ret_stands,
                struct error *err) MUST_CHECK;

/* After they were finished: keys of the objects, and what duplicates duplicate. */
bool asset_finish(struct db *db, const struct asset_ending *endings, size_t count, struct error *err) MUST_CHECK;

/* For requests */

struct asset {
    struct file_record *record; /* of the file that has the content */
    int64_t references;
    char *score; /* what a search by text found, closest 1: a JSON number; NULL: another list */
};

struct assets {
    struct asset *items;
    size_t count;
};
void assets_free(struct assets *assets);

/* The assets that a statement answers: n, SQL_FILE_RECORD, references, score or NULL. */
bool assets_read(struct db *db, enum sql_statement statement, const struct db_params *params, struct assets *ret_assets,
                 struct error *err) MUST_CHECK;

/* The asset that the file is, or duplicates: one item. One that is not SYNCED yet is given as it stands. NOT_FOUND. */
bool asset_get(struct db *db, const char *owner_id, const char *file_id, struct assets *ret_assets,
               struct error *err) MUST_CHECK;

/* The owner's asset for each hash (hex), NULL items where there is none; in the hashes' order. */
bool asset_find_hashes(struct db *db, const char *owner_id, const char *const *sha256s, size_t count,
                       struct file_records *ret_records, struct error *err) MUST_CHECK;

/* References left; 0 when the file is gone. */
bool asset_references(struct db *db, const char *owner_id, const char *file_id, int64_t *ret_references,
                      struct error *err) MUST_CHECK;

enum asset_release {
    ASSET_GONE,      /* there is no such file, any more */
    ASSET_HAS_OTHER, /* a duplicate holds on to it: ret_other */
    ASSET_DROPPED,   /* the record is gone; its objects are nobody's */
    ASSET_LET_GO,    /* SYNCED: nobody else may have its content now; objects are to go, then the record */
};

/* The first step of deleting a file of kind asset, as one transaction. A duplicate is DROPPED, and so is a file that is not
 * SYNCED, whatever a worker is doing with it. A crash after LET_GO leaves a record that can be deleted again. */
bool asset_release(struct db *db, const char *owner_id, const char *file_id, enum asset_release *ret_release,
                   char ret_other[ID_TEXT_SIZE], struct error *err) MUST_CHECK;

#endif
