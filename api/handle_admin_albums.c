/* The pages of albums. */

#include "api/admin_album_page.h"
#include "api/admin_albums.h"
#include "api/admin_page.h"
#include "api/handlers.h"
#include "api/media_lookup.h"
#include "common/media_store.h"
#include "common/xalloc.h"

#include <string.h>

enum { TITLE_MAX = 1024 };

static json_t *home_values(const struct api *api, const struct db_result *rows, const struct page *page) {
    const struct admin_pictures pictures = admin_pictures_now(api);
    json_t *values = json_object();
    json_t *albums = json_array();
    size_t shown = page_shown(page, db_rows(rows));
    for (size_t row = 0; row < shown; row++) {
        json_array_append_new(albums, admin_album_values(&pictures, rows, row));
    }
    json_set_text(values, "title", "Albums");
    json_set_bool(values, "at_albums", true);
    json_set(values, "albums", albums);
    admin_pager(values, ADMIN_HOME, page, db_rows(rows) > shown ? db_text(rows, shown - 1, 0) : NULL);
    return values;
}

bool handle_admin_home(struct api *api, struct request *request, struct error *err) {
    struct page page;
    struct db *db = NULL;
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *rows = NULL;
    if (!page_read(request, &page, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    db_param_text(&params, request->principal.owner_id);
    db_param_text(&params, page_before(&page));
    db_param_int(&params, (int64_t)page_rows(&page));
    bool listed = db_run(db, SQL_ADMIN_ALBUMS, &params, &rows, err);
    db_pool_give(api->database, db);
    return listed && admin_page_send(api, request, 200, "home", home_values(api, rows, &page), err);
}

bool handle_admin_album_create(struct api *api, struct request *request, struct error *err) {
    char album_id[ID_TEXT_SIZE];
    struct db *db = NULL;
    _cleanup_(freep) char *title = NULL;
    if (!request_field(request, "title", &title, err)) {
        return false;
    }
    if (title == NULL || *title == '\0' || strlen(title) > TITLE_MAX) {
        return error_set(err, ERROR_VALIDATION_FAILED, "an album needs a title, of at most %d bytes", TITLE_MAX);
    }
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    id_new(album_id);
    bool made = album_create(db, request->principal.owner_id, album_id, title, err);
    db_pool_give(api->database, db);
    if (made) {
        _cleanup_(freep) char *location = xasprintf("%s/albums/%s", ADMIN_HOME, album_id);
        admin_page_redirect(request, location);
    }
    return made;
}

bool handle_admin_album(struct api *api, struct request *request, struct error *err) {
    char album_id[ID_TEXT_SIZE];
    const struct admin_album_page page = {.status = 200, .name = "album"};
    return album_id_of(request, album_id, err) && admin_album_page_send(api, request, album_id, &page, err);
}
