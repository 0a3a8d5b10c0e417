#include "common/encode.h"
#include "common/file_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void expect_name(const char *text, const char *expected) {
    const char *name = NULL;
    const char *complaint = file_name_check(text, &name);
    assert_null(complaint);
    assert_string_equal(name, expected);
}

static void expect_safe(const char *name, const char *expected) {
    _cleanup_(buf_free) struct buf out = {0};
    file_name_append_safe(&out, name);
    assert_string_equal(out.data, expected);
}

static void names_stay_as_they_are(void **state) {
    (void)state;
    expect_name("a", "a");
    expect_name("Größe 1+2 😀.csv", "Größe 1+2 😀.csv");
    expect_name(".htaccess", ".htaccess");
    expect_name("...", "...");
    expect_name("\u200e\u05d0.txt", "\u200e\u05d0.txt");
}

static void of_a_path_the_last_segment_counts(void **state) {
    (void)state;
    expect_name("../../etc/passwd", "passwd");
    expect_name("C:\\fakepath\\photo.jpg", "photo.jpg");
    expect_name("/a", "a");
}

static void what_names_no_file_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"",         ".",        "..",    "a/",          "a/..",           "   ",
                                        "a\nb",     "a\rb",     "\x01",  "a\x7f",       "a\u202egpj.exe", "\u2066x",
                                        "a\u2028b", "\xc2\x85", "a\xff", "\xed\xa0\x80"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *name = NULL;
        assert_non_null(file_name_check(wrong[i], &name));
    }
}

static void long_names_are_refused(void **state) {
    (void)state;
    char text[FILE_NAME_MAX + 2];
    memset(text, 'a', sizeof text);
    text[FILE_NAME_MAX] = '\0';
    expect_name(text, text);
    text[FILE_NAME_MAX] = 'a';
    text[FILE_NAME_MAX + 1] = '\0';
    const char *name = NULL;
    assert_non_null(file_name_check(text, &name));
}

static void keys_hold_safe_characters(void **state) {
    (void)state;
    expect_safe("Größe 1+2 😀.csv", "Größe_1_2_😀.csv");
    expect_safe("a/b\\c?d#e%f&g.txt", "a_b_c_d_e_f_g.txt");
    expect_safe("a-b_c.D9", "a-b_c.D9");
}

static void a_long_name_keeps_its_extension(void **state) {
    (void)state;
    char name[800] = "";
    for (size_t i = 0; i < 200; i++) {
        strncat(name, "ä", sizeof name - strlen(name) - 1);
    }
    strncat(name, ".jpeg", sizeof name - strlen(name) - 1);
    _cleanup_(buf_free) struct buf out = {0};
    file_name_append_safe(&out, name);
    assert_true(out.length <= FILE_NAME_KEY_MAX && out.length >= FILE_NAME_KEY_MAX - 1);
    assert_string_equal(out.data + out.length - 5, ".jpeg");
    assert_true(utf8_valid(out.data, out.length));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stay_as_they_are),        cmocka_unit_test(of_a_path_the_last_segment_counts),
        cmocka_unit_test(what_names_no_file_is_refused), cmocka_unit_test(long_names_are_refused),
        cmocka_unit_test(keys_hold_safe_characters),     cmocka_unit_test(a_long_name_keeps_its_extension),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
