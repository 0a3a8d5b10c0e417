/* Once more: a FAILED file is processed again, the upload of a PENDING or EXPIRED one is signed anew. */
#ifndef SLUICE_API_FILE_RETRY_H
#define SLUICE_API_FILE_RETRY_H

#include "api/api.h"

/* Answers the request, with a ticket or with the record, in the form of media for those. CONFLICT in any other status. */
bool file_retry(struct api *api, struct request *request, const struct file_record *record,
                struct error *err) MUST_CHECK;

#endif
