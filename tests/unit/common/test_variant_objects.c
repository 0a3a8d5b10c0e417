#include "common/variant_objects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_key_names_its_medium(void **state) {
    (void)state;
    char media_id[8];
    assert_true(variant_object_media_id("thumbnails/g_1/small.webp", media_id, sizeof media_id));
    assert_string_equal(media_id, "g_1");
}

static void other_keys_name_none(void **state) {
    (void)state;
    static const char *const keys[] = {"thumbnails/",
                                       "thumbnails//x",
                                       "thumbnails/a",
                                       "thumbnails/a/",
                                       "thumbnails/a/b/c",
                                       "files/a/b",
                                       "thumbnails/eightcharacters/b"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char media_id[8];
        assert_false(variant_object_media_id(keys[i], media_id, sizeof media_id));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_names_its_medium),
        cmocka_unit_test(other_keys_name_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
