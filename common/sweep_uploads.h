/* Ends multipart uploads that nobody will complete any more: their parts take room that no listing shows. */
#ifndef SLUICE_COMMON_SWEEP_UPLOADS_H
#define SLUICE_COMMON_SWEEP_UPLOADS_H

#include "common/db.h"
#include "common/id.h"
#include "common/s3_client.h"

struct sweep_uploads {
    struct db *db;
    struct s3_client *store;
    const char *bucket;
    int64_t age_s; /* since they were begun */
    bool dry_run;  /* nothing is changed */
    void *context;
    void (*ended)(void *context, const char *file_id, const char *key, size_t parts); /* one that the store had */
    /* One that the store refuses to end; the others are ended. */
    void (*refused)(void *context, const char *file_id, const struct error *problem);
    char after[ID_TEXT_SIZE]; /* where the next page begins; "" for the first */
};

/* One page. ret_more is false after the last. Any number may do it at the same time. False when database or store are
 * down. */
bool sweep_uploads_page(struct sweep_uploads *sweep, bool *ret_more, struct error *err) MUST_CHECK;

#endif
