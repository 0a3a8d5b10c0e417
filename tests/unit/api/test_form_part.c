#include "api/form_part.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *lines, const char *name, const char *filename, const char *content_type) {
    _cleanup_(form_part_free) struct form_part part = {0};
    struct error error = {0};
    if (!form_part_read(lines, strlen(lines), &part, &error)) {
        fail_msg("%s: %s", lines, error.message);
    }
    assert_string_equal(buf_text(&part.name), name);
    assert_int_equal(part.has_filename, filename != NULL);
    assert_string_equal(buf_text(&part.filename), filename == NULL ? "" : filename);
    assert_string_equal(part.content_type, content_type);
}

static void expect_refused(const char *lines, size_t length) {
    struct form_part part = {0};
    struct error error = {0};
    if (form_part_read(lines, length, &part, &error)) {
        fail_msg("%s was taken", lines);
    }
    assert_int_equal(error.code, ERROR_BAD_REQUEST);
    assert_null(part.name.data);
}

#define DISPOSITION "Content-Disposition: form-data; name=\"file\""

static void fields_and_files(void **state) {
    (void)state;
    expect("Content-Disposition: form-data; name=\"external_id\"\r\n", "external_id", NULL, "");
    expect(DISPOSITION "; filename=\"photo.jpg\"\r\nContent-Type: image/jpeg\r\n", "file", "photo.jpg", "image/jpeg");
    expect("content-type:Text/Plain\r\ncontent-disposition:FORM-DATA;NAME=file;FILENAME=a.txt\r\n", "file", "a.txt",
           "text/plain");
    expect(DISPOSITION "; filename=\"\"\r\nContent-Type: \r\nX-Other: y\r\n", "file", "", "");
    expect("Content-Transfer-Encoding: binary\r\n" DISPOSITION " ; \r\n", "file", NULL, "");
}

/* Firefox, Chrome and Safari write UTF-8 and %22; curl before 7.81 a backslash; old ones the path; some filename*. */
static void names_as_clients_send_them(void **state) {
    (void)state;
    expect(DISPOSITION "; filename=\"Fr\xc3\xbchling \xe2\x82\xac.jpg\"\r\n", "file",
           "Fr\xc3\xbchling \xe2\x82\xac.jpg", "");
    expect(DISPOSITION "; filename=\"a %22b%22 100%.jpg\"\r\n", "file", "a \"b\" 100%.jpg", "");
    expect(DISPOSITION "; filename=\"a \\\"b\\\".jpg\"\r\n", "file", "a \"b\".jpg", "");
    expect(DISPOSITION "; filename=\"C:\\photos\\a.jpg\"\r\n", "file", "C:\\photos\\a.jpg", "");
    expect(DISPOSITION "; filename*=UTF-8''Fr%C3%BChling.jpg\r\n", "file", "Fr\xc3\xbchling.jpg", "");
    expect(DISPOSITION "; filename=\"Fr_hling.jpg\"; filename*=utf-8'de'Fr%C3%BChling.jpg\r\n", "file",
           "Fr\xc3\xbchling.jpg", "");
    expect(DISPOSITION "; filename*=UTF-8''a%22.jpg; filename=\"other.jpg\"\r\n", "file", "a\".jpg", "");
}

static void what_is_no_head_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        "Content-Type: image/jpeg\r\n",
        "Content-Disposition: form-data\r\n",
        "Content-Disposition: form-data; filename=\"a\"\r\n",
        "Content-Disposition: attachment; name=\"file\"\r\n",
        "Content-Disposition: form-data; name=\"file\r\n",
        "Content-Disposition: form-data; name=\"a\"; name=\"b\"\r\n",
        DISPOSITION "\r\n" DISPOSITION "\r\n",
        DISPOSITION "; filename=\"a\"; filename=\"b\"\r\n",
        DISPOSITION "; filename=\"\xff\"\r\n",
        "Content-Disposition: form-data; name=\"\xc3\"\r\n",
        DISPOSITION "; filename*=UTF-8''%ff\r\n",
        DISPOSITION "; filename*=UTF-8''%00\r\n",
        DISPOSITION "; filename*=ISO-8859-1''a\r\n",
        DISPOSITION "; filename*=a\r\n",
        DISPOSITION "; filename*=UTF-8'a\r\n",
        DISPOSITION "\r\nContent-Type: none\r\n",
        DISPOSITION "\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n",
        DISPOSITION "\r\nContent-Transfer-Encoding: base64\r\n",
        DISPOSITION "\r\nno header\r\n",
        DISPOSITION "\r\n: empty\r\n",
        DISPOSITION "\r\n folded: line\r\n",
        DISPOSITION "\r\nX : y\r\n",
        DISPOSITION "\nX: y\r\n",
        DISPOSITION "\r\nX: \x01\r\n",
        DISPOSITION,
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        expect_refused(wrong[i], strlen(wrong[i]));
    }
    static const char nul[] = DISPOSITION "; filename=\"a\0b\"\r\n";
    expect_refused(nul, sizeof nul - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_and_files),
        cmocka_unit_test(names_as_clients_send_them),
        cmocka_unit_test(what_is_no_head_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
