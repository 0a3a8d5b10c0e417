/* Signed uploads of media: reads what is asked for, makes the records in the transaction that holds their album, user or
 * generation, and writes the tickets. */
#ifndef SLUICE_API_MEDIA_UPLOAD_H
#define SLUICE_API_MEDIA_UPLOAD_H

#include "api/api.h"
#include "api/upload_policy.h"
#include "common/media_store.h"

enum { MEDIA_BATCH_MAX = 100 }; /* images asked for at once */

/* Largest upload of a medium, bytes. */
int64_t media_upload_max_bytes(const struct config *config);

/* Makes `count` records like `upload` (only generations have more than one) and appends their tickets to `out`: one JSON
 * object, or for generations {"media":[…]}. Returns once they are committed. ALBUM_NOT_FOUND, NOT_FOUND. */
bool media_upload_make(struct api *api, const struct media_home *home, const struct upload_request *upload,
                       size_t count, struct buf *out, struct error *err) MUST_CHECK;

/* The ticket of a record that still waits for its upload. */
void media_upload_ticket(const struct api *api, const struct file_record *record, struct buf *out);

#endif
