/* Albums, users and generations, and new records of media that belong to one of them. */
#ifndef SLUICE_COMMON_MEDIA_STORE_H
#define SLUICE_COMMON_MEDIA_STORE_H

#include "common/file_state.h"
#include "common/media_key.h"

struct album {
    char album_id[ID_TEXT_SIZE];
    char *title;
    char *created_at; /* RFC 3339 UTC */
};

struct albums {
    struct album *items;
    size_t count;
};
void albums_free(struct albums *albums);

bool album_create(struct db *db, const char *owner_id, const char *album_id, const char *title,
                  struct error *err) MUST_CHECK;

/* One album; ALBUM_NOT_FOUND also for another owner's. */
bool album_get(struct db *db, const char *owner_id, const char *album_id, struct albums *ret_albums,
               struct error *err) MUST_CHECK;

/* Newest first; before_id NULL: from the newest on. */
bool album_list(struct db *db, const char *owner_id, const char *before_id, size_t limit, struct albums *ret_albums,
                struct error *err) MUST_CHECK;

/* Deletes the album if nothing is in it any more; ret_deleted false: something is. ALBUM_NOT_FOUND. */
bool album_delete(struct db *db, const char *owner_id, const char *album_id, bool *ret_deleted,
                  struct error *err) MUST_CHECK;

/* What new media belong to: an album, a user or a generation, by its id. */
struct media_home {
    enum media_kind kind;
    const char *id;
    const char *owner_id;
};

/* A new PENDING record, to be uploaded by PUT; texts NULL where they are not known. */
struct media_draft {
    char file_id[ID_TEXT_SIZE];
    int64_t index; /* of a generated image */
    const char *filename, *content_type, *external_id, *object_key;
    int64_t expected_size;       /* -1: not declared */
    const char *expected_sha256; /* hex; NULL: not declared */
};

/* Begins a transaction and holds the home in it, so that it cannot go away: ALBUM_NOT_FOUND for an album that is not the
 * owner's, NOT_FOUND for a user or generation of another owner; those that nobody used yet become the owner's.
 * ret_first_index: of `count` generated images. On success the caller goes on with media_insert and commits. */
bool media_enter(struct db *db, const struct media_home *home, size_t count, int64_t *ret_first_index,
                 struct error *err) MUST_CHECK;

/* Inserts the drafts; on failure the transaction is rolled back. Times in seconds: validity of the URL, and until the sweeper
 * first looks. */
bool media_insert(struct db *db, const struct media_home *home, const char *bucket, int64_t ttl_s, int64_t sweep_age_s,
                  const struct media_draft *drafts, size_t count, struct error *err) MUST_CHECK;

/* The file of a generated image; NOT_FOUND also for another owner's. */
bool media_find_generated(struct db *db, const char *owner_id, const char *generation_id, int64_t index,
                          char ret_file_id[ID_TEXT_SIZE], struct error *err) MUST_CHECK;

/* Objects that other programs put under a pattern of media: makes records of those whose album, user or generation there
 * is, and lets them arrive. For arrivals whose effect is ARRIVAL_UNKNOWN; the effects of those that were taken change. Any
 * number of times, on any number of hosts, with the same effect. */
bool media_adopt(struct db *db, const struct file_arrival *arrivals, size_t count, enum file_arrival_effect *effects,
                 struct error *err) MUST_CHECK;

#endif
