#include "decoder/complaint.h"

#include <string.h>

/* How libjpeg, libvips' source, libtiff, libnsgif and libpng say that a file is over; other libraries say nothing of it. */
static const char *const end_words[] = {"remature end",  "bad seek to",    "Read error at",
                                        "nexpected end", "unexpected EOF", "End-of-file"};

static bool says_cut(const char *words) {
    for (size_t i = 0; i < sizeof end_words / sizeof end_words[0]; i++) {
        if (strstr(words, end_words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

bool complaint_set(struct error *err, const char *plain, const char *words) {
    if (words == NULL) {
        return error_set(err, ERROR_DECODE_FAILED, "%s", plain);
    }
    size_t start = strspn(words, "\n");
    return error_set(err, ERROR_DECODE_FAILED, "%s\n%.*s", says_cut(words) ? COMPLAINT_CUT : plain,
                     (int)strcspn(words + start, "\n"), words + start);
}

const char *complaint_split(char *message) {
    char *line_end = strchr(message, '\n');
    if (line_end == NULL) {
        return "";
    }
    *line_end = '\0';
    return line_end + 1;
}
