#include "cli/asset_send.h"
#include "cli/commands.h"
#include "cli/record.h"
#include "cli/uploader.h"
#include "common/clock.h"
#include "common/daemon.h"
#include "common/id.h"
#include "common/xalloc.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum {
    DEFAULT_JOBS = 4,
    MAX_JOBS = 32,
    DEFAULT_TIMEOUT_S = 3600,
    MAX_TIMEOUT_S = 604800,
    WAIT_S = 30,       /* that the API holds one request */
    CALL_SLACK_S = 30, /* more than that until the request counts as lost */
};

/* What became of one file. */
struct upload_result {
    char *file_id; /* NULL: the upload failed */
    struct error error;
};

/* The files of one call, shared by its threads: each takes the next one. */
struct upload_batch {
    const struct config *config;
    struct upload_options options;
    const char *const *paths;
    size_t count;
    struct upload_result *results;
    struct board *board;
    atomic_size_t next;
    size_t jobs;
    int64_t timeout_s;
    bool json, wait;
};

struct upload_thread {
    struct upload_batch *batch;
    size_t slot;
    pthread_t thread;
};

/* As it happens; that of the only file is the failure of the whole call. */
static void tell_failure(const struct upload_batch *batch, const struct error *failure) {
    if (batch->count > 1 && failure->code != ERROR_SHUTTING_DOWN) {
        _cleanup_(freep) char *line = xasprintf("%s: %s", PROGRAM_NAME, failure->message);
        board_say(batch->board, line);
    }
}

static void *run_thread(void *context) {
    const struct upload_thread *thread = context;
    struct upload_batch *batch = thread->batch;
    _cleanup_(uploader_freep) struct uploader *uploader =
        uploader_new(batch->config, &batch->options, batch->board, thread->slot);
    for (size_t i = atomic_fetch_add(&batch->next, 1); i < batch->count; i = atomic_fetch_add(&batch->next, 1)) {
        struct upload_result *result = &batch->results[i];
        if (!uploader_send(uploader, batch->paths[i], &result->file_id, &result->error)) {
            result->file_id = NULL;
            error_prefix(&result->error, "%s", batch->paths[i]);
            tell_failure(batch, &result->error);
        }
    }
    return NULL;
}

/* One thread less than asked for, for want of resources, is no failure as long as there is one. */
static bool upload_all(struct upload_batch *batch, struct error *err) {
    size_t wanted = batch->jobs < batch->count ? batch->jobs : batch->count;
    _cleanup_(freep) struct upload_thread *threads = xcalloc(wanted, sizeof *threads);
    size_t started = 0;
    for (; started < wanted; started++) {
        threads[started] = (struct upload_thread){.batch = batch, .slot = started};
        if (pthread_create(&threads[started].thread, NULL, run_thread, &threads[started]) != 0) {
            break;
        }
    }
    for (size_t i = 0; i < started; i++) {
        pthread_join(threads[i].thread, NULL);
    }
    return started > 0 || error_set(err, ERROR_INTERNAL, "cannot start a thread");
}

/* The record once its status is final, or at the deadline, or at once when wait is false. */
static bool await_record(struct api_client *api, const char *file_id, int64_t deadline_ms, bool wait,
                         json_t **ret_record, struct error *err) {
    for (;;) {
        _cleanup_(freep) char *path = xasprintf(wait ? "/files/%s?wait=%d" : "/files/%s", file_id, WAIT_S);
        _cleanup_(json_freep) json_t *record = NULL;
        struct api_call call = {.method = "GET", .path = path, .idempotent = true, .timeout_s = WAIT_S + CALL_SLACK_S};
        if (!api_client_call(api, &call, &record, err)) {
            return false;
        }
        if (!wait || record_is_final(record) || clock_monotonic_ms() > deadline_ms) {
            *ret_record = take_ptr(record);
            return true;
        }
    }
}

/* The same of either kind: of an asset it is the task. */
static bool await_outcome(const struct upload_batch *batch, struct api_client *api, const char *id, int64_t deadline_ms,
                          json_t **ret_record, struct error *err) {
    if (!batch->options.asset) {
        return await_record(api, id, deadline_ms, batch->wait, ret_record, err);
    }
    if (batch->wait) {
        return asset_await(api, id, deadline_ms, ret_record, err);
    }
    *ret_record = asset_task_unknown(id);
    return true;
}

static void print_outcome(const struct upload_batch *batch, size_t i, const json_t *record) {
    _cleanup_(buf_free) struct buf line = {0};
    if (batch->json) {
        _cleanup_(freep) char *text = json_to_text(record);
        buf_printf(&line, "%s\n", text);
    } else if (batch->options.asset) {
        asset_task_line(record, batch->paths[i], &line);
    } else {
        record_line(record, &line);
    }
    fputs(buf_text(&line), stdout);
    fflush(stdout);
}

static bool is_good(const struct upload_batch *batch, const json_t *record) {
    return !batch->wait || (batch->options.asset ? asset_task_is_complete(record) : record_is_synced(record));
}

/* Prints what became of every file that was sent; ret_good counts those that are done, or sent when nobody waits. */
static bool print_outcomes(const struct upload_batch *batch, size_t *ret_good, struct error *err) {
    _cleanup_(api_client_freep) struct api_client *api = api_client_new(batch->config->api_url, batch->config->api_key);
    int64_t deadline_ms = clock_monotonic_ms() + batch->timeout_s * 1000;
    for (size_t i = 0; i < batch->count; i++) {
        const char *file_id = batch->results[i].file_id;
        _cleanup_(json_freep) json_t *record = NULL;
        if (file_id == NULL) {
            continue;
        }
        if (!await_outcome(batch, api, file_id, deadline_ms, &record, err)) {
            return error_prefix(err, "%s is uploaded, but its record cannot be read", file_id);
        }
        print_outcome(batch, i, record);
        *ret_good += is_good(batch, record) ? 1 : 0;
    }
    return true;
}

static bool method_of(const char *word, enum upload_method *ret_method, struct error *err) {
    static const struct {
        const char *word;
        enum upload_method method;
    } methods[] = {{"put", UPLOAD_PUT}, {"post", UPLOAD_POST}, {"multipart", UPLOAD_MULTIPART}};
    if (word == NULL) {
        *ret_method = UPLOAD_AUTO;
        return true;
    }
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(word, methods[i].word) == 0) {
            *ret_method = methods[i].method;
            return true;
        }
    }
    return error_set(err, ERROR_CONFIG, "option --method must be one of: put post multipart");
}

static bool album_of(const struct options *options, struct upload_options *upload, struct error *err) {
    upload->album_id = options_value(options, "album");
    if (upload->album_id == NULL) {
        return true;
    }
    if (!id_valid(upload->album_id)) {
        return error_set(err, ERROR_CONFIG, "%.60s is not the id of an album", upload->album_id);
    }
    return upload->method == UPLOAD_AUTO || upload->method == UPLOAD_PUT ||
           error_set(err, ERROR_CONFIG,
                     "pictures of an album go by put; options --album and --method exclude each other");
}

static bool read_options(const struct config *config, const struct options *options, struct upload_batch *ret_batch,
                         struct error *err) {
    int64_t jobs = 0;
    if (!method_of(options_value(options, "method"), &ret_batch->options.method, err) ||
        !options_int(options, "jobs", 1, MAX_JOBS, DEFAULT_JOBS, &jobs, err) ||
        !options_int(options, "timeout", 1, MAX_TIMEOUT_S, DEFAULT_TIMEOUT_S, &ret_batch->timeout_s, err)) {
        return false;
    }
    if (options_has(options, "wait") && options_has(options, "no-wait")) {
        return error_set(err, ERROR_CONFIG, "options --wait and --no-wait exclude each other");
    }
    ret_batch->options.asset = options_has(options, "asset");
    if (!album_of(options, &ret_batch->options, err)) {
        return false;
    }
    if (ret_batch->options.asset && (options_has(options, "album") || options_has(options, "method"))) {
        return error_set(err, ERROR_CONFIG, "option --asset excludes --album and --method");
    }
    ret_batch->config = config;
    ret_batch->options.external_id = options_value(options, "external-id");
    ret_batch->options.content_type = options_value(options, "content-type");
    ret_batch->options.sha256 = options_has(options, "sha256");
    ret_batch->paths = options->arguments;
    ret_batch->count = options->argument_count;
    ret_batch->jobs = (size_t)jobs;
    ret_batch->json = options_has(options, "json");
    ret_batch->wait = !options_has(options, "no-wait");
    return true;
}

static enum board_mode board_mode_of(const struct options *options) {
    if (options_has(options, "quiet")) {
        return BOARD_QUIET;
    }
    return isatty(STDERR_FILENO) == 1 ? BOARD_BARS : BOARD_LINES;
}

static void batch_free(struct upload_batch *batch) {
    for (size_t i = 0; batch->results != NULL && i < batch->count; i++) {
        free(batch->results[i].file_id);
    }
    free(batch->results);
    board_free(batch->board);
}

/* The failure of the whole call. */
static bool sum_up(const struct upload_batch *batch, size_t good, struct error *err) {
    if (good == batch->count) {
        return true;
    }
    if (daemon_stopping()) {
        return error_set(err, ERROR_SHUTTING_DOWN, "interrupted; unfinished uploads were given up");
    }
    if (batch->count == 1 && batch->results[0].file_id == NULL) {
        *err = batch->results[0].error;
        return false;
    }
    return error_set(err, ERROR_CONFLICT, "%zu of %zu files %s not %s", batch->count - good, batch->count,
                     batch->count - good == 1 ? "is" : "are",
                     !batch->wait           ? "uploaded"
                     : batch->options.asset ? "complete"
                                            : "SYNCED");
}

bool command_upload(const struct config *config, const struct options *options, struct error *err) {
    _cleanup_(batch_free) struct upload_batch batch = {0};
    if (!read_options(config, options, &batch, err)) {
        return false;
    }
    batch.results = xcalloc(batch.count, sizeof *batch.results);
    batch.board = board_new(stderr, board_mode_of(options), batch.jobs, 0);
    daemon_catch_stop();
    if (!upload_all(&batch, err)) {
        return false;
    }
    /* From here on nothing needs tidying up: a signal may end the program where it is. */
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    size_t good = 0;
    if (!daemon_stopping() && !print_outcomes(&batch, &good, err)) {
        return false;
    }
    return sum_up(&batch, good, err);
}
