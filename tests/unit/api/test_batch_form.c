#include "api/batch_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ID "0190A000-0000-7000-8000-00000000000a"
#define FIELD(name, value) "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define PHOTO_AS(name, filename, type, value)                                                                          \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" filename "\"\r\n" type "\r\n" value "\r\n"
#define PHOTO(filename, value) PHOTO_AS("photos", filename, "Content-Type: image/JPEG\r\n", value)
#define ALBUM FIELD("album_id", ID)
#define END "--b--\r\n"

enum { PHOTOS_MAX = 3 };

struct taken {
    struct batch_form form;
    struct json_reader reader;
    struct buf story; /* what was called, and with what */
};

static bool on_open(void *context, const struct batch_form *form, struct error *err) {
    struct taken *taken = context;
    buf_printf(&taken->story, "open %s %s;", form->album_id, buf_text(&form->csrf_token));
    return strcmp(buf_text(&form->csrf_token), "refuse") != 0 || error_set(err, ERROR_BATCH_RUNNING, "as told");
}

static bool on_begin(void *context, const struct batch_form *form, struct error *err) {
    (void)err;
    struct taken *taken = context;
    buf_printf(&taken->story, " %s (%s) ", buf_text(&form->filename), form->content_type);
    return true;
}

static bool on_content(void *context, const void *bytes, size_t length, struct error *err) {
    (void)err;
    struct taken *taken = context;
    buf_append(&taken->story, bytes, length);
    return true;
}

static bool on_end(void *context, const struct batch_form *form, struct error *err) {
    (void)err;
    (void)form;
    struct taken *taken = context;
    buf_append_text(&taken->story, ";");
    return true;
}

static void taken_free(struct taken *taken) {
    batch_form_free(&taken->form);
    json_reader_free(&taken->reader);
    buf_free(&taken->story);
}

static bool take(struct taken *taken, const char *body, struct error *err) {
    taken->form = (struct batch_form){.complaints = &taken->reader,
                                      .photos_max = PHOTOS_MAX,
                                      .open = on_open,
                                      .begin = on_begin,
                                      .sink = on_content,
                                      .end = on_end,
                                      .context = taken};
    const struct form_handler handler = batch_form_handler(&taken->form);
    _cleanup_(form_data_freep) struct form_data *parser = form_data_new("b", &handler);
    return form_data_feed(parser, body, strlen(body), err) && form_data_end(parser, err) &&
           batch_form_check(&taken->form, err);
}

static void fields_come_first_and_then_photos(void **state) {
    (void)state;
    static const char body[] = ALBUM FIELD("csrf_token", "token") FIELD("other", "x") PHOTO("C:\\a.jpg", "1")
        PHOTO_AS("photos", "b.PNG", "", "22")
            PHOTO_AS("photos", "c.webp", "Content-Type: application/octet-stream\r\n", "3") END;
    _cleanup_(taken_free) struct taken taken = {0};
    struct error err = {0};
    assert_true(take(&taken, body, &err));
    assert_string_equal(buf_text(&taken.story),
                        "open 0190a000-0000-7000-8000-00000000000a token; a.jpg (image/jpeg) 1; b.PNG (image/png) 22;"
                        " c.webp (image/webp) 3;");
    assert_int_equal(taken.form.photo_count, 3);
}

static void the_album_may_come_last(void **state) {
    (void)state;
    static const char body[] = PHOTO("a.jpg", "1") FIELD("other", "x") PHOTO("b.jpg", "2")
        ALBUM FIELD("submit", "Upload") PHOTO("c.jpg", "3") END;
    _cleanup_(taken_free) struct taken taken = {0};
    struct error err = {0};
    assert_true(take(&taken, body, &err));
    assert_string_equal(buf_text(&taken.story),
                        " a.jpg (image/jpeg) 1; b.jpg (image/jpeg) 2;open 0190a000-0000-7000-8000-00000000000a ;"
                        " c.jpg (image/jpeg) 3;");
}

static void expect(const char *body, enum error_code code, const char *field) {
    _cleanup_(taken_free) struct taken taken = {0};
    struct error err = {0};
    if (take(&taken, body, &err)) {
        fail_msg("taken: %s", body);
    }
    assert_int_equal(err.code, code);
    if (field != NULL) {
        assert_string_equal(json_text(json_array_get(taken.reader.complaints, 0), "field"), field);
    }
}

static void what_is_wrong_is_named(void **state) {
    (void)state;
    static const struct {
        const char *body, *field;
    } wrong[] = {
        {ALBUM END, "photos"},
        {END, "photos"},
        {PHOTO("a.jpg", "1") END, "album_id"},
        {PHOTO("a.jpg", "1") ALBUM ALBUM END, "album_id"},
        {ALBUM ALBUM PHOTO("a.jpg", "1") END, "album_id"},
        {ALBUM PHOTO("", "") END, "photos"},
        {ALBUM PHOTO("..", "1") END, "photos"},
        {ALBUM FIELD("photos", "1") END, "photos"},
        {ALBUM PHOTO_AS("photo", "a.jpg", "", "1") END, "photos"},
        {ALBUM PHOTO("1.jpg", "1") PHOTO("2.jpg", "1") PHOTO("3.jpg", "1") PHOTO("4.jpg", "1") END, "photos"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        expect(wrong[i].body, ERROR_VALIDATION_FAILED, wrong[i].field);
    }
    expect(FIELD("album_id", "x") PHOTO("a.jpg", "1") END, ERROR_ALBUM_NOT_FOUND, NULL);
    expect(ALBUM PHOTO_AS("photos", "a.txt", "", "1") END, ERROR_UNSUPPORTED_TYPE, NULL);
    expect(ALBUM PHOTO_AS("photos", "a.jpg", "Content-Type: text/plain\r\n", "1") END, ERROR_UNSUPPORTED_TYPE, NULL);
}

static void fields_are_bounded(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf body = {0};
    buf_append_text(&body, "--b\r\nContent-Disposition: form-data; name=other\r\n\r\n");
    for (int i = 0; i <= BATCH_FIELD_MAX; i++) {
        buf_append_char(&body, 'x');
    }
    buf_append_text(&body, "\r\n" END);
    expect(body.data, ERROR_VALIDATION_FAILED, "");
    buf_clear(&body);
    for (int i = 0; i <= BATCH_FIELDS_MAX; i++) {
        buf_append_text(&body, FIELD("other", ""));
    }
    buf_append_text(&body, END);
    expect(body.data, ERROR_VALIDATION_FAILED, "photos");
}

static void who_opens_may_refuse(void **state) {
    (void)state;
    expect(ALBUM FIELD("csrf_token", "refuse") PHOTO("a.jpg", "1") END, ERROR_BATCH_RUNNING, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_come_first_and_then_photos),
        cmocka_unit_test(the_album_may_come_last),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(fields_are_bounded),
        cmocka_unit_test(who_opens_may_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
