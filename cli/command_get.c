#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/record.h"
#include "common/id.h"
#include "common/xalloc.h"

#include <errno.h>
#include <string.h>

static bool write_out(void *context, const void *bytes, size_t length, struct error *err) {
    FILE *out = context;
    return fwrite(bytes, 1, length, out) == length ||
           error_set(err, ERROR_INTERNAL, "cannot write the content: %s", strerror(errno));
}

/* To a file beside the named one first, so that a broken download leaves no half file under its name. */
static bool download_to(struct api_client *api, const char *path, const char *output, struct error *err) {
    _cleanup_(freep) char *partial = xasprintf("%s.part", output);
    FILE *out = fopen(partial, "wbe");
    if (out == NULL) {
        return error_set(err, ERROR_INTERNAL, "cannot create %.180s: %s", partial, strerror(errno));
    }
    bool done = api_client_download(api, path, write_out, out, err);
    bool closed = fclose(out) == 0;
    if (done && closed && rename(partial, output) == 0) {
        return true;
    }
    if (done) {
        error_set(err, ERROR_INTERNAL, "cannot write %.180s: %s", output, strerror(errno));
    }
    unlink(partial);
    return false;
}

static bool get_content(struct api_client *api, const char *file_id, const char *output, struct error *err) {
    _cleanup_(freep) char *path = xasprintf("/files/%s/content", file_id);
    if (output == NULL || strcmp(output, "-") == 0) {
        return api_client_download(api, path, write_out, stdout, err);
    }
    return download_to(api, path, output, err);
}

static bool get_record(struct api_client *api, const char *file_id, bool json, struct error *err) {
    _cleanup_(freep) char *path = xasprintf("/files/%s", file_id);
    _cleanup_(json_freep) json_t *record = NULL;
    struct api_call call = {.method = "GET", .path = path, .idempotent = true};
    if (!api_client_call(api, &call, &record, err)) {
        return false;
    }
    _cleanup_(buf_free) struct buf text = {0};
    if (json) {
        _cleanup_(freep) char *line = json_to_text(record);
        buf_printf(&text, "%s\n", line);
    } else {
        record_fields(record, &text);
    }
    fputs(buf_text(&text), stdout);
    return true;
}

bool command_get(const struct config *config, const struct options *options, struct error *err) {
    const char *file_id = options->arguments[0];
    const char *output = options_value(options, "output");
    if (!id_valid(file_id)) {
        return error_set(err, ERROR_CONFIG, "%.60s is not the id of a file", file_id);
    }
    bool content = options_has(options, "content");
    if (output != NULL && !content) {
        return error_set(err, ERROR_CONFIG, "option --output goes with --content");
    }
    _cleanup_(api_client_freep) struct api_client *api = api_client_new(config->api_url, config->api_key);
    return content ? get_content(api, file_id, output, err)
                   : get_record(api, file_id, options_has(options, "json"), err);
}
