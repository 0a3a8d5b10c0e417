/* Waiting for a file to reach a final status, without holding a database connection meanwhile. */
#ifndef SLUICE_API_FILE_WAIT_H
#define SLUICE_API_FILE_WAIT_H

#include "api/api.h"

enum { FILE_WAIT_MAX_S = 60 };

/* The record at a final status, or as it is after wait_s seconds or when the server shuts down. OVERLOADED when
 * SLUICE_WAIT_MAX requests wait already. */
bool file_wait(struct api *api, const struct request *request, const char *file_id, int64_t wait_s,
               struct file_record **ret_record, struct error *err) MUST_CHECK;

#endif
