/* Batches of photos: the form of an album, how it goes on, and what becomes of failures. */

#include "api/batch_answer.h"
#include "api/batch_removal.h"
#include "api/batch_request.h"
#include "api/batch_upload.h"
#include "api/csrf.h"
#include "api/form_stream.h"
#include "api/handlers.h"
#include "common/batch_failed.h"

#include <string.h>

enum { ACCEPTED = 202, DISCARD_MAX = 64 << 20 };

/* Nothing is done for a page that is none of ours. */
static bool is_our_page(const struct batch_upload *upload, const struct batch_form *form, struct error *err) {
    return !upload->request->csrf_open || csrf_accept(upload->request, buf_text(&form->csrf_token), err);
}

static bool begin_photo(void *context, const struct batch_form *form, struct error *err) {
    return is_our_page(context, form, err) && batch_upload_begin(context, form, err);
}

static bool open_album(void *context, const struct batch_form *form, struct error *err) {
    return is_our_page(context, form, err) && batch_upload_open(context, form, err);
}

/* Reads the form into the store, and makes it a batch. */
static bool receive(struct api *api, struct request *request, struct batch_upload *upload, struct error *err) {
    char boundary[FORM_BOUNDARY_MAX + 1];
    _cleanup_(batch_form_free) struct batch_form form = {
        .complaints = &request->reader,
        .photos_max = (size_t)api->config->batch_max,
        .open = open_album,
        .begin = begin_photo,
        .sink = batch_upload_write,
        .end = batch_upload_end,
        .context = upload,
    };
    if (!form_stream_boundary(request, boundary, err) ||
        !batch_upload_start(api, request->principal.owner_id, request->framing.length, upload, err)) {
        return false;
    }
    const struct form_handler handler = batch_form_handler(&form);
    _cleanup_(form_data_freep) struct form_data *parser = form_data_new(boundary, &handler);
    return form_stream_read(api, request, parser, DISCARD_MAX, err) && batch_form_check(&form, err) &&
           batch_upload_accept(upload, err);
}

bool handle_batch_upload(struct api *api, struct request *request, struct error *err) {
    struct batch_upload upload = {.request = request};
    char album_id[ID_TEXT_SIZE];
    bool is_accepted = receive(api, request, &upload, err);
    memcpy(album_id, upload.album_id, ID_TEXT_SIZE);
    batch_upload_count(&upload, is_accepted ? NULL : err);
    batch_upload_free(&upload); /* before the answer: who has it finds nothing of what was refused */
    if (is_accepted) {
        api_wake_workers(api);
        return batch_answer(api, request, album_id, ACCEPTED, err);
    }
    request->response.close |= !request->body_ended;
    return err->code == ERROR_BATCH_RUNNING && batch_answer_running(api, request, album_id, err);
}

bool handle_batch_status(struct api *api, struct request *request, struct error *err) {
    char album_id[ID_TEXT_SIZE];
    _cleanup_(freep) char *text = NULL;
    return request_query(request, "album_id", &text, err) &&
           batch_form_album_id(text == NULL ? "" : text, album_id, err) &&
           batch_answer_status(api, request, album_id, err);
}

/* Answers with how it stands now, or with what is in the way. */
static bool answer_after(struct api *api, struct request *request, const char *album_id, bool is_done,
                         struct error *err) {
    if (is_done) {
        return batch_answer(api, request, album_id, 200, err);
    }
    return err->code == ERROR_BATCH_RUNNING && batch_answer_running(api, request, album_id, err);
}

bool handle_batch_clear(struct api *api, struct request *request, struct error *err) {
    char album_id[ID_TEXT_SIZE];
    if (!batch_request_album(request, album_id, err)) {
        return false;
    }
    bool is_done = batch_remove_failed(api, request->principal.owner_id, album_id, err);
    return answer_after(api, request, album_id, is_done, err);
}

bool handle_batch_retry(struct api *api, struct request *request, struct error *err) {
    char album_id[ID_TEXT_SIZE];
    struct db *db = NULL;
    size_t count = 0;
    if (!batch_request_album(request, album_id, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    bool is_done = batch_retry(db, request->principal.owner_id, album_id, &count, err);
    db_pool_give(api->database, db);
    if (count > 0) {
        api_wake_workers(api);
    }
    return answer_after(api, request, album_id, is_done, err);
}
