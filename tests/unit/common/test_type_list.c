#include "common/type_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void lists_are_of_types(void **state) {
    (void)state;
    static const char *const good[] = {
        "",  "image/png", "image/*", " image/* , application/pdf", "application/vnd.oasis.opendocument.text",
        ",", "a/b,",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(type_list_valid(good[i]));
    }
    static const char *const wrong[] = {
        "image",     "image/",   "/png",  "*", "*/*", "image/p*", "image/png;q=1", "image/png application/pdf",
        "a/b,image", "image/**", "a/b/c",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (type_list_valid(wrong[i])) {
            fail_msg("%s", wrong[i]);
        }
    }
}

static void a_list_has_what_is_on_it(void **state) {
    (void)state;
    static const struct {
        const char *list, *type;
        bool has;
    } cases[] = {
        {"", "anything/at-all", true},
        {"", NULL, true},
        {" , ", "", true},
        {"image/png", "image/png", true},
        {"image/png", "IMAGE/Png", true},
        {"IMAGE/*", "image/png", true},
        {"text/plain", "text/plain; charset=utf-8", true},
        {"text/plain", "text/plain;charset=utf-8", true},
        {"image/png, application/pdf", "application/pdf", true},
        {"image/*", "image/svg+xml", true},
        {"image/png", "image/pngx", false},
        {"image/pngx", "image/png", false},
        {"image/*", "imagex/png", false},
        {"image/*", "image/", false},
        {"image/*", "image", false},
        {"image/png", NULL, false},
        {"image/png", "", false},
        {"image/*", ";", false},
        {"image/png", "image/jpeg", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (type_list_has(cases[i].list, cases[i].type) != cases[i].has) {
            fail_msg("%s has %s", cases[i].list, cases[i].type);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_of_types),
        cmocka_unit_test(a_list_has_what_is_on_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
