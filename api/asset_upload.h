/* A file on its way through the server into the store, as the form of an asset brings it. */
#ifndef SLUICE_API_ASSET_UPLOAD_H
#define SLUICE_API_ASSET_UPLOAD_H

#include "api/asset_form.h"
#include "api/streamed_object.h"
#include "api/upload_limits.h"

enum { ASSET_FORM_ROOM = 256 << 10 }; /* what a form may have besides its file */

struct asset_upload {
    struct upload_limits limits;   /* of the caller */
    struct streamed_object object; /* kept: so is its record */
    int64_t reserved;              /* of api->asset_memory */
};

/* Makes ready for a body of this many bytes (-1: chunked) and reserves the memory. FILE_TOO_LARGE, OVERLOADED. Zeroed before but
 * for its limits; asset_upload_free also after a failure. */
bool asset_upload_start(struct api *api, int64_t body_bytes, struct asset_upload *upload, struct error *err) MUST_CHECK;

/* Removes what was written unless it was kept. */
void asset_upload_free(struct asset_upload *upload);

/* For an asset_form: `context` is the upload. */
bool asset_upload_begin(void *context, const struct asset_form *form, struct error *err) MUST_CHECK;
bool asset_upload_write(void *context, const void *bytes, size_t length, struct error *err) MUST_CHECK;

/* The whole file came, and is what the form says of it: makes the object. EMPTY_OBJECT, HASH_MISMATCH, STORE_…. */
bool asset_upload_finish(struct asset_upload *upload, const struct asset_form *form, struct error *err) MUST_CHECK;

#endif
