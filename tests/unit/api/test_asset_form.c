#include "api/asset_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define FIELD(name, value) "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_NAMED(name, filename, value)                                                                              \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" filename                                   \
    "\"\r\nContent-Type: image/PNG\r\n\r\n" value "\r\n"
#define A_FILE FILE_NAMED("file", "a.png", "content")
#define END "--b--\r\n"
#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct taken {
    struct asset_form form;
    struct json_reader reader;
    struct buf content;
    int begun;
};

static bool on_begin(void *context, const struct asset_form *form, struct error *err) {
    struct taken *taken = context;
    taken->begun++;
    return strcmp(buf_text(&form->filename), "refuse") != 0 || error_set(err, ERROR_OVERLOADED, "as told");
}

static bool on_content(void *context, const void *bytes, size_t length, struct error *err) {
    (void)err;
    struct taken *taken = context;
    buf_append(&taken->content, bytes, length);
    return true;
}

static void taken_free(struct taken *taken) {
    asset_form_free(&taken->form);
    json_reader_free(&taken->reader);
    buf_free(&taken->content);
}

static bool take(struct taken *taken, const char *body, size_t length, struct error *err) {
    taken->form =
        (struct asset_form){.complaints = &taken->reader, .begin = on_begin, .sink = on_content, .context = taken};
    const struct form_handler handler = asset_form_handler(&taken->form);
    _cleanup_(form_data_freep) struct form_data *parser = form_data_new("b", &handler);
    return form_data_feed(parser, body, length, err) && form_data_end(parser, err) &&
           asset_form_check(&taken->form, err);
}

static void the_file_and_its_fields_in_any_order(void **state) {
    (void)state;
    static const char *const bodies[] = {
        FIELD("external_id", "x-1") FIELD("sha256", HASH) FIELD("other", "y") A_FILE END,
        A_FILE FIELD("sha256", HASH) FIELD("external_id", "x-1") END,
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        _cleanup_(taken_free) struct taken taken = {0};
        struct error error = {0};
        assert_true(take(&taken, bodies[i], strlen(bodies[i]), &error));
        assert_string_equal(buf_text(&taken.content), "content");
        assert_string_equal(buf_text(&taken.form.filename), "a.png");
        assert_string_equal(taken.form.content_type, "image/png");
        assert_string_equal(buf_text(&taken.form.external_id), "x-1");
        assert_string_equal(taken.form.sha256, HASH);
        assert_int_equal(taken.begun, 1);
    }
}

static void empty_fields_count_as_not_given(void **state) {
    (void)state;
    static const char body[] = FIELD("external_id", "") FIELD("sha256", "") A_FILE END;
    _cleanup_(taken_free) struct taken taken = {0};
    struct error error = {0};
    assert_true(take(&taken, body, sizeof body - 1, &error));
    assert_int_equal(taken.form.external_id.length, 0);
    assert_string_equal(taken.form.sha256, "");
}

static void of_a_path_the_last_segment_counts(void **state) {
    (void)state;
    static const char body[] = FILE_NAMED("file", "C:\\photos\\my %22best%22.png", "1") END;
    _cleanup_(taken_free) struct taken taken = {0};
    struct error error = {0};
    assert_true(take(&taken, body, sizeof body - 1, &error));
    assert_string_equal(buf_text(&taken.form.filename), "my \"best\".png");
}

static void expect_complaint(const char *body, size_t length, const char *field) {
    _cleanup_(taken_free) struct taken taken = {0};
    struct error error = {0};
    if (take(&taken, body, length, &error)) {
        fail_msg("taken: %s", body);
    }
    assert_int_equal(error.code, ERROR_VALIDATION_FAILED);
    const json_t *complaint = json_array_get(taken.reader.complaints, 0);
    assert_string_equal(json_text(complaint, "field"), field);
}

static void what_is_wrong_is_named(void **state) {
    (void)state;
    static const struct {
        const char *body, *field;
    } wrong[] = {
        {END, "file"},
        {FIELD("external_id", "x") END, "file"},
        {A_FILE A_FILE END, "file"},
        {FIELD("file", "content") END, "file"},
        {FILE_NAMED("file", "", "") END, "file"},
        {FILE_NAMED("file", "..", "1") END, "file"},
        {FILE_NAMED("file", "a\xe2\x80\xaeg.png", "1") END, "file"},
        {FILE_NAMED("photo", "a.png", "1") END, "file"},
        {FIELD("sha256", "abc") A_FILE END, "sha256"},
        {FIELD("sha256", HASH) FIELD("sha256", HASH) A_FILE END, "sha256"},
        {FIELD("external_id", "a") FIELD("external_id", "a") A_FILE END, "external_id"},
        {FIELD("external_id", "\xff") A_FILE END, "external_id"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        expect_complaint(wrong[i].body, strlen(wrong[i].body), wrong[i].field);
    }
}

/* Neither in length nor in number. */
static void fields_are_bounded(void **state) {
    (void)state;
    static const char *const names[] = {"external_id", "sha256", "other"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        _cleanup_(buf_free) struct buf body = {0};
        buf_printf(&body, "--b\r\nContent-Disposition: form-data; name=%s\r\n\r\n", names[i]);
        for (int k = 0; k <= ASSET_FIELD_MAX; k++) {
            buf_append_char(&body, 'x');
        }
        buf_append_text(&body, "\r\n" A_FILE END);
        expect_complaint(body.data, body.length, i < 2 ? names[i] : "");
    }
    _cleanup_(buf_free) struct buf many = {0};
    for (int i = 0; i < ASSET_PARTS_MAX; i++) {
        buf_append_text(&many, FIELD("other", ""));
    }
    buf_append_text(&many, A_FILE END);
    expect_complaint(many.data, many.length, "file");
    _cleanup_(buf_free) struct buf long_id = {0};
    buf_append_text(&long_id, "--b\r\nContent-Disposition: form-data; name=external_id\r\n\r\n");
    for (int k = 0; k <= EXTERNAL_ID_MAX; k++) {
        buf_append_char(&long_id, 'x');
    }
    buf_append_text(&long_id, "\r\n" A_FILE END);
    expect_complaint(long_id.data, long_id.length, "external_id");
}

static void the_receiver_may_refuse(void **state) {
    (void)state;
    static const char body[] = FILE_NAMED("file", "refuse", "1") END;
    _cleanup_(taken_free) struct taken taken = {0};
    struct error error = {0};
    assert_false(take(&taken, body, sizeof body - 1, &error));
    assert_int_equal(error.code, ERROR_OVERLOADED);
    assert_int_equal(taken.content.length, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_and_its_fields_in_any_order),
        cmocka_unit_test(empty_fields_count_as_not_given),
        cmocka_unit_test(of_a_path_the_last_segment_counts),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(fields_are_bounded),
        cmocka_unit_test(the_receiver_may_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
