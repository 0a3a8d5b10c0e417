#include "api/media_json.h"

#include <string.h>

const char *media_status_name(enum file_status status) {
    switch (status) {
    case SYNCED:
        return "uploaded";
    case FAILED:
    case EXPIRED:
    case GONE:
        return "failed";
    default:
        return "pending";
    }
}

void media_id_of_record(const struct file_record *record, char ret_media_id[MEDIA_ID_SIZE]) {
    if (record->generation_id != NULL) {
        media_id_generated(record->generation_id, record->generation_index, ret_media_id);
    } else {
        snprintf(ret_media_id, MEDIA_ID_SIZE, "%s", record->file_id);
    }
}

void media_json_members(const struct api *api, const struct file_record *record, int64_t now_ms,
                        struct json_writer *writer) {
    char media_id[MEDIA_ID_SIZE];
    media_id_of_record(record, media_id);
    json_writer_text(writer, "media_id", media_id);
    json_writer_text(writer, "album_id", record->album_id);
    json_writer_text(writer, "user_id", record->user_id);
    json_writer_text(writer, "generation_id", record->generation_id);
    file_json_members_as(api, record, media_status_name(record->status), now_ms, writer);
}

void media_json(const struct api *api, const struct file_record *record, int64_t now_ms, struct buf *out) {
    struct json_writer writer = json_writer_to(out);
    json_writer_open(&writer, NULL, '{');
    media_json_members(api, record, now_ms, &writer);
    json_writer_close(&writer, '}');
}
