/* Forms: a line with the Content-Type, then the body; read whole and in pieces, which must tell the same. */
#include "api/form_data.h"
#include "tests/fuzz/fuzz.h"

struct story {
    struct buf text;
    bool in_part;
    size_t content;
};

static bool on_begin(void *context, const struct form_part *part, struct error *err) {
    (void)err;
    struct story *story = context;
    require(!story->in_part, "a part begins after the end of the one before");
    require_utf8(buf_text(&part->name), "a part's name is UTF-8");
    require_utf8(buf_text(&part->filename), "a file's name is UTF-8");
    require(strlen(buf_text(&part->name)) == part->name.length, "a part's name has no NUL");
    require(part->has_filename || part->filename.length == 0, "a name belongs to a file");
    story->in_part = true;
    buf_printf(&story->text, "(%s|%s|%s)", buf_text(&part->name), buf_text(&part->filename), part->content_type);
    return true;
}

static bool on_data(void *context, const void *bytes, size_t length, struct error *err) {
    (void)err;
    struct story *story = context;
    require(story->in_part && length > 0, "content belongs to a part");
    story->content += length;
    buf_append(&story->text, bytes, length);
    return true;
}

static bool on_end(void *context, struct error *err) {
    (void)err;
    struct story *story = context;
    require(story->in_part, "a part ends once");
    story->in_part = false;
    buf_append_text(&story->text, "(end)");
    return true;
}

static bool read_form(const char *boundary, const uint8_t *body, size_t length, size_t step, struct story *story) {
    struct error err = {0};
    const struct form_handler handler = {story, on_begin, on_data, on_end};
    _cleanup_(form_data_freep) struct form_data *form = form_data_new(boundary, &handler);
    bool fine = true;
    for (size_t at = 0; fine && at < length; at += step) {
        fine = form_data_feed(form, body + at, length - at < step ? length - at : step, &err);
    }
    fine = fine && form_data_end(form, &err);
    require(fine || err.code == ERROR_BAD_REQUEST, "what is refused is the sender's fault");
    require(!fine || !story->in_part, "a whole form has whole parts");
    require(story->content <= length, "there is no more content than bytes");
    return fine;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    const uint8_t *newline = length > 0 ? memchr(bytes, '\n', length) : NULL;
    size_t head = newline == NULL ? length : (size_t)(newline - bytes);
    _cleanup_(freep) char *content_type = text_of(bytes, head);
    char boundary[FORM_BOUNDARY_MAX + 1];
    struct error err = {0};
    if (newline == NULL || !form_data_boundary(content_type, boundary, &err)) {
        return 0;
    }
    const uint8_t *body = newline + 1;
    size_t body_length = length - head - 1;
    struct story whole = {0};
    bool taken = read_form(boundary, body, body_length, body_length + 1, &whole);
    for (size_t step = 1; step <= 17; step += 8) {
        struct story cut = {0};
        require(read_form(boundary, body, body_length, step, &cut) == taken, "pieces end as the whole does");
        require(!taken || (cut.text.length == whole.text.length &&
                           memcmp(buf_text(&cut.text), buf_text(&whole.text), cut.text.length) == 0),
                "pieces tell what the whole tells");
        buf_free(&cut.text);
    }
    buf_free(&whole.text);
    return 0;
}
