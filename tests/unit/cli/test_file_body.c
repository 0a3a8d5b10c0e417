#include "cli/file_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { CONTENT_LENGTH = 10 };

/* A file with "0123456789". */
static int make_file(void) {
    char path[] = "/tmp/sluice-test-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    unlink(path);
    assert_int_equal(write(descriptor, "0123456789", CONTENT_LENGTH), CONTENT_LENGTH);
    return descriptor;
}

/* Reads the whole body, `step` bytes at a time, as the HTTP client does. */
static void read_all(struct file_body *body, size_t step, struct buf *out) {
    struct error err = {0};
    buf_clear(out);
    for (;;) {
        size_t length = 0;
        char *place = buf_reserve(out, step);
        assert_true(file_body_read(body, (int64_t)out->length, place, step, &length, &err));
        out->length += length;
        if (length == 0) {
            return;
        }
    }
}

static void a_stretch_of_the_file_is_read(void **state) {
    (void)state;
    _cleanup_(closep) int descriptor = make_file();
    _cleanup_(buf_free) struct buf bytes = {0};
    struct file_body body = {.descriptor = descriptor, .start = 3, .length = 5};
    for (size_t step = 1; step < 8; step++) {
        read_all(&body, step, &bytes);
        assert_int_equal(bytes.length, 5);
        assert_memory_equal(bytes.data, "34567", 5);
    }
}

static void a_form_has_its_fields_before_the_file(void **state) {
    (void)state;
    static const char expected[] = "--XX\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nfiles/Größe\r\n"
                                   "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n"
                                   "Content-Type: application/octet-stream\r\n\r\n0123456789\r\n--XX--\r\n";
    _cleanup_(closep) int descriptor = make_file();
    _cleanup_(buf_free) struct buf bytes = {0};
    _cleanup_(file_body_free) struct file_body body = {.descriptor = descriptor, .length = CONTENT_LENGTH};
    file_body_add_field(&body, "XX", "key", "files/Größe");
    file_body_end_form(&body, "XX");
    assert_int_equal(file_body_length(&body), strlen(expected));
    for (size_t step = 1; step < 400; step += 7) {
        read_all(&body, step, &bytes);
        assert_int_equal(bytes.length, strlen(expected));
        assert_memory_equal(bytes.data, expected, bytes.length);
    }
}

static void a_file_that_shrank_is_a_failure(void **state) {
    (void)state;
    _cleanup_(closep) int descriptor = make_file();
    struct file_body body = {.descriptor = descriptor, .length = CONTENT_LENGTH + 1};
    struct error err = {0};
    char bytes[32];
    size_t length = 0;
    assert_false(file_body_read(&body, CONTENT_LENGTH, bytes, sizeof bytes, &length, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
}

static bool note_progress(void *context, int64_t sent, struct error *err) {
    int64_t *noted = context;
    *noted = sent;
    return sent < 5 || error_set(err, ERROR_SHUTTING_DOWN, "interrupted");
}

static void progress_counts_the_stretch_and_may_end_the_upload(void **state) {
    (void)state;
    _cleanup_(closep) int descriptor = make_file();
    int64_t noted = 0;
    struct file_body body = {
        .descriptor = descriptor, .start = 2, .length = 8, .progress = note_progress, .progress_context = &noted};
    struct error err = {0};
    char bytes[32];
    size_t length = 0;
    assert_true(file_body_read(&body, 0, bytes, 4, &length, &err));
    assert_int_equal(noted, 4);
    assert_false(file_body_read(&body, 4, bytes, 4, &length, &err));
    assert_int_equal(err.code, ERROR_SHUTTING_DOWN);
    assert_int_equal(noted, 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stretch_of_the_file_is_read),
        cmocka_unit_test(a_form_has_its_fields_before_the_file),
        cmocka_unit_test(a_file_that_shrank_is_a_failure),
        cmocka_unit_test(progress_counts_the_stretch_and_may_end_the_upload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
