/* Staged objects of assets and batches that nobody needs any more: of uploads that ended before their record was made, and of files whose
 * object lies elsewhere by now. Nobody was promised anything of them, so that they go without a setting that says so. */
#ifndef SLUICE_COMMON_SWEEP_STAGING_H
#define SLUICE_COMMON_SWEEP_STAGING_H

#include "common/db.h"
#include "common/s3_client.h"

struct sweep_staging {
    struct db *db;
    struct s3_client *store;
    const char *bucket;
    int64_t age_s; /* younger objects and uploads are left alone */
    bool dry_run;  /* nothing is changed */
    void *context;
    void (*removed)(void *context, const char *key); /* an object, or an upload that was never completed */
    char *after;                                     /* the last key that is done with; NULL at the start */
};

void sweep_staging_free(struct sweep_staging *sweep);

/* Goes on with at most 1,000 objects. ret_more false: the end was reached, the next page is the first again. */
bool sweep_staging_page(struct sweep_staging *sweep, bool *ret_more, struct error *err) MUST_CHECK;

#endif
