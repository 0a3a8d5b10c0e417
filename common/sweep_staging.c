#include "common/sweep_staging.h"

#include "common/asset_key.h"
#include "common/audit_assets.h"
#include "common/clock.h"
#include "common/s3_multipart.h"
#include "common/xalloc.h"

#include <string.h>

enum { PAGE_OBJECTS = 1000, MS_PER_S = 1000 };

/* What a page holds: old objects, and the last of all. */
struct listed {
    int64_t before_ms;
    size_t seen;
    char *last;
    char *old[PAGE_OBJECTS];
    size_t old_count;
};

static void listed_free(struct listed *listed) {
    if (listed != NULL) {
        for (size_t i = 0; i < listed->old_count; i++) {
            free(listed->old[i]);
        }
        free(listed->last);
        free(listed);
    }
}
DEFINE_CLEANUP(struct listed *, listed)

void sweep_staging_free(struct sweep_staging *sweep) {
    free(sweep->after);
    sweep->after = NULL;
}

static bool take_object(void *context, const struct s3_entry *entry, bool *ret_stop, struct error *err) {
    (void)err;
    struct listed *listed = context;
    free(listed->last);
    listed->last = xstrdup(entry->key);
    if (entry->last_modified_ms != 0 && entry->last_modified_ms <= listed->before_ms) {
        listed->old[listed->old_count++] = xstrdup(entry->key);
    }
    *ret_stop = ++listed->seen == PAGE_OBJECTS;
    return true;
}

static bool is_used(const struct db_result *used, const char *key) {
    for (size_t row = 0; row < db_rows(used); row++) {
        if (strcmp(db_text(used, row, 0), key) == 0) {
            return true;
        }
    }
    return false;
}

static bool remove_unused(const struct sweep_staging *sweep, const struct listed *listed, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *used = NULL;
    const char *doomed[PAGE_OBJECTS];
    size_t count = 0;
    if (listed->old_count == 0) {
        return true;
    }
    if (!audit_used_assets(sweep->db, sweep->bucket, (const char *const *)listed->old, listed->old_count, &used, err)) {
        return false;
    }
    for (size_t i = 0; i < listed->old_count; i++) {
        if (!is_used(used, listed->old[i])) {
            doomed[count++] = listed->old[i];
        }
    }
    if (count > 0 && !sweep->dry_run && !s3_client_delete_many(sweep->store, doomed, count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        sweep->removed(sweep->context, doomed[i]);
    }
    return true;
}

/* Open uploads that are old; ended after the listing, whose client they need. */
struct uploads {
    int64_t before_ms;
    struct {
        char *key, *upload_id;
    } items[PAGE_OBJECTS];
    size_t count;
};

static void uploads_free(struct uploads *uploads) {
    if (uploads != NULL) {
        for (size_t i = 0; i < uploads->count; i++) {
            free(uploads->items[i].key);
            free(uploads->items[i].upload_id);
        }
        free(uploads);
    }
}
DEFINE_CLEANUP(struct uploads *, uploads)

static bool take_upload(void *context, const struct s3_upload *upload, bool *ret_stop, struct error *err) {
    (void)err;
    struct uploads *uploads = context;
    if (upload->initiated_ms > 0 && upload->initiated_ms <= uploads->before_ms) {
        uploads->items[uploads->count].key = xstrdup(upload->key);
        uploads->items[uploads->count++].upload_id = xstrdup(upload->upload_id);
    }
    *ret_stop = uploads->count == PAGE_OBJECTS;
    return true;
}

static bool abort_uploads(const struct sweep_staging *sweep, int64_t before_ms, struct error *err) {
    _cleanup_(uploads_freep) struct uploads *uploads = xcalloc(1, sizeof *uploads);
    uploads->before_ms = before_ms;
    if (!s3_multipart_list(sweep->store, ASSET_STAGING_PREFIX, take_upload, uploads, err)) {
        return false;
    }
    for (size_t i = 0; i < uploads->count; i++) {
        if (!sweep->dry_run &&
            !s3_multipart_abort(sweep->store, uploads->items[i].key, uploads->items[i].upload_id, err)) {
            return false;
        }
        sweep->removed(sweep->context, uploads->items[i].key);
    }
    return true;
}

bool sweep_staging_page(struct sweep_staging *sweep, bool *ret_more, struct error *err) {
    _cleanup_(listed_freep) struct listed *listed = xcalloc(1, sizeof *listed);
    listed->before_ms = clock_now_ms() - sweep->age_s * MS_PER_S;
    if ((sweep->after == NULL && !abort_uploads(sweep, listed->before_ms, err)) ||
        !s3_client_list(sweep->store, ASSET_STAGING_PREFIX, sweep->after, take_object, listed, err) ||
        !remove_unused(sweep, listed, err)) {
        return false;
    }
    *ret_more = listed->seen == PAGE_OBJECTS;
    free(sweep->after);
    sweep->after = *ret_more ? take_ptr(listed->last) : NULL;
    return true;
}
