#include "api/asset_json.h"

void asset_json_members(const struct api *api, const struct asset *asset, int64_t now_ms, struct json_writer *writer) {
    const struct file_record *record = asset->record;
    json_writer_text(writer, "asset_id", record->status == SYNCED ? record->file_id : NULL);
    json_writer_int(writer, "references", asset->references);
    if (asset->score != NULL) {
        json_writer_raw(writer, "score", asset->score);
    }
    file_json_members(api, record, now_ms, writer);
}

static const char *task_status(enum file_status status) {
    return status == SYNCED ? "complete" : status == FAILED ? "failed" : "processing";
}

void task_json(const struct file_record *record, struct buf *out) {
    bool is_complete = record->status == SYNCED;
    struct json_writer writer = json_writer_to(out);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "task_id", record->file_id);
    json_writer_text(&writer, "status", task_status(record->status));
    json_writer_text(&writer, "asset_id", is_complete ? file_record_content_id(record) : NULL);
    json_writer_raw(&writer, "duplicate", is_complete ? record->duplicate_of != NULL ? "true" : "false" : "null");
    if (record->status == FAILED) {
        file_json_error(record, &writer);
    } else {
        json_writer_text(&writer, "error", NULL);
    }
    json_writer_close(&writer, '}');
}
