/* Photos of one batch on their way through the server: the album is locked before the first one, each is staged as it comes, and the
 * last one is followed by the transaction that makes them a batch. Whatever ends it earlier leaves nothing. */
#ifndef SLUICE_API_BATCH_UPLOAD_H
#define SLUICE_API_BATCH_UPLOAD_H

#include "api/batch_form.h"
#include "api/streamed_object.h"
#include "common/batch_accept.h"

struct staged_photo; /* one that came whole */

struct batch_upload {
    struct api *api;
    struct request *request; /* whose form may still owe its token; borrowed */
    const char *owner_id;
    char batch_id[ID_TEXT_SIZE]; /* "": the album is not locked */
    char album_id[ID_TEXT_SIZE];
    int64_t reserved;              /* of api->asset_memory */
    int64_t max_bytes;             /* of a photo, as far as is known */
    int64_t extend_at_ms;          /* monotonic: when the lease is to be extended */
    struct streamed_object object; /* the photo under way */
    struct staged_photo *photos;
    size_t count;
    bool kept; /* accepted, or nobody knows: objects and lock stay */
};

/* Makes ready for a body of this many bytes (-1: chunked), and reserves the memory. Zeroed before; batch_upload_free also after a
 * failure. OVERLOADED. owner_id is borrowed. */
bool batch_upload_start(struct api *api, const char *owner_id, int64_t body_bytes, struct batch_upload *upload,
                        struct error *err) MUST_CHECK;

/* For a batch_form: `context` is the upload. ALBUM_NOT_FOUND, BATCH_RUNNING, CONFLICT when the lease was lost; EMPTY_OBJECT,
 * FILE_TOO_LARGE, STORE_…. */
bool batch_upload_open(void *context, const struct batch_form *form, struct error *err) MUST_CHECK;
bool batch_upload_begin(void *context, const struct batch_form *form, struct error *err) MUST_CHECK;
bool batch_upload_write(void *context, const void *bytes, size_t length, struct error *err) MUST_CHECK;
bool batch_upload_end(void *context, const struct batch_form *form, struct error *err) MUST_CHECK;

/* The whole form came. */
bool batch_upload_accept(struct batch_upload *upload, struct error *err) MUST_CHECK;

/* Unless it was kept: staged objects go, then the lock; what cannot be told now to the store or the database is left to the sweep
 * and to the end of the lease. */
void batch_upload_free(struct batch_upload *upload);

/* Counts how it ended; err: why not, NULL when it was accepted. */
void batch_upload_count(const struct batch_upload *upload, const struct error *err);
/* Names the endings for the metrics; before any request. */
void batch_upload_label_metrics(void);

#endif
