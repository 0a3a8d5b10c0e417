/* The log: one line an event on stderr, logfmt or JSON, with the request and file it belongs to.
 *
 * Never hand it a signature, a key, a token or a query string: paths are logged without their query.
 */
#ifndef SLUICE_COMMON_LOG_H
#define SLUICE_COMMON_LOG_H

#include "common/error.h"

#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_LOGFMT, LOG_JSON };

/* One field of a line: log_text("file_id", id), log_int("size", size). Fields with a NULL text are left out. */
struct log_field {
    const char *name;
    const char *text;
    int64_t number;
    bool is_number;
};

void log_configure(const char *program, enum log_level level, enum log_format format);

/* Writes a line: time, level, program, pid, event, then the fields; values are escaped. One write(2), so that lines of
 * several processes do not mix. */
void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count);

static inline struct log_field log_text(const char *name, const char *text) {
    return (struct log_field){.name = name, .text = text};
}

static inline struct log_field log_int(const char *name, int64_t number) {
    return (struct log_field){.name = name, .number = number, .is_number = true};
}

static inline struct log_field log_code(const struct error *err) {
    return log_text("code", error_name(err));
}

static inline struct log_field log_message(const struct error *err) {
    return log_text("message", err->message);
}

/* log_info("file_synced", log_text("file_id", id), log_int("size", size)); */
#define log_at(level, event, ...)                                                                                      \
    log_write((level), (event), (const struct log_field[]){__VA_ARGS__},                                               \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))
#define log_debug(event, ...) log_at(LOG_DEBUG, (event), __VA_ARGS__)
#define log_info(event, ...) log_at(LOG_INFO, (event), __VA_ARGS__)
#define log_warn(event, ...) log_at(LOG_WARN, (event), __VA_ARGS__)
#define log_error(event, ...) log_at(LOG_ERROR, (event), __VA_ARGS__)

#endif
