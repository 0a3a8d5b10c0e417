#include "api/form_data.h"

#include "common/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(name, value) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n" value

/* Everything the parser tells, as text: name[filename|type]{content}. */
struct story {
    struct buf text;
    int parts, ends;
    int refuse_part; /* begin fails for this one, counted from 1 */
};

static bool on_begin(void *context, const struct form_part *part, struct error *err) {
    struct story *story = context;
    assert_int_equal(story->parts, story->ends);
    if (++story->parts == story->refuse_part) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "refused");
    }
    buf_printf(&story->text, "%s[%s|%s]{", buf_text(&part->name), part->has_filename ? buf_text(&part->filename) : "-",
               part->content_type);
    return true;
}

static bool on_data(void *context, const void *bytes, size_t length, struct error *err) {
    (void)err;
    struct story *story = context;
    assert_int_equal(story->parts, story->ends + 1);
    assert_true(length > 0);
    buf_append(&story->text, bytes, length);
    return true;
}

static bool on_end(void *context, struct error *err) {
    (void)err;
    struct story *story = context;
    story->ends++;
    buf_append_char(&story->text, '}');
    return true;
}

/* The body in pieces that end at `cut`, at the end, and at each multiple of `step`; true when it was taken whole. */
static bool read_cut(const char *boundary, const char *body, size_t length, size_t cut, size_t step,
                     struct story *story, struct error *err) {
    const struct form_handler handler = {story, on_begin, on_data, on_end};
    _cleanup_(form_data_freep) struct form_data *form = form_data_new(boundary, &handler);
    for (size_t at = 0; at < length;) {
        size_t end = at + step < length ? at + step : length;
        end = at < cut && cut < end ? cut : end;
        _cleanup_(freep) char *piece = xmalloc(end - at); /* of its own, so that ASan sees a read beyond it */
        memcpy(piece, body + at, end - at);
        if (!form_data_feed(form, piece, end - at, err)) {
            return false;
        }
        at = end;
    }
    return form_data_end(form, err);
}

/* Whole, cut in two at every byte, and byte by byte. expected NULL: refused each time. */
static void expect_bytes(const char *boundary, const char *body, size_t length, const char *expected) {
    for (size_t cut = 0; cut <= length; cut++) {
        struct story story = {0};
        struct error error = {0};
        bool taken = read_cut(boundary, body, length, cut, cut == length ? 1 : length, &story, &error);
        assert_int_equal(taken, expected != NULL);
        if (expected != NULL) {
            assert_string_equal(buf_text(&story.text), expected);
            assert_int_equal(story.parts, story.ends);
        } else {
            assert_int_equal(error.code, ERROR_BAD_REQUEST);
        }
        buf_free(&story.text);
    }
}

static void expect(const char *boundary, const char *body, const char *expected) {
    expect_bytes(boundary, body, strlen(body), expected);
}

static void forms_of_real_clients(void **state) {
    (void)state;
    expect("----WebKitFormBoundary7MA4YWxkTrZu0gW",
           "------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n"
           "Content-Disposition: form-data; name=\"external_id\"\r\n\r\nabc\r\n"
           "------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n"
           "Content-Disposition: form-data; name=\"file\"; filename=\"a %22b%22.jpg\"\r\n"
           "Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff\r\n"
           "------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n",
           "external_id[-|]{abc}file[a \"b\".jpg|image/jpeg]{\xff\xd8\xff}");
    expect("------------------------d74496d66958873e", /* curl */
           "--------------------------d74496d66958873e\r\n"
           "Content-Disposition: form-data; name=\"file\"; filename=\"x.bin\"\r\n"
           "Content-Type: application/octet-stream\r\n\r\nline\nline\r\n\r\n"
           "--------------------------d74496d66958873e--\r\n",
           "file[x.bin|application/octet-stream]{line\nline\r\n}");
    expect("3f0e3c1b6f4c4a9c8a7f", /* Python requests: no type, no CRLF at the end */
           "--3f0e3c1b6f4c4a9c8a7f\r\n"
           "Content-Disposition: form-data; name=\"file\"; filename*=utf-8''%E2%82%AC.txt\r\n\r\neuro\r\n"
           "--3f0e3c1b6f4c4a9c8a7f--",
           "file[\xe2\x82\xac.txt|]{euro}");
}

static void content_that_looks_like_a_boundary(void **state) {
    (void)state;
    expect("b", "--b\r\n" TEXT("a", "\r\n--c\r\n--\r\n-\r\r\n\n--b \r\n--B\r\n") "\r\n--b--",
           "a[-|]{\r\n--c\r\n--\r\n-\r\r\n\n--b \r\n--B\r\n}");
    expect("b", "--b\r\n" TEXT("a", "") "\r\n--b--", "a[-|]{}");
    expect("b", "--b\r\n" TEXT("a", "\r") "\r\n--b--", "a[-|]{\r}");
    expect("b", "--b\r\n" TEXT("a", "\r\n\r\n--") "\r\n--b--", "a[-|]{\r\n\r\n--}");
    static const char with_nul[] = "--b\r\n" TEXT("a", "1") "\r\n--b\r\n" TEXT("n", "x\0y") "\r\n--b--";
    struct story story = {0};
    struct error error = {0};
    assert_true(read_cut("b", with_nul, sizeof with_nul - 1, 0, 7, &story, &error));
    assert_memory_equal(story.text.data, "a[-|]{1}n[-|]{x\0y}", 18);
    buf_free(&story.text);
}

static void what_stands_around_the_parts(void **state) {
    (void)state;
    expect("b", "preamble\r\nof --b two lines\r\n--b\r\n" TEXT("a", "1") "\r\n--b--\r\nepilogue\r\n--b\r\n",
           "a[-|]{1}");
    expect("b", "--b \t \r\n" TEXT("a", "1") "\r\n--b  \r\n" TEXT("c", "2") "\r\n--b-- \r\n", "a[-|]{1}c[-|]{2}");
    expect("b", "--b--", "");
    expect("b", "\r\n--b--\r\n", "");
}

/* An inner multipart is content like any other. */
static void nested_forms_are_content(void **state) {
    (void)state;
    expect("out",
           "--out\r\nContent-Disposition: form-data; name=\"file\"; filename=\"m.mht\"\r\n"
           "Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\nContent-Type: a/b\r\n\r\nx\r\n--in--\r\n--out--",
           "file[m.mht|multipart/mixed; boundary=in]{--in\r\nContent-Type: a/b\r\n\r\nx\r\n--in--}");
}

static void what_is_no_form_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        "no form at all",
        "--b",
        "--b\r\n",
        "--b-",
        "--b-\r\n",
        "--bb\r\n" TEXT("a", "1") "\r\n--b--",
        "--b\r\n" TEXT("a", "1"),
        "--b\r\n" TEXT("a", "1") "\r\n--b",
        "--b\r\n" TEXT("a", "1") "\r\n--b\r\n",
        "--b\r\n" TEXT("a", "1") "\r\n--b-",
        "--b\r\n" TEXT("a", "1") "\r\n--bc\r\n--b--",
        "--b\r\n" TEXT("a", "1") "\n--b--",
        "--b\n" TEXT("a", "1") "\r\n--b--",
        "--b\r\n\r\nno head\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=a\n\n1\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=a\r\n--b--",
        "--b \r \r\n" TEXT("a", "1") "\r\n--b--",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        expect("b", wrong[i], NULL);
    }
}

static void append_many(struct buf *out, char byte, size_t count) {
    memset(buf_reserve(out, count), byte, count);
    out->length += count;
}

static bool read_whole(const struct buf *body, size_t step) {
    struct story story = {0};
    struct error error = {0};
    bool taken = read_cut("b", body->data, body->length, 0, step, &story, &error);
    assert_true(taken || error.code == ERROR_BAD_REQUEST);
    buf_free(&story.text);
    return taken;
}

/* Each limit, and one byte beyond it. */
static void memory_is_bounded(void **state) {
    (void)state;
    static const char disposition[] = "Content-Disposition: form-data; name=a\r\nX: ";
    for (int beyond = 0; beyond <= 1; beyond++) {
        for (size_t step = 1; step < 40000; step += 9999) {
            _cleanup_(buf_free) struct buf head = {0};
            buf_printf(&head, "--b\r\n%s", disposition);
            append_many(&head, 'x', FORM_HEAD_MAX - (sizeof disposition - 1) - 4 + (size_t)beyond);
            buf_append_text(&head, "\r\n\r\n1\r\n--b--");
            assert_int_equal(read_whole(&head, step), !beyond);
            _cleanup_(buf_free) struct buf around = {0};
            append_many(&around, 'x', FORM_IGNORED_MAX / 2);
            buf_append_text(&around, "\r\n--b--");
            append_many(&around, 'x', FORM_IGNORED_MAX / 2 - 2 + (size_t)beyond);
            assert_int_equal(read_whole(&around, step), !beyond);
            _cleanup_(buf_free) struct buf blanks = {0};
            buf_append_text(&blanks, "--b");
            append_many(&blanks, ' ', beyond ? 200 : 100);
            buf_append_text(&blanks, "\r\n" TEXT("a", "1") "\r\n--b--");
            assert_int_equal(read_whole(&blanks, step), !beyond);
        }
    }
}

static void the_handler_may_end_it(void **state) {
    (void)state;
    static const char body[] = "--b\r\n" TEXT("a", "1") "\r\n--b\r\n" TEXT("c", "2") "\r\n--b--";
    struct story story = {.refuse_part = 2};
    struct error error = {0};
    assert_false(read_cut("b", body, sizeof body - 1, 0, sizeof body, &story, &error));
    assert_int_equal(error.code, ERROR_FILE_TOO_LARGE);
    assert_string_equal(buf_text(&story.text), "a[-|]{1}");
    buf_free(&story.text);
}

static void expect_boundary(const char *content_type, const char *expected, enum error_code code) {
    char boundary[FORM_BOUNDARY_MAX + 1] = "";
    struct error error = {0};
    assert_int_equal(form_data_boundary(content_type, boundary, &error), expected != NULL);
    if (expected != NULL) {
        assert_string_equal(boundary, expected);
    } else {
        assert_int_equal(error.code, code);
    }
}

#define SEVENTY "0123456789012345678901234567890123456789012345678901234567890123456789"

static void boundaries_of_a_content_type(void **state) {
    (void)state;
    expect_boundary("multipart/form-data; boundary=abc", "abc", ERROR_NONE);
    expect_boundary("Multipart/Form-Data;charset=utf-8; Boundary=\"a b:c\"", "a b:c", ERROR_NONE);
    expect_boundary("multipart/form-data; boundary=" SEVENTY, SEVENTY, ERROR_NONE);
    expect_boundary(NULL, NULL, ERROR_UNSUPPORTED_MEDIA_TYPE);
    expect_boundary("application/json", NULL, ERROR_UNSUPPORTED_MEDIA_TYPE);
    expect_boundary("multipart/form-data2; boundary=a", NULL, ERROR_UNSUPPORTED_MEDIA_TYPE);
    expect_boundary("multipart/mixed; boundary=a", NULL, ERROR_UNSUPPORTED_MEDIA_TYPE);
    static const char *const wrong[] = {
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=" SEVENTY "x",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=\"a\r\"",
        "multipart/form-data; boundary=a\xc3\xa4",
        "multipart/form-data; boundary=\"a",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        expect_boundary(wrong[i], NULL, ERROR_BAD_REQUEST);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_of_real_clients),        cmocka_unit_test(content_that_looks_like_a_boundary),
        cmocka_unit_test(what_stands_around_the_parts), cmocka_unit_test(nested_forms_are_content),
        cmocka_unit_test(what_is_no_form_is_refused),   cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(the_handler_may_end_it),       cmocka_unit_test(boundaries_of_a_content_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
