/* POST /tokens, DELETE /tokens/{id}: capability tokens, for clients that can send no header. */

#include "api/handlers.h"
#include "api/json_writer.h"
#include "api/response.h"
#include "common/upload_token_store.h"

enum { NAME_MAX_BYTES = 200 };

static void read_patterns(struct json_reader *reader, struct upload_token_draft *draft) {
    const json_t *items = json_read_array(reader, "content_types", UPLOAD_TOKEN_TYPES_MAX, false);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const char *text = json_string_value(json_array_get(items, i));
        if (text == NULL || !upload_token_pattern(text, draft->patterns[i])) {
            json_complain(reader, "content_types", "item %zu must be like image/png or image/*", i);
            return;
        }
    }
    draft->pattern_count = json_array_size(items);
}

static bool read_draft(struct request *request, struct upload_token_draft *draft, struct error *err) {
    struct json_reader *reader = &request->reader;
    draft->owner_id = request->principal.owner_id;
    draft->name = json_read_text(reader, "name", NAME_MAX_BYTES, false);
    draft->expires_in_s =
        json_read_int(reader, "expires_in", 1, UPLOAD_TOKEN_EXPIRES_MAX_S, false, UPLOAD_TOKEN_EXPIRES_S);
    draft->max_uploads = json_read_int(reader, "max_uploads", 1, UPLOAD_TOKEN_UPLOADS_MAX, false, -1);
    draft->max_bytes = json_read_int(reader, "max_bytes", 1, INT64_MAX, false, -1);
    read_patterns(reader, draft);
    return json_reader_ok(reader) || error_set(err, ERROR_VALIDATION_FAILED, "see errors");
}

static void write_limit(struct json_writer *writer, const char *name, int64_t limit) {
    if (limit < 0) {
        json_writer_raw(writer, name, NULL);
    } else {
        json_writer_int(writer, name, limit);
    }
}

static void answer(struct request *request, const struct upload_token_draft *draft, const char *token,
                   const char *expires_at) {
    _cleanup_(buf_free) struct buf json = {0};
    _cleanup_(buf_free) struct buf url = {0};
    buf_printf(&url, "/c/%s", token);
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "token_id", draft->token_id);
    json_writer_text(&writer, "token", token);
    json_writer_text(&writer, "url", url.data);
    json_writer_text(&writer, "expires_at", expires_at);
    write_limit(&writer, "max_uploads", draft->max_uploads);
    write_limit(&writer, "max_bytes", draft->max_bytes);
    json_writer_open(&writer, "content_types", '[');
    for (size_t i = 0; i < draft->pattern_count; i++) {
        json_writer_text(&writer, NULL, draft->patterns[i]);
    }
    json_writer_close(&writer, ']');
    json_writer_close(&writer, '}');
    response_json(request, 201, &json);
}

bool handle_token_create(struct api *api, struct request *request, struct error *err) {
    struct upload_token_draft draft = {0};
    struct db *db = NULL;
    if (!read_draft(request, &draft, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    char token[UPLOAD_TOKEN_TEXT_SIZE];
    char expires_at[CLOCK_TEXT_SIZE];
    upload_token_draft_start(&draft, token);
    bool created = upload_token_create(db, &draft, expires_at, err);
    db_pool_give(api->database, db);
    if (created) {
        answer(request, &draft, token, expires_at);
    }
    return created;
}

bool handle_token_revoke(struct api *api, struct request *request, struct error *err) {
    const char *token_id = request->match.parameters[0];
    struct db *db = NULL;
    if (!id_valid(token_id)) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such token");
    }
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool revoked = upload_token_revoke(db, token_id, request->principal.owner_id, err);
    db_pool_give(api->database, db);
    if (revoked) {
        response_send(request, 204, NULL, NULL, 0);
    }
    return revoked;
}
