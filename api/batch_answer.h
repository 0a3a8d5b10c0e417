/* How a batch stands, as clients are told: the one place that answers with it. */
#ifndef SLUICE_API_BATCH_ANSWER_H
#define SLUICE_API_BATCH_ANSWER_H

#include "api/api.h"
#include "api/json_writer.h"
#include "common/batch_store.h"

enum { BATCH_ERRORS_MAX = 100 }; /* that are named */

/* What there is to tell of an album's newest batch, for its owner. */
struct batch_view {
    char album_id[ID_TEXT_SIZE];
    struct batch_progress progress;
    struct batch_failures failures; /* the first BATCH_ERRORS_MAX */
};
void batch_view_free(struct batch_view *view);

/* ALBUM_NOT_FOUND also for another owner's album. */
bool batch_view_read(struct api *api, const char *owner_id, const char *album_id, struct batch_view *ret_view,
                     struct error *err) MUST_CHECK;

/* The members {"batch_id","album_id","state","total","completed","failed","pending","processing","errors":[{"file_id",
 * "filename","code","message"}]}, within an object that the caller opens and closes. Pure. */
void batch_view_members(const struct batch_view *view, struct json_writer *writer);

/* Reads the view and answers with it: JSON, or what admin_page_is_wanted asks for. */
bool batch_answer(struct api *api, struct request *request, const char *album_id, int status,
                  struct error *err) MUST_CHECK;

/* The same as the fragment of a page, unless the request asks for JSON by name. */
bool batch_answer_status(struct api *api, struct request *request, const char *album_id, struct error *err) MUST_CHECK;

/* 409 BATCH_RUNNING as `err` says it, a problem with the member "progress", or the page of the album. False when the view cannot be had: `err` says why. */
bool batch_answer_running(struct api *api, struct request *request, const char *album_id, struct error *err) MUST_CHECK;

#endif
