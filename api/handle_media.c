/* Media by their ids, avatars of users, and generated images. */

#include "api/file_retry.h"
#include "api/file_wait.h"
#include "api/handlers.h"
#include "api/json_writer.h"
#include "api/media_json.h"
#include "api/media_lookup.h"
#include "api/media_upload.h"
#include "api/response.h"
#include "api/upload_limits.h"
#include "common/clock.h"

#include <string.h>

bool handle_media_get(struct api *api, struct request *request, struct error *err) {
    int64_t wait_s = 0;
    _cleanup_(file_record_freep) struct file_record *record = NULL;
    if (!request_query_int(request, "wait", 0, FILE_WAIT_MAX_S, 0, &wait_s, err) ||
        !media_lookup(api, request, wait_s, &record, err)) {
        return false;
    }
    _cleanup_(buf_free) struct buf json = {0};
    media_json(api, record, clock_now_ms(), &json);
    response_json(request, 200, &json);
    return true;
}

bool handle_media_retry(struct api *api, struct request *request, struct error *err) {
    _cleanup_(file_record_freep) struct file_record *record = NULL;
    return media_lookup(api, request, 0, &record, err) && file_retry(api, request, record, err);
}

/* The client's own id of a user or a generation; anything else in its place is none. */
static bool read_word(const struct request *request, const char **ret_word, struct error *err) {
    *ret_word = request->match.parameters[0];
    return media_word_valid(*ret_word) ||
           error_set(err, ERROR_VALIDATION_FAILED, "the id must have 1 to %d of the characters A-Z a-z 0-9 . _ -",
                     MEDIA_WORD_SIZE - 1);
}

bool handle_avatar_upload(struct api *api, struct request *request, struct error *err) {
    struct media_home home = {.kind = MEDIA_AVATAR, .owner_id = request->principal.owner_id};
    struct upload_request upload;
    return read_word(request, &home.id, err) &&
           upload_policy_read_media(&request->reader, upload_limits_of(api, request, "avatar").max_bytes, &upload,
                                    err) &&
           media_upload_answer(api, request, &home, &upload, 1, err);
}

static bool read_generation(struct json_reader *reader, struct upload_request *ret_upload, size_t *ret_count,
                            struct error *err) {
    *ret_upload = (struct upload_request){.method = UPLOAD_PUT, .size = -1};
    *ret_count = (size_t)json_read_int(reader, "count", 1, MEDIA_BATCH_MAX, false, 1);
    const char *type = json_read_text(reader, "content_type", MEDIA_TYPE_SIZE - 1, false);
    type = type == NULL ? "image/jpeg" : type;
    if (!media_type_normalize(type, ret_upload->content_type)) {
        json_complain(reader, "content_type", "must be a media type such as image/jpeg");
    }
    if (!json_reader_ok(reader)) {
        return error_set(err, ERROR_VALIDATION_FAILED, "see errors");
    }
    return upload_policy_is_picture(ret_upload->content_type) ||
           error_set(err, ERROR_UNSUPPORTED_TYPE, "%.100s is none of the pictures that are taken here",
                     ret_upload->content_type);
}

bool handle_generation_upload(struct api *api, struct request *request, struct error *err) {
    struct media_home home = {.kind = MEDIA_GENERATED, .owner_id = request->principal.owner_id};
    struct upload_request upload;
    size_t count = 0;
    return read_word(request, &home.id, err) && read_generation(&request->reader, &upload, &count, err) &&
           media_upload_answer(api, request, &home, &upload, count, err);
}

static void answer_user(const struct api *api, struct request *request, const char *user_id,
                        const struct file_record *avatar) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "user_id", user_id);
    if (avatar == NULL) {
        json_writer_text(&writer, "avatar", NULL);
    } else {
        json_writer_open(&writer, "avatar", '{');
        json_writer_text(&writer, "media_id", avatar->file_id);
        json_writer_text(&writer, "thumbhash", avatar->thumbhash);
        file_json_variants(api, avatar, clock_now_ms(), &writer);
        json_writer_close(&writer, '}');
    }
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
}

bool handle_user_get(struct api *api, struct request *request, struct error *err) {
    const char *user_id = request->match.parameters[0];
    struct db *db = NULL;
    if (!media_word_valid(user_id)) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such user");
    }
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    _cleanup_(file_record_freep) struct file_record *avatar = NULL;
    bool found = file_store_get_avatar(db, request->principal.owner_id, user_id, &avatar, err);
    db_pool_give(api->database, db);
    if (found) {
        answer_user(api, request, user_id, avatar);
    }
    return found;
}
