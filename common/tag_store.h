/* Tags, vectors and the queue of tagging in the database. */
#ifndef SLUICE_COMMON_TAG_STORE_H
#define SLUICE_COMMON_TAG_STORE_H

#include "common/db.h"
#include "common/embedding.h"
#include "common/id.h"

/* Pictures that are to be tagged; for use inside the transaction that made them SYNCED. Files without a variant are left out. */
bool tag_store_enqueue(struct db *db, const char *const *file_ids, size_t count, struct error *err) MUST_CHECK;

/* One picture, held by its lease. */
struct tag_job {
    char file_id[ID_TEXT_SIZE];
    char lease_token[ID_TEXT_SIZE];
    int attempts;               /* this one included */
    char *object_key;           /* of the variant to send; NULL: there is none any more */
    char *content_type;         /* of that */
    int64_t size;               /* of that, in bytes */
    struct embedding embedding; /* of this picture by the same model, from an earlier tagging; {0}: none */
};
void tag_job_free(struct tag_job *job);

/* The job that is due longest; ret_found false: none is. */
bool tag_store_claim(struct db *db, int64_t lease_s, const char *model, struct tag_job *ret_job, bool *ret_found,
                     struct error *err) MUST_CHECK;

struct tag {
    const char *name;
    float score; /* cosine */
};

/* Writes vector (NULL: none) and tags, instead of those that the file has, and ends the job. ret_held false: the lease was lost,
 * nothing was written. */
bool tag_store_finish(struct db *db, const struct tag_job *job, const char *model, const struct embedding *embedding,
                      const struct tag *tags, size_t count, bool *ret_held, struct error *err) MUST_CHECK;

/* The job is due again after delay_ms, or, with is_final, never; `reason` is kept with it. */
bool tag_store_postpone(struct db *db, const struct tag_job *job, bool is_final, int64_t delay_ms,
                        const struct error *reason, struct error *err) MUST_CHECK;

/* The same without a spent attempt. */
bool tag_store_give_back(struct db *db, const struct tag_job *job, int64_t delay_ms, const struct error *reason,
                         struct error *err) MUST_CHECK;

/* Vectors of texts that were asked of this model before; those of others are left {0}. */
bool tag_store_get_texts(struct db *db, const char *model, const char *const *texts, size_t count,
                         struct embedding *ret_embeddings, struct error *err) MUST_CHECK;
bool tag_store_put_text(struct db *db, const char *model, const char *text, const struct embedding *embedding,
                        struct error *err) MUST_CHECK;

/* Forgets the vectors of texts, so that they are asked of the model anew. */
bool tag_store_drop_texts(struct db *db, const char *model, struct error *err) MUST_CHECK;

/* Queues the next `limit` pictures after *last_id ("": from the oldest on), of those that have no vector of `model` (NULL: of
 * all); last_id moves on. ret_count below limit: those were the last. */
bool tag_store_rebuild(struct db *db, const char *model, int64_t limit, char last_id[ID_TEXT_SIZE], size_t *ret_count,
                       struct error *err) MUST_CHECK;

#endif
