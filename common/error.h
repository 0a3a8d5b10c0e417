/* Errors: a code from error_codes.def, which decides HTTP status and retry, and a message for people. */
#ifndef SLUICE_COMMON_ERROR_H
#define SLUICE_COMMON_ERROR_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <stddef.h>

enum error_code {
#define ERROR_CODE(name, http_status, disposition, title) ERROR_##name,
#include "common/error_codes.def"
#undef ERROR_CODE
    ERROR_CODE_COUNT
};

/* What a worker does with a job that met the error. */
enum error_disposition {
    PERMANENT, /* the same input fails again: FAILED with this code */
    TRANSIENT, /* may pass: try again with backoff, an attempt is spent */
    OUTAGE,    /* a dependency is down: try again, no attempt is spent */
};

struct error {
    enum error_code code;
    char message[256];
};

struct error_info {
    const char *name; /* the stable UPPER_SNAKE word users see */
    int http_status;
    enum error_disposition disposition;
    const char *title; /* public text; says nothing of the inside */
};

/* Fills err (NULL is allowed) and returns false, so that a failing function can `return error_set(…)`. */
bool error_set(struct error *err, enum error_code code, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts `context: ` before the message and returns false. */
bool error_prefix(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

const struct error_info *error_info(enum error_code code);

/* The code of a name as stored in a record, ERROR_INTERNAL for an unknown one. */
enum error_code error_code_of(const char *name);

static inline const char *error_name(const struct error *err) {
    return error_info(err->code)->name;
}

static inline enum error_disposition error_disposition(const struct error *err) {
    return error_info(err->code)->disposition;
}

/* The errors table as Markdown, for --dump errors. */
void error_dump(FILE *out);

#endif
