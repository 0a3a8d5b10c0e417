#include "api/batch_request.h"

#include "api/batch_form.h"
#include "api/media_type.h"
#include "common/xalloc.h"

bool batch_request_read(struct request *request, struct error *err) {
    const char *type = request_header(request, "Content-Type");
    if (!request->framing.chunked && request->framing.length < 0) {
        return error_set(err, ERROR_LENGTH_REQUIRED, "Content-Length is missing");
    }
    if (!request_read_body(request, request->match.route->body_limit, err)) {
        return false;
    }
    if (type == NULL || !media_type_is_json(type)) {
        return true;
    }
    if (!json_parse(buf_text(&request->body), request->body.length, JSON_MAX_DEPTH, &request->json, err)) {
        return false;
    }
    return json_is_object(request->json) || error_set(err, ERROR_VALIDATION_FAILED, "the body must be a JSON object");
}

bool batch_request_field(const struct request *request, const char *name, char **ret_value, struct error *err) {
    if (request->json != NULL) {
        *ret_value = xstrdup(json_text(request->json, name));
        return true;
    }
    const struct request form = {.query = buf_text(&request->body)}; /* both are written the same way */
    return request_query(&form, name, ret_value, err);
}

bool batch_request_album(struct request *request, char ret_album_id[ID_TEXT_SIZE], struct error *err) {
    _cleanup_(freep) char *text = NULL;
    return batch_request_read(request, err) && batch_request_field(request, "album_id", &text, err) &&
           batch_form_album_id(text == NULL ? "" : text, ret_album_id, err);
}
