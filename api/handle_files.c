/* Reading, listing and retrying files. */

#include "api/content_source.h"
#include "api/file_json.h"
#include "api/file_retry.h"
#include "api/file_wait.h"
#include "api/handlers.h"
#include "api/hash_check.h"
#include "api/page.h"
#include "api/response.h"
#include "common/clock.h"
#include "common/encode.h"
#include "common/xalloc.h"

#include <string.h>

bool handle_check(struct api *api, struct request *request, struct error *err) {
    return hash_check(api, request, file_store_find_hashes, NULL, err);
}

static void write_bytes(struct json_writer *writer, const struct buf *bytes) {
    if (utf8_valid(buf_text(bytes), bytes->length)) {
        json_writer_text_of(writer, "content", buf_text(bytes), bytes->length);
        return;
    }
    _cleanup_(buf_free) struct buf base64 = {0};
    encode_base64(&base64, (const unsigned char *)bytes->data, bytes->length);
    json_writer_text_of(writer, "content_base64", base64.data, base64.length);
}

static bool write_content(struct api *api, struct request *request, const struct file_record *record,
                          struct json_writer *writer, struct error *err) {
    _cleanup_(buf_free) struct buf bytes = {0};
    enum content_cache cache = CONTENT_BYPASS;
    if (!content_available(record, err) ||
        !content_read(api, record, api->config->cache_max_bytes, &bytes, &cache, err)) {
        return false;
    }
    response_header(request, "X-Cache", content_cache_name(cache));
    write_bytes(writer, &bytes);
    return true;
}

static bool read_include(struct request *request, bool *ret_content, struct error *err) {
    _cleanup_(freep) char *include = NULL;
    if (!request_query(request, "include", &include, err)) {
        return false;
    }
    *ret_content = include != NULL && strcmp(include, "content") == 0;
    return include == NULL || *ret_content || request_refuse(request, "include", "may be content", err);
}

bool handle_file_get(struct api *api, struct request *request, struct error *err) {
    char file_id[ID_TEXT_SIZE];
    int64_t wait_s = 0;
    bool with_content = false;
    _cleanup_(file_record_freep) struct file_record *record = NULL;
    if (!request_file_id(request, file_id, err) ||
        !request_query_int(request, "wait", 0, FILE_WAIT_MAX_S, 0, &wait_s, err) ||
        !read_include(request, &with_content, err) || !file_wait(api, request, file_id, wait_s, &record, err)) {
        return false;
    }
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    file_json_members(api, record, clock_now_ms(), &writer);
    if (with_content && !write_content(api, request, record, &writer, err)) {
        return false;
    }
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
    return true;
}

/* The query of a list; its texts are freed by list_query_free. */
struct list_query {
    char *status, *external_id, *kind;
    struct page page;
};

static void list_query_free(struct list_query *query) {
    free(query->status);
    free(query->external_id);
    free(query->kind);
}

static bool kind_exists(const char *kind) {
    static const char *const kinds[] = {"file", "media", "avatar", "generated", "asset"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i], kind) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_list_query(struct request *request, struct list_query *query, struct error *err) {
    if (!request_query(request, "status", &query->status, err) ||
        !request_query(request, "external_id", &query->external_id, err) ||
        !request_query(request, "kind", &query->kind, err) || !page_read(request, &query->page, err)) {
        return false;
    }
    if (query->status != NULL && file_status_of(query->status) == 0) {
        return request_refuse(request, "status", "is none of the statuses of a file", err);
    }
    if (query->kind != NULL && !kind_exists(query->kind)) {
        return request_refuse(request, "kind", "is none of the kinds of files", err);
    }
    return true;
}

static void answer_list(const struct api *api, struct request *request, const struct file_records *records,
                        const struct page *page) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    int64_t now_ms = clock_now_ms();
    size_t shown = page_shown(page, records->count);
    json_writer_open(&writer, NULL, '{');
    json_writer_open(&writer, "files", '[');
    for (size_t i = 0; i < shown; i++) {
        json_writer_open(&writer, NULL, '{');
        file_json_members(api, records->items[i], now_ms, &writer);
        json_writer_close(&writer, '}');
    }
    page_end(request, &writer, records->count > shown ? records->items[shown - 1]->file_id : NULL);
}

bool handle_file_list(struct api *api, struct request *request, struct error *err) {
    _cleanup_(list_query_free) struct list_query query = {0};
    struct db *db = NULL;
    if (!read_list_query(request, &query, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    const struct file_filter filter = {
        .status = query.status,
        .external_id = query.external_id,
        .kind = query.kind,
        .before_id = page_before(&query.page),
        .limit = page_rows(&query.page),
    };
    _cleanup_(file_records_free) struct file_records records = {0};
    bool listed = file_store_list(db, request->principal.owner_id, &filter, &records, err);
    db_pool_give(api->database, db);
    if (listed) {
        answer_list(api, request, &records, &query.page);
    }
    return listed;
}

bool handle_file_retry(struct api *api, struct request *request, struct error *err) {
    char file_id[ID_TEXT_SIZE];
    _cleanup_(file_record_freep) struct file_record *record = NULL;
    return request_file_id(request, file_id, err) && api_get_file(api, request, file_id, &record, err) &&
           file_retry(api, request, record, err);
}
