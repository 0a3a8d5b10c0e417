/* Forms of photos for an album: a body with the boundary `b`, whole and in pieces, which must tell the same. */
#include "api/batch_form.h"
#include "tests/fuzz/fuzz.h"

enum { PHOTOS_MAX = 3 };

struct story {
    struct buf text;
    bool is_open, in_photo;
    size_t photos;
};

static bool on_open(void *context, const struct batch_form *form, struct error *err) {
    (void)err;
    struct story *story = context;
    require(!story->is_open, "the album is opened once");
    require(id_valid(form->album_id), "the album's id is one");
    require(form->csrf_token.length <= BATCH_FIELD_MAX, "fields are bounded");
    story->is_open = true;
    buf_append_text(&story->text, form->album_id);
    return true;
}

static bool on_begin(void *context, const struct batch_form *form, struct error *err) {
    (void)err;
    struct story *story = context;
    const char *name = NULL;
    require(story->is_open == (form->album_id[0] != '\0'), "the album is open as soon as it is known");
    require(!story->in_photo, "a photo begins after the one before");
    require(++story->photos <= PHOTOS_MAX, "there are no more photos than may be");
    require(file_name_check(buf_text(&form->filename), &name) == NULL, "a photo has a good name");
    require(upload_policy_is_picture(form->content_type), "a photo is a picture");
    story->in_photo = true;
    buf_printf(&story->text, "(%s|%s)", name, form->content_type);
    return true;
}

static bool on_data(void *context, const void *bytes, size_t length, struct error *err) {
    (void)err;
    struct story *story = context;
    require(story->in_photo, "content belongs to a photo");
    buf_append(&story->text, bytes, length);
    return true;
}

static bool on_end(void *context, const struct batch_form *form, struct error *err) {
    (void)form;
    (void)err;
    struct story *story = context;
    require(story->in_photo, "a photo ends once");
    story->in_photo = false;
    return true;
}

static bool read_form(const uint8_t *body, size_t length, size_t step, struct story *story) {
    struct error err = {0};
    struct json_reader reader = {0};
    _cleanup_(batch_form_free) struct batch_form form = {.complaints = &reader,
                                                         .photos_max = PHOTOS_MAX,
                                                         .open = on_open,
                                                         .begin = on_begin,
                                                         .sink = on_data,
                                                         .end = on_end,
                                                         .context = story};
    const struct form_handler handler = batch_form_handler(&form);
    _cleanup_(form_data_freep) struct form_data *parser = form_data_new("b", &handler);
    bool fine = true;
    for (size_t at = 0; fine && at < length; at += step) {
        fine = form_data_feed(parser, body + at, length - at < step ? length - at : step, &err);
    }
    fine = fine && form_data_end(parser, &err) && batch_form_check(&form, &err);
    require(fine || error_info(err.code)->http_status < 500, "what is refused is the sender's fault");
    require(!fine || (story->photos > 0 && !story->in_photo && story->is_open), "a whole form has an album and photos");
    json_reader_free(&reader);
    return fine;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct story whole = {0};
    bool taken = read_form(bytes, length, length + 1, &whole);
    for (size_t step = 1; step <= 17; step += 8) {
        struct story cut = {0};
        require(read_form(bytes, length, step, &cut) == taken, "pieces end as the whole does");
        require(!taken || (cut.text.length == whole.text.length &&
                           memcmp(buf_text(&cut.text), buf_text(&whole.text), cut.text.length) == 0),
                "pieces tell what the whole tells");
        buf_free(&cut.text);
    }
    buf_free(&whole.text);
    return 0;
}
