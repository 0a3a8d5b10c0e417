/* Allocation that cannot fail: out of memory aborts the process, which its supervisor replaces.
 *
 * Every module allocates through these; sizes that come from outside are bounded before they get here.
 */
#ifndef SLUICE_COMMON_XALLOC_H
#define SLUICE_COMMON_XALLOC_H

#include "common/cleanup.h"

#include <stddef.h>

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *pointer, size_t size) __attribute__((returns_nonnull));

/* A copy of the text; NULL stays NULL. */
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t length) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *format, ...) PRINTF_LIKE(1, 2) __attribute__((malloc, returns_nonnull));

#endif
