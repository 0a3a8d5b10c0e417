/* Object keys of assets. Pure.
 *
 *     staging/{file_id}/{safe name}   as the API received it
 *     assets/{file_id}/{safe name}    once it was read, hashed and found to be the first of its content
 *
 * Both follow from the record, so that whoever does a step again does it to the same object.
 */
#ifndef SLUICE_COMMON_ASSET_KEY_H
#define SLUICE_COMMON_ASSET_KEY_H

#include "common/buf.h"
#include "common/id.h"

/* As files.kind has it. */
#define ASSET_KIND "asset"

/* Where they lie; nothing there is uploaded by clients, and events of it are not subscribed. */
#define ASSET_STAGING_PREFIX "staging/"
#define ASSET_PREFIX "assets/"

bool asset_kind_is_asset(const char *kind);

void asset_key_staging(struct buf *out, const char *file_id, const char *filename);
void asset_key(struct buf *out, const char *file_id, const char *filename);

/* The id (lower case) in a key of either form; false for another key. */
bool asset_key_parse(const char *key, char ret_file_id[ID_TEXT_SIZE]) MUST_CHECK;

#endif
