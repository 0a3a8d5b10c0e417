#include "api/media_lookup.h"

#include "api/file_wait.h"
#include "common/media_store.h"

#include <ctype.h>
#include <string.h>

static bool no_medium(struct error *err) {
    return error_set(err, ERROR_NOT_FOUND, "there is no such medium");
}

bool album_id_of(const struct request *request, char ret_album_id[ID_TEXT_SIZE], struct error *err) {
    const char *text = request->match.parameters[0];
    if (!id_valid(text)) {
        return error_set(err, ERROR_ALBUM_NOT_FOUND, "there is no such album");
    }
    for (size_t i = 0; i < ID_TEXT_SIZE; i++) {
        ret_album_id[i] = (char)tolower((unsigned char)text[i]);
    }
    return true;
}

bool media_file_id(struct api *api, struct request *request, char ret_file_id[ID_TEXT_SIZE], struct error *err) {
    const char *media_id = request->match.parameters[0];
    if (id_valid(media_id)) {
        return request_file_id(request, ret_file_id, err);
    }
    char generation_id[MEDIA_WORD_SIZE];
    int64_t index = 0;
    struct db *db = NULL;
    if (!media_id_parse_generated(media_id, generation_id, &index)) {
        return no_medium(err);
    }
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool found = media_find_generated(db, request->principal.owner_id, generation_id, index, ret_file_id, err);
    db_pool_give(api->database, db);
    if (found) {
        memcpy(request->file_id, ret_file_id, ID_TEXT_SIZE);
    }
    return found;
}

bool media_lookup(struct api *api, struct request *request, int64_t wait_s, struct file_record **ret_record,
                  struct error *err) {
    char file_id[ID_TEXT_SIZE];
    _cleanup_(file_record_freep) struct file_record *record = NULL;
    if (!media_file_id(api, request, file_id, err) || !file_wait(api, request, file_id, wait_s, &record, err)) {
        return false;
    }
    if (!media_kind_is_media(record->kind)) {
        return no_medium(err);
    }
    *ret_record = take_ptr(record);
    return true;
}
