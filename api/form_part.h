/* The head of one part of a form (RFC 7578, section 4), as browsers, curl and the usual libraries send it. Pure. */
#ifndef SLUICE_API_FORM_PART_H
#define SLUICE_API_FORM_PART_H

#include "api/media_type.h"
#include "common/buf.h"
#include "common/error.h"

struct form_part {
    struct buf name;
    struct buf filename; /* UTF-8 as sent, %22 decoded (how browsers send a quote); of filename* where there is one */
    bool has_filename;   /* "" is what browsers send when no file was chosen */
    char content_type[MEDIA_TYPE_SIZE]; /* normalized; "": not given */
};
void form_part_free(struct form_part *part);

/* Reads the header lines, each with its CRLF. BAD_REQUEST for what is none, for a part without a name, for names that are no
 * UTF-8, and for a Content-Transfer-Encoding that would have to be undone (RFC 7578 has none). */
bool form_part_read(const char *lines, size_t length, struct form_part *ret_part, struct error *err) MUST_CHECK;

#endif
