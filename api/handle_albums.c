/* Albums: making, reading and listing them, and the media in them. */

#include "api/cursor.h"
#include "api/handlers.h"
#include "api/json_writer.h"
#include "api/media_json.h"
#include "api/media_lookup.h"
#include "api/media_upload.h"
#include "api/response.h"
#include "common/clock.h"

#include <string.h>

enum { TITLE_MAX = 1024, LIST_DEFAULT = 50, LIST_MAX = 200 };

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

/* `limit` and `cursor` of a list. */
struct page {
    int64_t limit;
    char before_id[ID_TEXT_SIZE]; /* "": from the newest on */
};

static bool read_page(const struct request *request, struct page *ret_page, struct error *err) {
    _cleanup_(freep) char *cursor = NULL;
    *ret_page = (struct page){0};
    return request_query_int(request, "limit", 1, LIST_MAX, LIST_DEFAULT, &ret_page->limit, err) &&
           request_query(request, "cursor", &cursor, err) &&
           (cursor == NULL || cursor_parse(cursor, ret_page->before_id) ||
            error_set(err, ERROR_VALIDATION_FAILED, "cursor is not one that this list gave"));
}

static const char *before_id_of(const struct page *page) {
    return page->before_id[0] == '\0' ? NULL : page->before_id;
}

/* Ends a list; last_id NULL: there is no other page. */
static void end_page(struct request *request, struct json_writer *writer, const char *last_id) {
    char cursor[CURSOR_SIZE];
    if (last_id != NULL) {
        cursor_make(last_id, cursor);
    }
    json_writer_close(writer, ']');
    json_writer_text(writer, "next_cursor", last_id == NULL ? NULL : cursor);
    json_writer_close(writer, '}');
    response_json(request, 200, writer->out);
}

/* One more than asked for is read: it tells whether there is another page. */
static void answer_albums(struct request *request, const struct albums *albums, size_t limit) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    size_t shown = albums->count < limit ? albums->count : limit;
    json_writer_open(&writer, NULL, '{');
    json_writer_open(&writer, "albums", '[');
    for (size_t i = 0; i < shown; i++) {
        write_album(&writer, &albums->items[i]);
    }
    end_page(request, &writer, albums->count > limit ? albums->items[shown - 1].album_id : NULL);
}

bool handle_album_list(struct api *api, struct request *request, struct error *err) {
    struct page page;
    struct db *db = NULL;
    if (!read_page(request, &page, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    _cleanup_(albums_free) struct albums albums = {0};
    bool listed =
        album_list(db, request->principal.owner_id, before_id_of(&page), (size_t)page.limit + 1, &albums, err);
    db_pool_give(api->database, db);
    if (listed) {
        answer_albums(request, &albums, (size_t)page.limit);
    }
    return listed;
}

static void answer_media(const struct api *api, struct request *request, const struct file_records *records,
                         size_t limit) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    int64_t now_ms = clock_now_ms();
    size_t shown = records->count < limit ? records->count : limit;
    json_writer_open(&writer, NULL, '{');
    json_writer_open(&writer, "media", '[');
    for (size_t i = 0; i < shown; i++) {
        json_writer_open(&writer, NULL, '{');
        media_json_members(api, records->items[i], now_ms, &writer);
        json_writer_close(&writer, '}');
    }
    end_page(request, &writer, records->count > limit ? records->items[shown - 1]->file_id : NULL);
}

bool handle_album_media(struct api *api, struct request *request, struct error *err) {
    char album_id[ID_TEXT_SIZE];
    struct page page;
    struct db *db = NULL;
    if (!album_id_of(request, album_id, err) || !read_page(request, &page, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    _cleanup_(albums_free) struct albums albums = {0};
    _cleanup_(file_records_free) struct file_records records = {0};
    const char *owner_id = request->principal.owner_id;
    bool listed =
        album_get(db, owner_id, album_id, &albums, err) &&
        file_store_list_album(db, owner_id, album_id, before_id_of(&page), (size_t)page.limit + 1, &records, err);
    db_pool_give(api->database, db);
    if (listed) {
        answer_media(api, request, &records, (size_t)page.limit);
    }
    return listed;
}

bool handle_album_upload(struct api *api, struct request *request, struct error *err) {
    char album_id[ID_TEXT_SIZE];
    struct upload_request upload;
    if (!album_id_of(request, album_id, err) ||
        !upload_policy_read_media(&request->reader, media_upload_max_bytes(api->config), &upload, err)) {
        return false;
    }
    const struct media_home home = {MEDIA_ALBUM, album_id, request->principal.owner_id};
    _cleanup_(buf_free) struct buf json = {0};
    if (!media_upload_make(api, &home, &upload, 1, &json, err)) {
        return false;
    }
    response_json(request, 201, &json);
    return true;
}
