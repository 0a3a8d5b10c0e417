#include "common/encode.h"
#include "common/outbox.h"
#include "common/xalloc.h"

#include <string.h>

enum { SNAPSHOT_TEXT_MAX = 4000 };

void outbox_position_free(struct outbox_position *position) {
    free(position->seen);
    free(position->before);
    *position = (struct outbox_position){0};
}

void outbox_position_print(const struct outbox_position *position, struct buf *out) {
    buf_append_int(out, position->id);
    buf_append_char(out, '-');
    buf_append_text(out, position->seen);
    if (position->before != NULL) {
        buf_append_char(out, '-');
        buf_append_text(out, position->before);
    }
}

/* Takes digits from *text on; false when there are none, or too many. */
static bool take_number(const char **text, int64_t *ret_number) {
    size_t length = strspn(*text, "0123456789");
    _cleanup_(freep) char *digits = xstrndup(*text, length);
    *text += length;
    return parse_int64(digits, 0, INT64_MAX, ret_number);
}

static bool take_character(const char **text, char character) {
    bool there = **text == character;
    *text += there;
    return there;
}

/* xmin:xmax:xip,…  with xmin <= xmax and the xip ascending between them. */
static bool take_snapshot(const char **text, char **ret_snapshot) {
    const char *start = *text;
    int64_t minimum = 0;
    int64_t maximum = 0;
    if (!take_number(text, &minimum) || !take_character(text, ':') || !take_number(text, &maximum) ||
        !take_character(text, ':') || minimum == 0 || minimum > maximum) {
        return false;
    }
    int64_t least = minimum;
    bool more = **text >= '0' && **text <= '9';
    while (more) {
        int64_t open = 0;
        if (!take_number(text, &open) || open < least || open >= maximum) {
            return false;
        }
        least = open + 1;
        more = take_character(text, ',');
    }
    if (*text - start > SNAPSHOT_TEXT_MAX) {
        return false;
    }
    *ret_snapshot = xstrndup(start, (size_t)(*text - start));
    return true;
}

bool outbox_position_parse(const char *text, struct outbox_position *ret_position) {
    _cleanup_(outbox_position_free) struct outbox_position position = {0};
    if (!take_number(&text, &position.id) || !take_character(&text, '-') || !take_snapshot(&text, &position.seen) ||
        (take_character(&text, '-') && !take_snapshot(&text, &position.before)) || *text != '\0') {
        return false;
    }
    *ret_position = outbox_position_take(&position);
    return true;
}
