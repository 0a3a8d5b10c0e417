/* Names of files as clients give them: what is accepted, and what of it goes into an object key. Pure.
 *
 * Accepted is UTF-8 of at most FILE_NAME_MAX bytes. Of a path only the last segment counts, as browsers do it ('/' and
 * '\'). Refused, rather than repaired, are control characters (C0, C1, U+2028, U+2029) and the bidirectional controls that
 * make a name look like another one (U+202A–202E, U+2066–2069), and names that are empty, blank, "." or "..". */
#ifndef SLUICE_COMMON_FILE_NAME_H
#define SLUICE_COMMON_FILE_NAME_H

#include "common/buf.h"

enum {
    FILE_NAME_MAX = 1024,
    FILE_NAME_KEY_MAX = 200, /* in a key: MinIO keeps each segment as a directory, and those end at 255 bytes */
};

/* NULL when the text is a name, else what is wrong with it. ret_name points to the last segment within the text. */
const char *file_name_check(const char *text, const char **ret_name);

/* Appends a form that is safe in keys, URLs and shells: ASCII other than letters, digits, '.', '-' and '_' becomes '_',
 * letters of other scripts stay; a long name loses its middle, not its extension. */
void file_name_append_safe(struct buf *out, const char *name);

#endif
