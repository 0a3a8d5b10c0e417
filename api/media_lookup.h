/* What the paths of media name: the ids in them, and the records behind those. */
#ifndef SLUICE_API_MEDIA_LOOKUP_H
#define SLUICE_API_MEDIA_LOOKUP_H

#include "api/api.h"
#include "common/media_key.h"

/* The album's id, in lower case; ALBUM_NOT_FOUND when it is no id. */
bool album_id_of(const struct request *request, char ret_album_id[ID_TEXT_SIZE], struct error *err) MUST_CHECK;

/* The file behind a media id, {generation_id}_{index} or a file's own; also notes it for the log. NOT_FOUND. */
bool media_file_id(struct api *api, struct request *request, char ret_file_id[ID_TEXT_SIZE],
                   struct error *err) MUST_CHECK;

/* The record of the medium in the path, once it is final or wait_s are over; NOT_FOUND for a file that is no medium. */
bool media_lookup(struct api *api, struct request *request, int64_t wait_s, struct file_record **ret_record,
                  struct error *err) MUST_CHECK;

#endif
