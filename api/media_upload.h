/* Signed uploads of media: reads what is asked for, makes the records in the transaction that holds their album, user or
 * generation, and writes the tickets. */
#ifndef SLUICE_API_MEDIA_UPLOAD_H
#define SLUICE_API_MEDIA_UPLOAD_H

#include "api/api.h"
#include "api/idempotency.h"
#include "api/upload_policy.h"
#include "common/media_store.h"

enum { MEDIA_BATCH_MAX = 100 }; /* images asked for at once */

/* Largest upload of a medium, bytes. */
int64_t media_upload_max_bytes(const struct config *config);

/* What is asked for: `count` records like `upload`; only generations have more than one. */
struct media_wish {
    struct media_home home;
    const struct upload_request *upload;
    size_t count;
    struct idempotency idempotency; /* key NULL: none */
    const struct principal *principal;
    int64_t max_bytes; /* of one medium */
    char *ret_file_id; /* room for an id: that of the first medium; NULL: it is not asked for */
};

/* Makes the records and puts their tickets into `out`: one JSON object, or for generations {"media":[…]}. Returns once they are
 * committed. ret_replayed: `out` is what was answered to the first request with this Idempotency-Key. ALBUM_NOT_FOUND,
 * NOT_FOUND, IDEMPOTENCY_KEY_REUSED. */
bool media_upload_make(struct api *api, const struct media_wish *wish, struct buf *out, bool *ret_replayed,
                       struct error *err) MUST_CHECK;

/* The whole of a handler behind what the request asks for: whether its type is taken, media_upload_make and the answer. */
bool media_upload_answer(struct api *api, struct request *request, const struct media_home *home,
                         const struct upload_request *upload, size_t count, struct error *err) MUST_CHECK;

/* The ticket of a record that still waits for its upload. */
void media_upload_ticket(const struct api *api, const struct file_record *record, struct buf *out);

#endif
