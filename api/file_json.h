/* A record as clients see it: the Metadata of the contract. */
#ifndef SLUICE_API_FILE_JSON_H
#define SLUICE_API_FILE_JSON_H

#include "api/api.h"
#include "api/json_writer.h"

/* Whether the store has the object of a file in this state. */
bool file_json_has_object(const struct file_record *record);

/* Writes the members, within an object that the caller opens and closes. */
void file_json_members(const struct api *api, const struct file_record *record, int64_t now_ms,
                       struct json_writer *writer);

/* The same, with another word for the status. */
void file_json_members_as(const struct api *api, const struct file_record *record, const char *status, int64_t now_ms,
                          struct json_writer *writer);

/* Writes `variants`, each with a signed URL. */
void file_json_variants(const struct api *api, const struct file_record *record, int64_t now_ms,
                        struct json_writer *writer);

/* Writes `error`: why a file is FAILED, or why one that is SYNCED has no variants, although it looks like a picture. */
void file_json_error(const struct file_record *record, struct json_writer *writer);

/* The whole object. */
void file_json(const struct api *api, const struct file_record *record, int64_t now_ms, struct buf *out);

#endif
