/* What the small requests about batches say: fields of a form as pages send it (application/x-www-form-urlencoded), or of JSON. */
#ifndef SLUICE_API_BATCH_REQUEST_H
#define SLUICE_API_BATCH_REQUEST_H

#include "api/request.h"

/* Reads the body, of a route with BODY_ANY. */
bool batch_request_read(struct request *request, struct error *err) MUST_CHECK;

/* After that: the text of a field, NULL when absent; the caller frees it. VALIDATION_FAILED. */
bool batch_request_field(const struct request *request, const char *name, char **ret_value,
                         struct error *err) MUST_CHECK;

/* Both, for album_id: in lower case. ALBUM_NOT_FOUND when it is absent or no id. */
bool batch_request_album(struct request *request, char ret_album_id[ID_TEXT_SIZE], struct error *err) MUST_CHECK;

#endif
