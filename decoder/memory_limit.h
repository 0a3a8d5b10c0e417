/* An end to the memory of the process that decodes: the allocation that exceeds it ends the process with a status of its own,
 * so that running out of memory can be told from a crash. Nothing in the libraries gets to handle it, or to mishandle it. */
#ifndef SLUICE_DECODER_MEMORY_LIMIT_H
#define SLUICE_DECODER_MEMORY_LIMIT_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

/* Exit status of a process that wanted more memory. */
enum { MEMORY_LIMIT_EXIT = 77 };

/* From now on the process may hold so many bytes (resident, about; at least 64 MiB). Under a sanitizer, whose shadow memory no
 * limit of the kernel can live with, the bytes that are allocated are counted instead. False (errno) when the kernel refuses. */
bool memory_limit_set(int64_t bytes) MUST_CHECK;

#endif
