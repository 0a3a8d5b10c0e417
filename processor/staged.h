/* Objects that came through the server and lie under staging/ until their file is SYNCED: those of assets, whose record names the
 * staged object until then, and those of photos of batches, whose record names the final one from the start. Pure. */
#ifndef SLUICE_PROCESSOR_STAGED_H
#define SLUICE_PROCESSOR_STAGED_H

#include "common/buf.h"
#include "common/file_state.h"

bool staged_is(const struct file_job *job);

/* Where the object of any job is read. */
const char *staged_source(const struct file_job *job);

/* Where a staged one stays. */
void staged_append_final(struct buf *out, const struct file_job *job);

#endif
