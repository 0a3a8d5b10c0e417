#include "api/batch_form.h"

#include <ctype.h>
#include <string.h>

void batch_form_free(struct batch_form *form) {
    buf_free(&form->csrf_token);
    buf_free(&form->filename);
    buf_free(&form->album_text);
    buf_free(&form->ignored);
}

static bool complain(struct batch_form *form, const char *field, const char *message, struct error *err) {
    json_complain(form->complaints, field, "%s", message);
    return error_set(err, ERROR_VALIDATION_FAILED, "see errors");
}

bool batch_form_album_id(const char *text, char ret_album_id[ID_TEXT_SIZE], struct error *err) {
    if (!id_valid(text)) {
        return error_set(err, ERROR_ALBUM_NOT_FOUND, "there is no such album");
    }
    for (size_t i = 0; i < ID_TEXT_SIZE; i++) {
        ret_album_id[i] = (char)tolower((unsigned char)text[i]);
    }
    return true;
}

/* The name as it is kept, and a type that is a picture's. */
static bool read_photo(struct batch_form *form, const struct form_part *part, struct error *err) {
    const char *last_segment = NULL;
    const char *name = buf_text(&part->filename);
    if (!part->has_filename || *name == '\0') {
        return complain(form, "photos", part->has_filename ? "no photo was chosen" : "has no file name", err);
    }
    const char *complaint = file_name_check(name, &last_segment);
    if (complaint != NULL) {
        return complain(form, "photos", complaint, err);
    }
    buf_clear(&form->filename);
    buf_append_text(&form->filename, last_segment);
    bool is_vague = strcmp(part->content_type, "application/octet-stream") == 0; /* what clients say that do not know */
    memcpy(form->content_type, is_vague ? "" : part->content_type, is_vague ? 1 : sizeof form->content_type);
    return upload_policy_picture_type(last_segment, form->content_type) ||
           error_set(err, ERROR_UNSUPPORTED_TYPE, "%.100s is none of the pictures that are taken here", last_segment);
}

static bool begin_photo(struct batch_form *form, const struct form_part *part, struct error *err) {
    bool is_first = form->photo_count == 0;
    if (form->photo_count == form->photos_max) {
        json_complain(form->complaints, "photos", "may be at most %zu in one batch", form->photos_max);
        return error_set(err, ERROR_VALIDATION_FAILED, "see errors");
    }
    if (!read_photo(form, part, err) ||
        (is_first && form->album_id[0] != '\0' && !form->open(form->context, form, err))) {
        return false;
    }
    form->photo_count++;
    form->in_photo = true;
    return form->begin(form->context, form, err);
}

static bool on_begin(void *context, const struct form_part *part, struct error *err) {
    struct batch_form *form = context;
    const char *name = buf_text(&part->name);
    if (strcmp(name, "photos") == 0) {
        return begin_photo(form, part, err);
    }
    if (++form->field_count > BATCH_FIELDS_MAX) {
        return complain(form, "photos", "has too many other fields beside it", err);
    }
    if (part->has_filename) {
        return complain(form, "photos", "is the name that each part with a photo must have", err);
    }
    bool is_album = strcmp(name, "album_id") == 0;
    bool is_token = strcmp(name, "csrf_token") == 0;
    form->field = is_album ? &form->album_text : is_token ? &form->csrf_token : &form->ignored;
    if ((is_album || is_token) && form->field->length > 0) {
        return complain(form, is_album ? "album_id" : "csrf_token", "is there twice", err);
    }
    buf_clear(form->field);
    return true;
}

static bool on_data(void *context, const void *bytes, size_t length, struct error *err) {
    struct batch_form *form = context;
    if (form->in_photo) {
        return form->sink(form->context, bytes, length, err);
    }
    if (length > BATCH_FIELD_MAX - form->field->length) {
        return complain(form, form->field == &form->album_text ? "album_id" : "", "is longer than a field may be", err);
    }
    buf_append(form->field, bytes, length);
    return true;
}

static bool on_end(void *context, struct error *err) {
    struct batch_form *form = context;
    if (form->in_photo) {
        form->in_photo = false;
        return form->end(form->context, form, err);
    }
    if (form->field != &form->album_text) {
        return true;
    }
    return batch_form_album_id(buf_text(&form->album_text), form->album_id, err) &&
           (form->photo_count == 0 || form->open(form->context, form, err));
}

struct form_handler batch_form_handler(struct batch_form *form) {
    return (struct form_handler){.context = form, .begin = on_begin, .data = on_data, .end = on_end};
}

bool batch_form_check(struct batch_form *form, struct error *err) {
    if (form->photo_count == 0) {
        return complain(form, "photos", "is required: at least one", err);
    }
    return form->album_id[0] != '\0' || complain(form, "album_id", "is required", err);
}
