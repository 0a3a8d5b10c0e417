/* Assets and tasks as clients see them. */
#ifndef SLUICE_API_ASSET_JSON_H
#define SLUICE_API_ASSET_JSON_H

#include "api/file_json.h"
#include "common/asset_store.h"

/* The Metadata of the contract, and asset_id (null until it is ready) and references. */
void asset_json_members(const struct api *api, const struct asset *asset, int64_t now_ms, struct json_writer *writer);

/* The upload of an asset: task_id, status, asset_id, duplicate, error. Pure. */
void task_json(const struct file_record *record, struct buf *out);

#endif
