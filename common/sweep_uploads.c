#include "common/sweep_uploads.h"

#include "common/s3_bucket.h"
#include "common/s3_multipart.h"

enum { PAGE_UPLOADS = 200 };

static bool read_page(const struct sweep_uploads *sweep, struct db_result **ret_page, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, sweep->bucket);
    db_param_text(&params, *sweep->after != '\0' ? sweep->after : NULL);
    db_param_int(&params, sweep->age_s);
    db_param_int(&params, PAGE_UPLOADS);
    return db_run(sweep->db, SQL_MULTIPART_STALE, &params, ret_page, err);
}

/* The store first: a record of an upload that is still there must stay. */
static bool forget(struct sweep_uploads *sweep, const char *file_id, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, file_id);
    return db_execute(sweep->db, SQL_MULTIPART_DROP, &params, err);
}

/* One that the store no longer has is only forgotten. */
static bool end_in_store(struct sweep_uploads *sweep, const char *file_id, const char *key, const char *upload_id,
                         struct error *err) {
    struct error problem = {0};
    _cleanup_(freep) struct s3_part *parts = NULL;
    size_t count = 0;
    bool exists = s3_multipart_list_parts(sweep->store, key, upload_id, &parts, &count, &problem);
    if (!exists && problem.code != ERROR_STORE_NOT_FOUND) {
        *err = problem;
        return false;
    }
    if (exists && !sweep->dry_run && !s3_multipart_abort(sweep->store, key, upload_id, err)) {
        return false;
    }
    if (exists) {
        sweep->ended(sweep->context, file_id, key, count);
    }
    return true;
}

static bool end_upload(struct sweep_uploads *sweep, const char *file_id, const char *key, const char *upload_id,
                       struct error *err) {
    struct error problem = {0};
    if (end_in_store(sweep, file_id, key, upload_id, &problem)) {
        return sweep->dry_run || forget(sweep, file_id, err);
    }
    if (error_disposition(&problem) == OUTAGE && !s3_bucket_require(sweep->store, err)) {
        return false;
    }
    sweep->refused(sweep->context, file_id, &problem);
    return true;
}

bool sweep_uploads_page(struct sweep_uploads *sweep, bool *ret_more, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *page = NULL;
    if (!read_page(sweep, &page, err)) {
        return false;
    }
    for (size_t row = 0; row < db_rows(page); row++) {
        snprintf(sweep->after, sizeof sweep->after, "%s", db_text(page, row, 0));
        if (!end_upload(sweep, sweep->after, db_text(page, row, 1), db_text(page, row, 2), err)) {
            return false;
        }
    }
    *ret_more = db_rows(page) == PAGE_UPLOADS;
    return true;
}
