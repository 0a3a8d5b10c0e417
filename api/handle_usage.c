/* GET /usage: what the owner's files take, and the limits. An owner who asks is counted from then on. */

#include "api/handlers.h"
#include "api/json_writer.h"
#include "api/response.h"
#include "api/upload_limits.h"

static void write_limit(struct json_writer *writer, const char *name, int64_t limit) {
    if (limit > 0) {
        json_writer_int(writer, name, limit);
    } else {
        json_writer_text(writer, name, NULL);
    }
}

static void answer(const struct api *api, struct request *request, const struct usage *usage) {
    const struct principal *principal = &request->principal;
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "owner_id", principal->owner_id);
    json_writer_int(&writer, "bytes", usage->bytes);
    write_limit(&writer, "max_bytes", principal->quota.max_bytes);
    json_writer_int(&writer, "pending", usage->pending);
    write_limit(&writer, "max_pending", principal->quota.max_pending);
    json_writer_int(&writer, "max_file_bytes", upload_limits_of(api, request, "file").max_bytes);
    json_writer_text(&writer, "types", principal->types[0] == '\0' ? NULL : principal->types);
    write_limit(&writer, "rate_limit", principal->rate_limit);
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
}

bool handle_usage(struct api *api, struct request *request, struct error *err) {
    const char *owner_id = request->principal.owner_id;
    struct usage usage = {0};
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool found = usage_start(db, owner_id, err) && usage_get(db, owner_id, &usage, err);
    db_pool_give(api->database, db);
    if (found) {
        answer(api, request, &usage);
    }
    return found;
}
