/* The body of a request, read in pieces into the parser of a form; a piece that takes too long ends it. */
#ifndef SLUICE_API_FORM_STREAM_H
#define SLUICE_API_FORM_STREAM_H

#include "api/api.h"
#include "api/form_data.h"
#include "api/request.h"

/* Before anything is reserved for it: the form's boundary. UNSUPPORTED_MEDIA_TYPE, BAD_REQUEST, LENGTH_REQUIRED. */
bool form_stream_boundary(const struct request *request, char ret_boundary[FORM_BOUNDARY_MAX + 1],
                          struct error *err) MUST_CHECK;

/* All of it, or up to the first failure, of the client or of the form's handler: BAD_REQUEST, REQUEST_TIMEOUT, …. After a failure
 * of the form, up to discard_max bytes more are read and dropped, for a few seconds: who still sends would not see the answer. */
bool form_stream_read(const struct api *api, struct request *request, struct form_data *form, int64_t discard_max,
                      struct error *err) MUST_CHECK;

#endif
