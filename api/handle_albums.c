/* Albums: making, reading and listing them, and the media in them. */

#include "api/handlers.h"
#include "api/json_writer.h"
#include "api/media_json.h"
#include "api/media_lookup.h"
#include "api/media_upload.h"
#include "api/page.h"
#include "api/response.h"
#include "api/upload_limits.h"
#include "common/clock.h"

#include <string.h>

enum { TITLE_MAX = 1024 };

static void write_album(struct json_writer *writer, const struct album *album) {
    json_writer_open(writer, NULL, '{');
    json_writer_text(writer, "album_id", album->album_id);
    json_writer_text(writer, "title", album->title);
    json_writer_text(writer, "created_at", album->created_at);
    json_writer_close(writer, '}');
}

static void answer_album(struct request *request, int status, const struct album *album) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    write_album(&writer, album);
    response_json(request, status, &json);
}

bool handle_album_create(struct api *api, struct request *request, struct error *err) {
    const char *title = json_read_text(&request->reader, "title", TITLE_MAX, true);
    const char *owner_id = request->principal.owner_id;
    if (!json_reader_ok(&request->reader)) {
        return error_set(err, ERROR_VALIDATION_FAILED, "see errors");
    }
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    char album_id[ID_TEXT_SIZE];
    id_new(album_id);
    _cleanup_(albums_free) struct albums albums = {0};
    bool made = album_create(db, owner_id, album_id, title, err) && album_get(db, owner_id, album_id, &albums, err);
    db_pool_give(api->database, db);
    if (made) {
        answer_album(request, 201, &albums.items[0]);
    }
    return made;
}

static bool get_album(struct api *api, const struct request *request, const char *album_id, struct albums *ret_albums,
                      struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool found = album_get(db, request->principal.owner_id, album_id, ret_albums, err);
    db_pool_give(api->database, db);
    return found;
}

bool handle_album_get(struct api *api, struct request *request, struct error *err) {
    char album_id[ID_TEXT_SIZE];
    _cleanup_(albums_free) struct albums albums = {0};
    if (!album_id_of(request, album_id, err) || !get_album(api, request, album_id, &albums, err)) {
        return false;
    }
    answer_album(request, 200, &albums.items[0]);
    return true;
}

static void answer_albums(struct request *request, const struct albums *albums, const struct page *page) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    size_t shown = page_shown(page, albums->count);
    json_writer_open(&writer, NULL, '{');
    json_writer_open(&writer, "albums", '[');
    for (size_t i = 0; i < shown; i++) {
        write_album(&writer, &albums->items[i]);
    }
    page_end(request, &writer, albums->count > shown ? albums->items[shown - 1].album_id : NULL);
}

bool handle_album_list(struct api *api, struct request *request, struct error *err) {
    struct page page;
    struct db *db = NULL;
    if (!page_read(request, &page, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    _cleanup_(albums_free) struct albums albums = {0};
    bool listed = album_list(db, request->principal.owner_id, page_before(&page), page_rows(&page), &albums, err);
    db_pool_give(api->database, db);
    if (listed) {
        answer_albums(request, &albums, &page);
    }
    return listed;
}

static void answer_media(const struct api *api, struct request *request, const struct file_records *records,
                         const struct page *page) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    int64_t now_ms = clock_now_ms();
    size_t shown = page_shown(page, records->count);
    json_writer_open(&writer, NULL, '{');
    json_writer_open(&writer, "media", '[');
    for (size_t i = 0; i < shown; i++) {
        json_writer_open(&writer, NULL, '{');
        media_json_members(api, records->items[i], now_ms, &writer);
        json_writer_close(&writer, '}');
    }
    page_end(request, &writer, records->count > shown ? records->items[shown - 1]->file_id : NULL);
}

bool handle_album_media(struct api *api, struct request *request, struct error *err) {
    char album_id[ID_TEXT_SIZE];
    struct page page;
    struct db *db = NULL;
    if (!album_id_of(request, album_id, err) || !page_read(request, &page, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    _cleanup_(albums_free) struct albums albums = {0};
    _cleanup_(file_records_free) struct file_records records = {0};
    const char *owner_id = request->principal.owner_id;
    bool listed = album_get(db, owner_id, album_id, &albums, err) &&
                  file_store_list_album(db, owner_id, album_id, page_before(&page), page_rows(&page), &records, err);
    db_pool_give(api->database, db);
    if (listed) {
        answer_media(api, request, &records, &page);
    }
    return listed;
}

bool handle_album_upload(struct api *api, struct request *request, struct error *err) {
    char album_id[ID_TEXT_SIZE];
    struct upload_request upload;
    if (!album_id_of(request, album_id, err) ||
        !upload_policy_read_media(&request->reader, upload_limits_of(api, request, "media").max_bytes, &upload, err)) {
        return false;
    }
    const struct media_home home = {MEDIA_ALBUM, album_id, request->principal.owner_id};
    return media_upload_answer(api, request, &home, &upload, 1, err);
}
