#include "api/admin_albums.h"

#include "api/admin_format.h"
#include "api/cursor.h"
#include "common/clock.h"
#include "common/content_disposition.h"
#include "common/xalloc.h"

#include <string.h>

enum {
    THUMBNAIL_PX = 400,   /* the longest side that looks well in a list, also on a dense screen */
    ALBUM_PHOTOS = 10000, /* that SQL_ADMIN_ALBUMS looks at */
};

struct admin_pictures admin_pictures_now(const struct api *api) {
    return (struct admin_pictures){api->presign, clock_now_ms(), api->config->presign_ttl_s};
}

static void set_url(json_t *values, const char *name, const struct admin_pictures *pictures, const char *key,
                    const char *disposition) {
    const struct s3_presign_get get = {
        .key = key, .response_content_disposition = disposition, .expires_s = pictures->valid_s};
    _cleanup_(s3_signed_free) struct s3_signed permit = {0};
    s3_presign_get(pictures->presign, &get, pictures->now_ms, &permit);
    json_set_text(values, name, permit.url);
}

static void set_time(json_t *values, const char *name, const char *rfc3339) {
    char text[ADMIN_FORMAT_SIZE];
    admin_format_time(rfc3339, text);
    json_set_text(values, name, text);
}

/* A count with its word; NULL for none, which templates leave out. */
static void set_count(json_t *values, const char *name, int64_t count, const char *word) {
    char number[ADMIN_FORMAT_SIZE];
    admin_format_count(count, ALBUM_PHOTOS - 1, number);
    _cleanup_(freep) char *text = xasprintf("%s%s%s", number, word, *word != '\0' && count != 1 ? "s" : "");
    json_set_text(values, name, count == 0 && *word == '\0' ? NULL : text);
}

json_t *admin_album_values(const struct admin_pictures *pictures, const struct db_result *rows, size_t row) {
    json_t *values = json_object();
    const char *title = db_text(rows, row, 1);
    json_set_text(values, "album_id", db_text(rows, row, 0));
    json_set_text(values, "title", title[strspn(title, " \t\n")] == '\0' ? "(no title)" : title);
    json_set_text(values, "created_at", db_text(rows, row, 2));
    set_time(values, "created", db_text(rows, row, 2));
    set_count(values, "photos", db_int(rows, row, 3), " photo");
    set_count(values, "pending", db_int(rows, row, 4), "");
    set_count(values, "failed", db_int(rows, row, 5), "");
    json_set(values, "cover", NULL);
    if (!db_is_null(rows, row, 6)) {
        set_url(values, "cover", pictures, db_text(rows, row, 6), NULL);
    }
    return values;
}

const char *admin_reason(const char *code, const char *message) {
    const struct error_info *info = error_info(error_code_of(code == NULL ? "" : code));
    return info->http_status < 500 && message != NULL ? message : info->title;
}

static int64_t side_of(const json_t *variant) {
    int64_t width = json_integer_value(json_object_get(variant, "width"));
    int64_t height = json_integer_value(json_object_get(variant, "height"));
    return width > height ? width : height;
}

/* The first one that is large enough, as they come smallest first; else the largest. */
static const json_t *thumbnail_of(const json_t *variants) {
    size_t count = json_array_size(variants);
    for (size_t i = 0; i < count; i++) {
        if (side_of(json_array_get(variants, i)) >= THUMBNAIL_PX) {
            return json_array_get(variants, i);
        }
    }
    return count == 0 ? NULL : json_array_get(variants, count - 1);
}

static void set_pictures(json_t *values, const struct admin_pictures *pictures, const struct file_record *record) {
    _cleanup_(json_freep) json_t *variants = NULL;
    struct error ignored = {0};
    json_set(values, "thumbnail", NULL);
    if (record->variants == NULL ||
        !json_parse(record->variants, strlen(record->variants), JSON_MAX_DEPTH, &variants, &ignored)) {
        return;
    }
    const json_t *thumbnail = thumbnail_of(variants);
    const json_t *largest = json_array_get(variants, json_array_size(variants) - 1);
    if (json_text(thumbnail, "object_key") == NULL || json_text(largest, "object_key") == NULL) {
        return;
    }
    _cleanup_(buf_free) struct buf disposition = {0};
    content_disposition_append(&disposition, true, record->filename);
    set_url(values, "thumbnail", pictures, json_text(thumbnail, "object_key"), NULL);
    set_url(values, "url", pictures, json_text(largest, "object_key"), buf_text(&disposition));
    json_set_int(values, "width", json_integer_value(json_object_get(thumbnail, "width")));
    json_set_int(values, "height", json_integer_value(json_object_get(thumbnail, "height")));
}

/* What is known of it, in a few words. */
static void set_state(json_t *values, const struct file_record *record) {
    char size[ADMIN_FORMAT_SIZE];
    admin_format_bytes(record->size, size);
    bool is_failed = record->status == FAILED || record->status == EXPIRED;
    json_set_bool(values, "is_failed", is_failed);
    if (record->status == FAILED) {
        json_set_text(values, "state", admin_reason(record->error_code, record->error_message));
    } else if (is_failed) {
        json_set_text(values, "state", "Never uploaded");
    } else if (record->status == SYNCED) {
        _cleanup_(freep) char *text =
            xasprintf("%lld × %lld, %s", (long long)record->width, (long long)record->height, size);
        json_set_text(values, "state", record->width == 0 ? size : text);
    } else {
        json_set_text(values, "state", record->status == PENDING ? "Not uploaded yet" : "In work");
    }
}

json_t *admin_photo_values(const struct admin_pictures *pictures, const struct file_record *record) {
    json_t *values = json_object();
    json_set_text(values, "name", record->filename);
    set_state(values, record);
    set_pictures(values, pictures, record);
    return values;
}

void admin_pager(json_t *values, const char *path, const struct page *page, const char *last_id) {
    bool is_later = page_before(page) != NULL;
    json_set_bool(values, "is_later", is_later);
    if (!is_later && last_id == NULL) {
        return;
    }
    json_t *pager = json_object();
    json_set(values, "pager", pager);
    json_set_text(pager, "first_url", path);
    json_set(pager, "next_url", NULL);
    if (last_id != NULL) {
        char cursor[CURSOR_SIZE];
        cursor_make(last_id, cursor);
        _cleanup_(freep) char *next = xasprintf("%s?limit=%lld&cursor=%s", path, (long long)page->limit, cursor);
        json_set_text(pager, "next_url", next);
    }
}
