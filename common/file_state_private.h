/* What the parts of file_state share. Private to file_*.c. */
#ifndef SLUICE_COMMON_FILE_STATE_PRIVATE_H
#define SLUICE_COMMON_FILE_STATE_PRIVATE_H

#include "common/file_state.h"

/* $1 allowed statuses, $2 the status after, $3 the topic: what the change statements of sql.def begin with. */
void file_state_add_event(struct db_params *params, enum file_event event);

/* An element of an array of sizes; -1 is NULL. */
void file_state_add_size(struct db_params *params, int64_t size);

/* Adds the job whose columns stand in the row from `column` on. */
void file_jobs_add(struct file_jobs *jobs, const struct db_result *result, size_t row, size_t column);

#endif
