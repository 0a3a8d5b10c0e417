/* Range requests for bytes (RFC 9110, section 14). Pure. */
#ifndef SLUICE_API_BYTE_RANGE_H
#define SLUICE_API_BYTE_RANGE_H

#include <stdint.h>

enum byte_range_kind {
    BYTE_RANGE_WHOLE,         /* no Range, another unit, several ranges, or nonsense: all of it */
    BYTE_RANGE_PART,          /* 206 */
    BYTE_RANGE_UNSATISFIABLE, /* 416 */
};

struct byte_range {
    int64_t first;
    int64_t length;
};

/* header NULL: none. `size` is that of the whole; for BYTE_RANGE_WHOLE the range covers it. */
enum byte_range_kind byte_range_of(const char *header, int64_t size, struct byte_range *ret_range);

#endif
