/* What the small requests about batches say, by the fields of a BODY_FIELDS route. */
#ifndef SLUICE_API_BATCH_REQUEST_H
#define SLUICE_API_BATCH_REQUEST_H

#include "api/request.h"

/* The field album_id, in lower case. ALBUM_NOT_FOUND when it is absent or no id. */
bool batch_request_album(struct request *request, char ret_album_id[ID_TEXT_SIZE], struct error *err) MUST_CHECK;

#endif
