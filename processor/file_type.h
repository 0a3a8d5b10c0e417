/* What a file is, by its first bytes. Pure.
 *
 * A table of our own instead of libmagic: libmagic's rules run on hostile bytes in a process that holds the credentials of
 * the database and the store, and a media type that decides whether a file is accepted must not change with the system's
 * magic file. The table knows what uploads usually are; everything else is only told apart as text or not.
 */
#ifndef SLUICE_PROCESSOR_FILE_TYPE_H
#define SLUICE_PROCESSOR_FILE_TYPE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    FILE_TYPE_HEAD_BYTES = 4096, /* as many of a file's first bytes are looked at */
    FILE_TYPE_SIZE = 128,        /* of a media type without parameters, with its NUL */
};

/* The media type of content that begins with `head`: the canonical name of a recognised format, or the declared type where
 * that one says more (an office document is a zip, JSON is text), text/plain for other text, NULL for what is not known.
 * `declared` may be NULL and may have parameters. The answer is static or written into `room`. */
const char *file_type_detect(const void *head, size_t length, const char *declared, char room[FILE_TYPE_SIZE]);

/* False when the declared type is one that the table recognises and the content is not of it. Types that the table does not
 * know, and none, agree with everything. */
bool file_type_agrees(const void *head, size_t length, const char *declared);

#endif
