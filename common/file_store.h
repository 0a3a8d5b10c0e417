/* Records of files: reading them as a request needs them, and making new ones, many in one commit.
 *
 * Every statement that serves a request filters by owner. Changes of status are not here but in file_state.h.
 */
#ifndef SLUICE_COMMON_FILE_STORE_H
#define SLUICE_COMMON_FILE_STORE_H

#include "common/file_state.h"

/* files.upload_method of photos of a batch, whose object comes by way of staging/. */
#define FILE_METHOD_BATCH "BATCH"

/* A record as it stands; texts are NULL where the column is. Times are RFC 3339 UTC. */
struct file_record {
    char *file_id, *kind, *owner_id, *external_id, *filename, *content_type, *detected_type;
    enum file_status status;
    int64_t expected_size, size;                      /* -1: not known */
    char *sha256;                                     /* hex */
    char *expected_sha256;                            /* hex */
    char *bucket, *object_key, *etag, *upload_method; /* of a duplicate among assets, the key of what it duplicates */
    char *duplicate_of, *thumbhash, *metadata;        /* metadata is JSON text */
    int64_t width, height;                            /* 0: not known */
    char *error_code, *error_message;
    int64_t attempts;
    char *created_at, *uploaded_at, *synced_at, *expires_at;
    char *album_id, *user_id, *generation_id; /* what a medium belongs to */
    int64_t generation_index;                 /* -1: of no generation */
    char *tags;                               /* JSON array, closest first: name, score; NULL: none */
    char *variants; /* JSON array, smallest first: name, object_key, content_type, width, height, size; NULL: none */
};

void file_record_free(struct file_record *record);
DEFINE_CLEANUP(struct file_record *, file_record)

/* The record in a row of a statement that answers something, SQL_FILE_RECORD, and what else there is; NULL where the row
 * has none. */
struct file_record *file_record_read(const struct db_result *result, size_t row);

/* ERROR_NOT_FOUND also for another owner's file. */
bool file_store_get(struct db *db, const char *owner_id, const char *file_id, struct file_record **ret_record,
                    struct error *err) MUST_CHECK;

struct file_records {
    struct file_record **items; /* an item is NULL where file_store_get_many found nothing */
    size_t count;
};
void file_records_free(struct file_records *records);

/* Many at once, in the order of the ids. */
bool file_store_get_many(struct db *db, const char *owner_id, const char *const *file_ids, size_t count,
                         struct file_records *ret_records, struct error *err) MUST_CHECK;

struct file_filter {
    const char *status;      /* NULL: any */
    const char *external_id; /* NULL: any */
    const char *kind;        /* NULL: any */
    const char *before_id;   /* page: only files older than this id; NULL: from the newest on */
    size_t limit;
};

/* Newest first. */
bool file_store_list(struct db *db, const char *owner_id, const struct file_filter *filter,
                     struct file_records *ret_records, struct error *err) MUST_CHECK;

/* The owner's canonical SYNCED file for each hash (hex), NULL items where there is none; in the hashes' order. */
bool file_store_find_hashes(struct db *db, const char *owner_id, const char *const *sha256s, size_t count,
                            struct file_records *ret_records, struct error *err) MUST_CHECK;

/* The same by another statement that takes owner and hashes. */
bool file_store_find_hashes_by(struct db *db, enum sql_statement statement, const char *owner_id,
                               const char *const *sha256s, size_t count, struct file_records *ret_records,
                               struct error *err) MUST_CHECK;

/* Whether its object lies at object_key once it was uploaded: a photo of a batch comes there with its last step. */
bool file_record_is_in_place(const struct file_record *record);

/* The id of the file whose object, variants and cached content this file has: its own, but of a duplicate among assets. */
const char *file_record_content_id(const struct file_record *record);

/* Media of an album, newest first; before_id and limit as in a filter. An album that is not the owner's has none. */
bool file_store_list_album(struct db *db, const char *owner_id, const char *album_id, const char *before_id,
                           size_t limit, struct file_records *ret_records, struct error *err) MUST_CHECK;

/* The avatar of a user, NULL while there is none; NOT_FOUND when the user is not the owner's. */
bool file_store_get_avatar(struct db *db, const char *owner_id, const char *user_id, struct file_record **ret_record,
                           struct error *err) MUST_CHECK;

/* A new PENDING record; texts NULL where they are not known. */
struct file_draft {
    char file_id[ID_TEXT_SIZE];
    const char *kind, *owner_id, *external_id, *filename, *content_type;
    int64_t expected_size;       /* -1: not declared */
    const char *expected_sha256; /* hex; NULL: not declared */
    const char *bucket, *object_key, *upload_method;
    int64_t ttl_s;       /* the signed URL's */
    int64_t sweep_age_s; /* when the sweeper first looks for the object */
};

/* Inserts drafts in one statement, on a connection of the caller's (for use inside a transaction). All have the first one's
 * bucket, ttl_s and sweep_age_s, which are settings. DATABASE_ERROR when one is refused, or is there already. */
bool file_store_insert(struct db *db, const struct file_draft *const *drafts, size_t count,
                       struct error *err) MUST_CHECK;

/* The same for one draft, which may be there already. */
bool file_store_insert_missing(struct db *db, const struct file_draft *draft, struct error *err) MUST_CHECK;

/* Grouped commits: threads that insert at the same time share one statement and one commit; a lone one does not wait. */
struct file_inserter;

struct file_inserter *file_inserter_new(struct db_pool *pool);
void file_inserter_free(struct file_inserter *inserter);
DEFINE_CLEANUP(struct file_inserter *, file_inserter)

/* Returns once the draft is committed. */
bool file_inserter_insert(struct file_inserter *inserter, const struct file_draft *draft, struct error *err) MUST_CHECK;

#endif
