#include "common/error.h"

#include "common/encode.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct error_info error_table[ERROR_CODE_COUNT] = {
#define ERROR_CODE(name, http_status, disposition, title) {#name, http_status, disposition, title},
#include "common/error_codes.def"
#undef ERROR_CODE
};

/* A text that was cut at the end of the message must not end within a character: it goes into JSON. */
static void drop_cut_character(char *message) {
    size_t length = strlen(message);
    for (size_t cut = 1; cut < 4 && cut <= length && !utf8_valid(message, length); cut++) {
        if (utf8_valid(message, length - cut)) {
            message[length - cut] = '\0';
            return;
        }
    }
}

bool error_set(struct error *err, enum error_code code, const char *format, ...) {
    if (err != NULL) {
        err->code = code;
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(err->message, sizeof err->message, format, arguments);
        va_end(arguments);
        drop_cut_character(err->message);
    }
    return false;
}

bool error_prefix(struct error *err, const char *format, ...) {
    if (err != NULL) {
        char prefix[100];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(prefix, sizeof prefix, format, arguments);
        va_end(arguments);
        char message[sizeof err->message];
        memcpy(message, err->message, sizeof message);
        snprintf(err->message, sizeof err->message, "%s: %.150s", prefix, message);
        drop_cut_character(err->message);
    }
    return false;
}

const struct error_info *error_info(enum error_code code) {
    return &error_table[code < ERROR_CODE_COUNT ? code : ERROR_INTERNAL];
}

enum error_code error_code_of(const char *name) {
    for (size_t i = 0; name != NULL && i < ERROR_CODE_COUNT; i++) {
        if (strcmp(error_table[i].name, name) == 0) {
            return (enum error_code)i;
        }
    }
    return ERROR_INTERNAL;
}

void error_dump(FILE *out) {
    static const char *const dispositions[] = {"permanent", "transient", "outage"};
    fputs("# Error codes\n\n| code | HTTP status | a worker treats it as | meaning |\n| --- | --- | --- | --- |\n",
          out);
    for (size_t i = ERROR_NONE + 1; i < ERROR_CODE_COUNT; i++) {
        const struct error_info *info = &error_table[i];
        fprintf(out, "| `%s` | %d | %s | %s |\n", info->name, info->http_status, dispositions[info->disposition],
                info->title);
    }
}
