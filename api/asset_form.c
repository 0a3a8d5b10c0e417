#include "api/asset_form.h"

#include "common/encode.h"

#include <string.h>

void asset_form_free(struct asset_form *form) {
    buf_free(&form->filename);
    buf_free(&form->external_id);
    buf_free(&form->ignored);
    buf_free(&form->sha256_text);
}

static bool complain(struct asset_form *form, const char *field, const char *message, struct error *err) {
    json_complain(form->complaints, field, "%s", message);
    return error_set(err, ERROR_VALIDATION_FAILED, "see errors");
}

static bool begin_file(struct asset_form *form, const struct form_part *part, struct error *err) {
    const char *name = buf_text(&part->filename);
    if (form->has_file) {
        return complain(form, "file", "is there twice; one request uploads one file", err);
    }
    if (!part->has_filename || *name == '\0') {
        return complain(form, "file", part->has_filename ? "no file was chosen" : "has no file name", err);
    }
    const char *last_segment = NULL;
    const char *complaint = file_name_check(name, &last_segment);
    if (complaint != NULL) {
        return complain(form, "file", complaint, err);
    }
    form->has_file = form->in_file = true;
    buf_append_text(&form->filename, last_segment);
    memcpy(form->content_type, part->content_type, sizeof form->content_type);
    return form->begin(form->context, form, err);
}

static bool begin_field(struct asset_form *form, const char *name, struct buf *field, bool *has, struct error *err) {
    if (*has) {
        return complain(form, name, "is there twice", err);
    }
    *has = true;
    form->field = field;
    return true;
}

static bool on_begin(void *context, const struct form_part *part, struct error *err) {
    struct asset_form *form = context;
    const char *name = buf_text(&part->name);
    if (++form->parts > ASSET_PARTS_MAX) {
        return complain(form, "file", "has too many other fields beside it", err);
    }
    if (strcmp(name, "file") == 0) {
        return begin_file(form, part, err);
    }
    if (part->has_filename) {
        return complain(form, "file", "is the name that the part with the file must have, and the only one", err);
    }
    if (strcmp(name, "external_id") == 0) {
        return begin_field(form, name, &form->external_id, &form->has_external_id, err);
    }
    if (strcmp(name, "sha256") == 0) {
        return begin_field(form, name, &form->sha256_text, &form->has_sha256, err);
    }
    buf_clear(&form->ignored);
    form->field = &form->ignored;
    return true;
}

static const char *field_name(const struct asset_form *form) {
    return form->field == &form->external_id ? "external_id" : form->field == &form->sha256_text ? "sha256" : "";
}

static bool on_data(void *context, const void *bytes, size_t length, struct error *err) {
    struct asset_form *form = context;
    if (form->in_file) {
        return form->sink(form->context, bytes, length, err);
    }
    if (length > ASSET_FIELD_MAX - form->field->length) {
        return complain(form, field_name(form), "is longer than a field may be", err);
    }
    buf_append(form->field, bytes, length);
    return true;
}

/* A field that was left empty counts as not given: browsers send all of a form's. */
static bool on_end(void *context, struct error *err) {
    struct asset_form *form = context;
    if (form->in_file) {
        form->in_file = false;
        return true;
    }
    const char *text = buf_text(form->field);
    if (form->field == &form->external_id &&
        (form->field->length > EXTERNAL_ID_MAX || !utf8_valid(text, form->field->length))) {
        return complain(form, "external_id", "must be at most 255 bytes of UTF-8", err);
    }
    if (form->field == &form->sha256_text && form->field->length > 0 &&
        (strlen(text) != form->field->length || !upload_policy_sha256(text, form->sha256))) {
        return complain(form, "sha256", "must be 64 hexadecimal digits", err);
    }
    return true;
}

struct form_handler asset_form_handler(struct asset_form *form) {
    return (struct form_handler){.context = form, .begin = on_begin, .data = on_data, .end = on_end};
}

bool asset_form_check(struct asset_form *form, struct error *err) {
    return form->has_file || complain(form, "file", "is required", err);
}
