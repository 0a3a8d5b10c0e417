#include "api/byte_range.h"

#include "common/encode.h"

#include <string.h>
#include <strings.h>

enum { NUMBER_MAX = 19 };

/* The digits at the start as a number, -1 when there are none or too many. */
static int64_t take_number(const char **at) {
    size_t length = strspn(*at, "0123456789");
    char digits[NUMBER_MAX + 1] = {0};
    int64_t number = -1;
    if (length > 0 && length <= NUMBER_MAX) {
        memcpy(digits, *at, length);
        if (!parse_int64(digits, 0, INT64_MAX, &number)) {
            number = -1;
        }
    }
    *at += length;
    return number;
}

/* `-length`: the last bytes. */
static enum byte_range_kind suffix(int64_t length, int64_t size, struct byte_range *ret_range) {
    if (length == 0 || size == 0) {
        return BYTE_RANGE_UNSATISFIABLE;
    }
    int64_t taken = length < size ? length : size;
    *ret_range = (struct byte_range){.first = size - taken, .length = taken};
    return BYTE_RANGE_PART;
}

enum byte_range_kind byte_range_of(const char *header, int64_t size, struct byte_range *ret_range) {
    *ret_range = (struct byte_range){.first = 0, .length = size};
    if (header == NULL || strncasecmp(header, "bytes=", 6) != 0) {
        return BYTE_RANGE_WHOLE;
    }
    const char *at = header + 6;
    at += strspn(at, " ");
    bool has_first = *at != '-';
    int64_t first = has_first ? take_number(&at) : 0;
    if (first < 0 || *at != '-') {
        return BYTE_RANGE_WHOLE;
    }
    at++;
    bool has_last = *at >= '0' && *at <= '9';
    int64_t last = has_last ? take_number(&at) : INT64_MAX;
    at += strspn(at, " ");
    if (last < 0 || *at != '\0' || (!has_first && !has_last) || (has_first && last < first)) {
        return BYTE_RANGE_WHOLE;
    }
    if (!has_first) {
        return suffix(last, size, ret_range);
    }
    if (first >= size) {
        return BYTE_RANGE_UNSATISFIABLE;
    }
    int64_t end = last < size - 1 ? last + 1 : size;
    *ret_range = (struct byte_range){.first = first, .length = end - first};
    return BYTE_RANGE_PART;
}
