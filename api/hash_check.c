#include "api/hash_check.h"

#include "api/json_writer.h"
#include "api/response.h"
#include "api/upload_policy.h"
#include "common/xalloc.h"

enum { CHECK_MAX = 1000 };

/* The hashes of a request, as they were given; the texts belong to its JSON. */
struct hashes {
    const char **items;
    size_t count;
};

static void hashes_free(struct hashes *hashes) {
    free(hashes->items);
}

static bool read_hashes(struct request *request, struct hashes *hashes, struct error *err) {
    struct json_reader *reader = &request->reader;
    const json_t *items = json_read_array(reader, "sha256", CHECK_MAX, true);
    hashes->count = json_array_size(items);
    hashes->items = xcalloc(hashes->count + 1, sizeof *hashes->items);
    for (size_t i = 0; i < hashes->count && json_reader_ok(reader); i++) {
        char lowered[SHA256_HEX_SIZE];
        const char *text = json_string_value(json_array_get(items, i));
        if (text == NULL || !upload_policy_sha256(text, lowered)) {
            json_complain(reader, "sha256", "item %zu must be 64 hexadecimal digits", i);
        }
        hashes->items[i] = text;
    }
    return json_reader_ok(reader) || error_set(err, ERROR_VALIDATION_FAILED, "see errors");
}

static void answer_check(struct request *request, const struct hashes *hashes, const struct file_records *records,
                         const char *id_name) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_open(&writer, "results", '[');
    for (size_t i = 0; i < hashes->count && i < records->count; i++) {
        const struct file_record *record = records->items[i];
        json_writer_open(&writer, NULL, '{');
        json_writer_text(&writer, "sha256", hashes->items[i]);
        json_writer_text(&writer, "action", record == NULL ? "accept" : "skip");
        if (record != NULL) {
            json_writer_text(&writer, "file_id", record->file_id);
            if (id_name != NULL) {
                json_writer_text(&writer, id_name, record->file_id);
            }
        }
        json_writer_close(&writer, '}');
    }
    json_writer_close(&writer, ']');
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
}

bool hash_check(struct api *api, struct request *request, hash_check_function find, const char *id_name,
                struct error *err) {
    _cleanup_(hashes_free) struct hashes hashes = {0};
    struct db *db = NULL;
    if (!read_hashes(request, &hashes, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    _cleanup_(file_records_free) struct file_records records = {0};
    const char *owner_id = request->principal.owner_id;
    bool found = find(db, owner_id, hashes.items, hashes.count, &records, err);
    db_pool_give(api->database, db);
    if (found) {
        answer_check(request, &hashes, &records, id_name);
    }
    return found;
}
