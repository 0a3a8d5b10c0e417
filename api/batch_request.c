#include "api/batch_request.h"

#include "api/batch_form.h"

bool batch_request_album(struct request *request, char ret_album_id[ID_TEXT_SIZE], struct error *err) {
    _cleanup_(freep) char *text = NULL;
    return request_field(request, "album_id", &text, err) &&
           batch_form_album_id(text == NULL ? "" : text, ret_album_id, err);
}
