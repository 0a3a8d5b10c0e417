#include "api/quota.h"

void quota_fill(const struct config *config, struct principal *principal) {
    struct usage_limits *quota = &principal->quota;
    quota->max_bytes = quota->max_bytes < 0 ? config->quota_bytes : quota->max_bytes;
    quota->max_pending = quota->max_pending < 0 ? config->quota_pending : quota->max_pending;
    principal->rate_limit = principal->rate_limit < 0 ? config->rate_limit : principal->rate_limit;
    principal->max_file_bytes = principal->max_file_bytes < 0 ? 0 : principal->max_file_bytes;
}

bool quota_applies(const struct principal *principal) {
    return principal->quota.max_bytes > 0 || principal->quota.max_pending > 0;
}

bool quota_prepare(struct db *db, const struct principal *principal, struct error *err) {
    return !quota_applies(principal) || usage_start(db, principal->owner_id, err);
}

bool quota_admit(struct db *db, const struct principal *principal, const char *const *file_ids, size_t count,
                 int64_t undeclared_bytes, struct error *err) {
    const struct usage_admission admission = {
        .owner_id = principal->owner_id,
        .limits = principal->quota,
        .file_ids = file_ids,
        .count = count,
        .undeclared_bytes = undeclared_bytes,
    };
    return !quota_applies(principal) || usage_admit(db, &admission, err);
}

bool quota_admit_arrived(struct db *db, const struct principal *principal, struct error *err) {
    const struct usage_admission admission = {
        .owner_id = principal->owner_id,
        .limits = {.max_bytes = principal->quota.max_bytes},
    };
    return !quota_applies(principal) || usage_admit(db, &admission, err);
}

static bool insert_alone(struct db *db, const struct principal *principal, const struct file_draft *draft,
                         int64_t undeclared_bytes, struct error *err) {
    const char *file_id = draft->file_id;
    return quota_prepare(db, principal, err) && db_begin(db, err) && file_store_insert(db, &draft, 1, err) &&
           quota_admit(db, principal, &file_id, 1, undeclared_bytes, err) && db_commit(db, err);
}

bool quota_insert_file(struct api *api, const struct principal *principal, const struct file_draft *draft,
                       int64_t undeclared_bytes, struct error *err) {
    struct db *db = NULL;
    if (!quota_applies(principal)) {
        return file_inserter_insert(api->inserter, draft, err);
    }
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool inserted = insert_alone(db, principal, draft, undeclared_bytes, err);
    db_pool_give(api->database, db);
    return inserted;
}

bool quota_check(struct api *api, const struct principal *principal, int64_t bytes, struct error *err) {
    struct db *db = NULL;
    if (!quota_applies(principal)) {
        return true;
    }
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool fits = usage_start(db, principal->owner_id, err) &&
                usage_check(db, principal->owner_id, &principal->quota, bytes < 0 ? 0 : bytes, err);
    db_pool_give(api->database, db);
    return fits;
}
