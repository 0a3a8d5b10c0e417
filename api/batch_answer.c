#include "api/batch_answer.h"

#include "api/admin_album_page.h"
#include "api/admin_page.h"
#include "api/response.h"
#include "common/xalloc.h"

#include <string.h>

void batch_view_free(struct batch_view *view) {
    batch_failures_free(&view->failures);
}

bool batch_view_read(struct api *api, const char *owner_id, const char *album_id, struct batch_view *ret_view,
                     struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    snprintf(ret_view->album_id, sizeof ret_view->album_id, "%s", album_id);
    bool is_read = batch_progress_read(db, owner_id, album_id, &ret_view->progress, err) &&
                   batch_failures_read(db, ret_view->progress.batch_id, BATCH_ERRORS_MAX, &ret_view->failures, err);
    db_pool_give(api->database, db);
    return is_read;
}

/* Of a failure of ours only the title is told, as in a record (file_json.h). */
static void write_failure(const struct batch_failure *failure, struct json_writer *writer) {
    const struct error_info *info = error_info(error_code_of(failure->code == NULL ? "" : failure->code));
    bool tell = info->http_status < 500 && failure->message != NULL;
    json_writer_open(writer, NULL, '{');
    json_writer_text(writer, "file_id", failure->file_id);
    json_writer_text(writer, "filename", failure->filename);
    json_writer_text(writer, "code", failure->code);
    json_writer_text(writer, "message", tell ? failure->message : info->title);
    json_writer_close(writer, '}');
}

void batch_view_members(const struct batch_view *view, struct json_writer *writer) {
    const struct batch_progress *progress = &view->progress;
    json_writer_text(writer, "batch_id", progress->batch_id[0] == '\0' ? NULL : progress->batch_id);
    json_writer_text(writer, "album_id", view->album_id);
    json_writer_text(writer, "state", batch_state_name(progress->state));
    json_writer_int(writer, "total", progress->total);
    json_writer_int(writer, "completed", progress->completed);
    json_writer_int(writer, "failed", progress->failed);
    json_writer_int(writer, "pending", progress->pending);
    json_writer_int(writer, "processing", progress->processing);
    json_writer_open(writer, "errors", '[');
    for (size_t i = 0; i < view->failures.count; i++) {
        write_failure(&view->failures.items[i], writer);
    }
    json_writer_close(writer, ']');
}

/* What a page that looks again and again is told: nothing while nothing has changed; then how far it is; and in the end all of
 * the album. */
static bool answer_part(struct api *api, struct request *request, const struct batch_view *view, struct error *err) {
    char now[ADMIN_SEEN_SIZE];
    _cleanup_(freep) char *seen = NULL;
    admin_album_page_seen(view, now);
    if (!request_query(request, "seen", &seen, err)) {
        return false;
    }
    if (seen != NULL && strcmp(seen, now) == 0) {
        response_send(request, 204, NULL, NULL, 0);
        return true;
    }
    if (batch_state_is_open(view->progress.state)) {
        json_t *values = json_object();
        admin_album_page_batch(values, view, false);
        return admin_page_send(api, request, 200, "batch", values, err);
    }
    const struct admin_album_page page = {.status = 200, .name = "album_body", .is_news = true};
    response_header(request, "HX-Retarget", "#album");
    response_header(request, "HX-Reswap", "innerHTML");
    return admin_album_page_send(api, request, view->album_id, &page, err);
}

/* For a browser: the fragment, when htmx asks for it; after a form, the page of the album. */
static bool answer_page(struct api *api, struct request *request, const struct batch_view *view, struct error *err) {
    if (admin_page_is_part(request)) {
        return answer_part(api, request, view, err);
    }
    _cleanup_(freep) char *location = xasprintf("%s/albums/%s", ADMIN_HOME, view->album_id);
    admin_page_redirect(request, location);
    return true;
}

static void answer_json(struct request *request, const struct batch_view *view, int status) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    batch_view_members(view, &writer);
    json_writer_close(&writer, '}');
    response_json(request, status, &json);
}

bool batch_answer(struct api *api, struct request *request, const char *album_id, int status, struct error *err) {
    _cleanup_(batch_view_free) struct batch_view view = {0};
    if (!batch_view_read(api, request->principal.owner_id, album_id, &view, err)) {
        return false;
    }
    if (admin_page_is_wanted(request)) {
        return answer_page(api, request, &view, err);
    }
    answer_json(request, &view, status);
    return true;
}

bool batch_answer_status(struct api *api, struct request *request, const char *album_id, struct error *err) {
    _cleanup_(batch_view_free) struct batch_view view = {0};
    if (!batch_view_read(api, request->principal.owner_id, album_id, &view, err)) {
        return false;
    }
    if (!admin_page_wants_json(request)) {
        return answer_part(api, request, &view, err);
    }
    answer_json(request, &view, 200);
    return true;
}

bool batch_answer_running(struct api *api, struct request *request, const char *album_id, struct error *err) {
    _cleanup_(batch_view_free) struct batch_view view = {0};
    _cleanup_(buf_free) struct buf json = {0};
    struct error problem = *err;
    if (admin_page_is_wanted(request)) {
        const struct admin_album_page page = {
            .status = response_begin_problem(request, &problem), .name = "album", .notice = problem.message};
        return admin_album_page_send(api, request, album_id, &page, err);
    }
    if (!batch_view_read(api, request->principal.owner_id, album_id, &view, err)) {
        return false;
    }
    response_problem_json(&problem, NULL, request->id, &json);
    struct json_writer writer =
        json_writer_reopen(&json); /* a problem may have members of its own (RFC 9457, section 3.2) */
    json_writer_open(&writer, "progress", '{');
    batch_view_members(&view, &writer);
    json_writer_close(&writer, '}');
    json_writer_close(&writer, '}');
    request->response.code = problem.code;
    response_header(request, "Cache-Control", "no-store");
    response_send(request, error_info(problem.code)->http_status, "application/problem+json", buf_text(&json),
                  json.length);
    return true;
}
