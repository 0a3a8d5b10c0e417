/* A medium as clients see it: the members of its file, its own id and status, and what it belongs to. */
#ifndef SLUICE_API_MEDIA_JSON_H
#define SLUICE_API_MEDIA_JSON_H

#include "api/file_json.h"
#include "common/media_key.h"

/* "pending", "uploaded" (processed and ready) or "failed". Pure. */
const char *media_status_name(enum file_status status);

/* The id that a medium has for clients: its file's, or `{generation_id}_{index}`. */
void media_id_of_record(const struct file_record *record, char ret_media_id[MEDIA_ID_SIZE]);

/* Writes media_id, album_id, user_id, generation_id and the members of the file, within an object that the caller opens
 * and closes. */
void media_json_members(const struct api *api, const struct file_record *record, int64_t now_ms,
                        struct json_writer *writer);

/* The whole object. */
void media_json(const struct api *api, const struct file_record *record, int64_t now_ms, struct buf *out);

#endif
