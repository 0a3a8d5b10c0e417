#include "cli/commands.h"
#include "cli/event_file.h"
#include "common/event_queue.h"

#include <errno.h>
#include <string.h>

enum { REDIS_TIMEOUT_MS = 5000 };

static bool read_input(const char *path, struct buf *out, struct error *err) {
    bool is_stdin = strcmp(path, "-") == 0;
    _cleanup_(fclosep) FILE *opened = is_stdin ? NULL : fopen(path, "rbe");
    FILE *input = is_stdin ? stdin : opened;
    if (input == NULL) {
        return error_set(err, ERROR_NOT_FOUND, "%.100s: %s", path, strerror(errno));
    }
    while (out->length <= EVENT_FILE_MAX_BYTES) {
        char *place = buf_reserve(out, BUFSIZ);
        size_t length = fread(place, 1, BUFSIZ, input);
        out->length += length;
        if (length == 0) {
            break;
        }
    }
    buf_append(out, "", 0);
    return ferror(input) == 0 || error_set(err, ERROR_NOT_FOUND, "%.100s cannot be read", path);
}

bool command_events_send(const struct config *config, const struct options *options, struct error *err) {
    _cleanup_(buf_free) struct buf text = {0};
    _cleanup_(event_file_free) struct event_file file = {0};
    if (!read_input(options->arguments[0], &text, err) || !event_file_split(&text, &file, err)) {
        return false;
    }
    _cleanup_(redis_freep) struct redis *redis = NULL;
    if (!redis_new(config->redis_url, REDIS_TIMEOUT_MS, &redis, err)) {
        return false;
    }
    for (size_t i = 0; i < file.count; i++) {
        if (!event_queue_push(redis, config->events_list, file.items[i].bytes, file.items[i].length, err)) {
            return error_prefix(err, "after %zu of %zu", i, file.count);
        }
    }
    printf("sent %zu notification%s with %zu event%s to %s\n", file.count, file.count == 1 ? "" : "s", file.events,
           file.events == 1 ? "" : "s", config->events_list);
    return true;
}
