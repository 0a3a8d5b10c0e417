/* POST /files/confirm-uploads: what clients say is uploaded is looked up in the store, and what is there is queued.
 *
 * All objects are looked up before any record changes: an outage of the store half-way leaves nothing half done. */

#include "api/handlers.h"
#include "api/json_writer.h"
#include "api/response.h"
#include "common/clock.h"
#include "common/xalloc.h"

#include <ctype.h>
#include <string.h>

enum { CONFIRM_MAX = 1000, DEADLINE_MS = 60000, ID_READ_MAX = 100 };

/* One file of the request on its way to its result. */
struct claim {
    char file_id[ID_TEXT_SIZE];
    int64_t file_size;       /* as the client says; -1: it does not */
    enum error_code code;    /* ERROR_NONE: confirmed */
    bool found;              /* its object was seen and it is PENDING or EXPIRED */
    enum file_status status; /* 0: no such file */
    struct s3_object object;
};

struct claims {
    struct claim *items;
    size_t count;
};

static void claims_free(struct claims *claims) {
    free(claims->items);
}

static void read_claim(struct json_reader *reader, struct claim *claim) {
    const char *id = json_read_text(reader, "file_id", ID_READ_MAX, true);
    claim->file_size = json_read_int(reader, "file_size", 0, INT64_MAX, false, -1);
    if (id != NULL && id_valid(id)) {
        for (size_t i = 0; i < ID_TEXT_SIZE; i++) {
            claim->file_id[i] = (char)tolower((unsigned char)id[i]);
        }
    } else if (id != NULL) {
        json_complain(reader, "file_id", "must be an id");
    }
}

static bool read_claims(struct request *request, struct claims *ret_claims, struct error *err) {
    struct json_reader *reader = &request->reader;
    bool is_bulk = json_object_get(reader->object, "files") != NULL;
    const json_t *files = is_bulk ? json_read_array(reader, "files", CONFIRM_MAX, true) : NULL;
    size_t count = is_bulk ? json_array_size(files) : 1;
    ret_claims->items = xcalloc(count, sizeof *ret_claims->items);
    ret_claims->count = count;
    for (size_t i = 0; i < count && json_reader_ok(reader); i++) {
        const json_t *outer = reader->object;
        reader->object = is_bulk ? json_array_get(files, i) : outer;
        if (json_is_object(reader->object)) {
            read_claim(reader, &ret_claims->items[i]);
        } else {
            json_complain(reader, "files", "item %zu must be an object", i);
        }
        reader->object = outer;
    }
    return json_reader_ok(reader) || error_set(err, ERROR_VALIDATION_FAILED, "see errors");
}

static bool load_records(struct api *api, const struct request *request, const struct claims *claims,
                         struct file_records *ret_records, struct error *err) {
    _cleanup_(freep) const char **ids = xcalloc(claims->count, sizeof *ids);
    for (size_t i = 0; i < claims->count; i++) {
        ids[i] = claims->items[i].file_id;
    }
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool loaded = file_store_get_many(db, request->principal.owner_id, ids, claims->count, ret_records, err);
    db_pool_give(api->database, db);
    return loaded;
}

static bool differs(int64_t declared, int64_t size) {
    return declared >= 0 && size >= 0 && declared != size;
}

/* Asks the store for the object of one file that waits for it. */
static bool look_up(struct s3_client *client, const struct file_record *record, struct claim *claim,
                    struct error *err) {
    if (!s3_client_head(client, record->object_key, &claim->object, err)) {
        claim->code = ERROR_NOT_UPLOADED;
        return err->code == ERROR_STORE_NOT_FOUND;
    }
    bool mismatch = differs(claim->file_size, claim->object.size) || differs(record->expected_size, claim->object.size);
    claim->code = mismatch ? ERROR_SIZE_MISMATCH : ERROR_NONE;
    claim->found = !mismatch;
    return true;
}

/* Whether the answer needs the store; files that arrived before are judged by their record. */
static bool judge_record(const struct file_record *record, struct claim *claim) {
    if (record == NULL) {
        claim->code = ERROR_NOT_FOUND;
        return false;
    }
    claim->status = record->status;
    if (record->status == PENDING || record->status == EXPIRED) {
        return true;
    }
    if (record->status == FAILED) {
        claim->code = error_code_of(record->error_code);
    } else {
        claim->code = differs(claim->file_size, record->size) ? ERROR_SIZE_MISMATCH : ERROR_NONE;
    }
    return false;
}

static bool look_up_all(struct s3_client *client, const struct file_records *records, const struct claims *claims,
                        struct error *err) {
    int64_t until_ms = clock_monotonic_ms() + DEADLINE_MS;
    for (size_t i = 0; i < claims->count; i++) {
        if (!judge_record(records->items[i], &claims->items[i])) {
            continue;
        }
        if (clock_monotonic_ms() > until_ms) {
            return error_set(err, ERROR_STORE_UNAVAILABLE, "the store is too slow for %zu files", claims->count);
        }
        if (!look_up(client, records->items[i], &claims->items[i], err)) {
            return false;
        }
    }
    return true;
}

static bool arrive_in(struct db *db, const struct file_arrival *arrivals, size_t count, struct claim *const *owners,
                      struct error *err) {
    _cleanup_(freep) enum file_arrival_effect *effects = xcalloc(count, sizeof *effects);
    if (!file_state_arrive(db, arrivals, count, effects, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        owners[i]->status = effects[i] == ARRIVAL_UNKNOWN ? (enum file_status)0 : UPLOADED;
        owners[i]->code = effects[i] == ARRIVAL_UNKNOWN ? ERROR_NOT_FOUND : ERROR_NONE;
    }
    return true;
}

/* ret_count: how many were found and so may have become work. */
static bool arrive(struct api *api, const struct file_records *records, const struct claims *claims, size_t *ret_count,
                   struct error *err) {
    _cleanup_(freep) struct file_arrival *arrivals = xcalloc(claims->count, sizeof *arrivals);
    _cleanup_(freep) struct claim **owners = xcalloc(claims->count, sizeof(struct claim *));
    size_t count = 0;
    for (size_t i = 0; i < claims->count; i++) {
        struct claim *claim = &claims->items[i];
        if (!claim->found) {
            continue;
        }
        arrivals[count] = (struct file_arrival){
            .bucket = records->items[i]->bucket,
            .object_key = records->items[i]->object_key,
            .size = claim->object.size,
            .etag = claim->object.etag[0] == '\0' ? NULL : claim->object.etag,
            .version_id = claim->object.version_id[0] == '\0' ? NULL : claim->object.version_id,
        };
        owners[count++] = claim;
    }
    *ret_count = count;
    struct db *db = NULL;
    if (count == 0 || !api_take_database(api, &db, err)) {
        return count == 0;
    }
    bool arrived = arrive_in(db, arrivals, count, owners, err);
    db_pool_give(api->database, db);
    return arrived;
}

/* A file that is named twice is confirmed once. */
static bool named_before(const struct claims *claims, size_t index) {
    for (size_t i = 0; i < index; i++) {
        if (memcmp(claims->items[i].file_id, claims->items[index].file_id, ID_TEXT_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

/* Of a confirmed file what confirming it makes it, however far it has come since: who asks twice is told the same. */
static void write_result(struct json_writer *writer, const struct claim *claim) {
    enum file_status status = claim->code == ERROR_NONE ? UPLOADED : claim->status;
    json_writer_open(writer, NULL, '{');
    json_writer_text(writer, "file_id", claim->file_id);
    json_writer_text(writer, "status", status == 0 ? NULL : file_status_name(status));
    if (claim->code != ERROR_NONE) {
        json_writer_text(writer, "code", error_info(claim->code)->name);
    }
    json_writer_close(writer, '}');
}

static void answer(struct request *request, const struct claims *claims) {
    int64_t confirmed = 0;
    for (size_t i = 0; i < claims->count; i++) {
        confirmed += claims->items[i].code == ERROR_NONE && !named_before(claims, i) ? 1 : 0;
    }
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_int(&writer, "confirmed", confirmed);
    json_writer_open(&writer, "results", '[');
    for (size_t i = 0; i < claims->count; i++) {
        write_result(&writer, &claims->items[i]);
    }
    json_writer_close(&writer, ']');
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
}

bool handle_confirm(struct api *api, struct request *request, struct error *err) {
    _cleanup_(claims_free) struct claims claims = {0};
    _cleanup_(file_records_free) struct file_records records = {0};
    if (!read_claims(request, &claims, err) || !load_records(api, request, &claims, &records, err)) {
        return false;
    }
    if (claims.count == 1) {
        memcpy(request->file_id, claims.items[0].file_id, ID_TEXT_SIZE);
    }
    struct s3_client *client = NULL;
    if (!s3_pool_take(api->store, &client, err)) {
        return false;
    }
    bool looked_up = look_up_all(client, &records, &claims, err);
    s3_pool_give(api->store, client);
    size_t found = 0;
    if (!looked_up || !arrive(api, &records, &claims, &found, err)) {
        return false;
    }
    if (found > 0) {
        api_wake_workers(api);
    }
    answer(request, &claims);
    return true;
}
