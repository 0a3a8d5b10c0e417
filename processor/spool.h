/* Where a picture waits for the decoder: in memory while it is small, else in a file that has no name, so that nothing of it
 * is left whatever becomes of this process. */
#ifndef SLUICE_PROCESSOR_SPOOL_H
#define SLUICE_PROCESSOR_SPOOL_H

#include "common/cleanup.h"
#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

struct spool;

/* `directory` of the files; it is borrowed. memory_bytes: larger pictures go there. */
struct spool *spool_new(const char *directory, int64_t memory_bytes);
void spool_free(struct spool *spool);
DEFINE_CLEANUP(struct spool *, spool)

/* Appends. SPOOL_UNAVAILABLE, with what the system says, when there is no room or no such directory. */
bool spool_write(struct spool *spool, const void *bytes, size_t length, struct error *err) MUST_CHECK;

/* A descriptor of what was written, to be read from its start; -1 while it is empty. It stays the spool's. */
int spool_descriptor(const struct spool *spool);
int64_t spool_size(const struct spool *spool);

/* Empties it and gives its room back. */
void spool_clear(struct spool *spool);

#endif
