/* Content-Disposition (RFC 6266) with the file name in ASCII and, by RFC 8187, in UTF-8. Pure. */
#ifndef SLUICE_COMMON_CONTENT_DISPOSITION_H
#define SLUICE_COMMON_CONTENT_DISPOSITION_H

#include "common/buf.h"

/* Appends `attachment; filename="…"; filename*=UTF-8''…`, or `inline; …`. Quotes, backslashes, '%' and all that is no
 * printable ASCII become '_' in the first name. */
void content_disposition_append(struct buf *out, bool is_inline, const char *filename);

#endif
