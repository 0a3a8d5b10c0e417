#include "api/admin_album_page.h"

#include "api/admin_albums.h"
#include "api/admin_page.h"
#include "common/media_store.h"
#include "common/xalloc.h"

#include <inttypes.h>
#include <string.h>

/* What it needs from the database. */
struct content {
    struct page page;
    struct albums albums;
    struct file_records photos;
    struct batch_view batch;
};

static void content_free(struct content *content) {
    albums_free(&content->albums);
    file_records_free(&content->photos);
    batch_view_free(&content->batch);
}

/* The batch first: what it then says is done is among the photos. */
static bool read_content(struct api *api, struct request *request, const char *album_id, struct content *content,
                         struct error *err) {
    struct db *db = NULL;
    const char *owner_id = request->principal.owner_id;
    const struct page *page = &content->page;
    if (!page_read(request, &content->page, err) || !batch_view_read(api, owner_id, album_id, &content->batch, err) ||
        !api_take_database(api, &db, err)) {
        return false;
    }
    bool found =
        album_get(db, owner_id, album_id, &content->albums, err) &&
        file_store_list_album(db, owner_id, album_id, page_before(page), page_rows(page), &content->photos, err);
    db_pool_give(api->database, db);
    return found;
}

static json_t *failures_of(const struct batch_failures *failures) {
    json_t *list = json_array();
    for (size_t i = 0; i < failures->count; i++) {
        const struct batch_failure *failure = &failures->items[i];
        json_t *item = json_object();
        json_set_text(item, "name", failure->filename);
        json_set_text(item, "reason", admin_reason(failure->code, failure->message));
        json_array_append_new(list, item);
    }
    return list;
}

/* How it ended, in a sentence; NULL: nothing is to be said. The caller frees it. */
static char *outcome_of(const struct batch_progress *progress, bool is_news) {
    if (progress->state != BATCH_DONE || progress->total == 0) {
        return NULL;
    }
    if (progress->failed > 0) {
        return xasprintf("%" PRId64 " of %" PRId64 " photo%s failed", progress->failed, progress->total,
                         progress->total == 1 ? "" : "s");
    }
    if (!is_news) {
        return NULL;
    }
    return progress->total == 1 ? xstrdup("The photo is ready")
                                : xasprintf("All %" PRId64 " photos are ready", progress->total);
}

void admin_album_page_seen(const struct batch_view *view, char ret_seen[ADMIN_SEEN_SIZE]) {
    const struct batch_progress *progress = &view->progress;
    snprintf(ret_seen, ADMIN_SEEN_SIZE, "%d-%" PRId64 "-%" PRId64 "-%" PRId64, (int)progress->state, progress->total,
             progress->completed, progress->failed);
}

void admin_album_page_batch(json_t *values, const struct batch_view *view, bool is_news) {
    const struct batch_progress *progress = &view->progress;
    char seen[ADMIN_SEEN_SIZE];
    admin_album_page_seen(view, seen);
    _cleanup_(freep) char *outcome = outcome_of(progress, is_news);
    _cleanup_(freep) char *failed = xasprintf("%" PRId64, progress->failed);
    json_set_text(values, "album_id", view->album_id);
    json_set_bool(values, "is_running", batch_state_is_open(progress->state));
    json_set_bool(values, "is_receiving", progress->state == BATCH_RECEIVING);
    json_set_int(values, "total", progress->total);
    json_set_int(values, "done", progress->completed + progress->failed);
    json_set_text(values, "failed", progress->failed > 0 ? failed : NULL);
    json_set_bool(values, "has_failures", view->failures.count > 0);
    json_set(values, "failures", failures_of(&view->failures));
    json_set_text(values, "seen", seen);
    json_set_text(values, "outcome", outcome);
}

/* What a batch is at is told by its progress, not by as many grey squares. */
static bool is_shown(const struct content *content, const struct file_record *record) {
    return !batch_state_is_open(content->batch.progress.state) || file_status_is_final(record->status);
}

static json_t *values_of(const struct api *api, const struct content *content, const struct admin_album_page *page) {
    const struct admin_pictures pictures = admin_pictures_now(api);
    const struct album *album = &content->albums.items[0];
    const struct file_records *records = &content->photos;
    json_t *values = json_object();
    json_t *photos = json_array();
    size_t shown = page_shown(&content->page, records->count);
    for (size_t i = 0; i < shown; i++) {
        if (is_shown(content, records->items[i])) {
            json_array_append_new(photos, admin_photo_values(&pictures, records->items[i]));
        }
    }
    _cleanup_(freep) char *path = xasprintf("%s/albums/%s", ADMIN_HOME, album->album_id);
    json_set_text(values, "title", album->title);
    json_set_text(values, "notice", page->notice);
    json_set_bool(values, "at_albums", true);
    json_set_int(values, "batch_max", api->config->batch_max);
    json_set(values, "photos", photos);
    admin_album_page_batch(values, &content->batch, page->is_news);
    admin_pager(values, path, &content->page, records->count > shown ? records->items[shown - 1]->file_id : NULL);
    return values;
}

bool admin_album_page_send(struct api *api, struct request *request, const char *album_id,
                           const struct admin_album_page *page, struct error *err) {
    _cleanup_(content_free) struct content content = {0};
    return read_content(api, request, album_id, &content, err) &&
           admin_page_send(api, request, page->status, page->name, values_of(api, &content, page), err);
}
