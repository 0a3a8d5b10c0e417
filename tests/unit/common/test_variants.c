#include "common/variants.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct variant_table parsed(const char *text) {
    struct variant_table table = {.count = 99};
    struct error err = {0};
    if (!variants_parse(text, &table, &err)) {
        fail_msg("%s: %s", text, err.message);
    }
    return table;
}

static void assert_spec(const struct variant_spec *spec, const char *name, int side, enum picture_format format,
                        int quality) {
    assert_string_equal(spec->name, name);
    assert_int_equal(spec->side_px, side);
    assert_int_equal(spec->format, format);
    assert_int_equal(spec->quality, quality);
}

static void reads_a_table(void **state) {
    (void)state;
    struct variant_table table = parsed("small:240,medium:480:avif,large_2:960:jpeg:91,display-x:2048:webp:7");
    assert_int_equal(table.count, 4);
    assert_spec(&table.specs[0], "small", 240, PICTURE_WEBP, 80);
    assert_spec(&table.specs[1], "medium", 480, PICTURE_AVIF, 60);
    assert_spec(&table.specs[2], "large_2", 960, PICTURE_JPEG, 91);
    assert_spec(&table.specs[3], "display-x", 2048, PICTURE_WEBP, 7);
    assert_int_equal(parsed("").count, 0);
    assert_int_equal(parsed("none").count, 0);
    assert_int_equal(parsed("a:1,b:1,c:1,d:1,e:1,f:1,g:1,h:16383:webp:100").count, 8);
    assert_int_equal(parsed("n1234567890123456789012345678901:1").count, 1);
}

static void refuses_what_is_no_table(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *said;
    } cases[] = {
        {",", "name"},
        {"small:240,", "name"},
        {"small", "side"},
        {"small:", "side"},
        {"small:0", "side"},
        {"small:16384", "side"},
        {"small:-1", "side"},
        {"small: 240", "side"},
        {"small:240:gif", "gif"},
        {"small:240:", "webp"},
        {"small:240:webp:", "quality"},
        {"small:240:webp:0", "quality"},
        {"small:240:webp:101", "quality"},
        {"small:240:webp:80:1", "quality"},
        {"Small:240", "Small"},
        {"sm/all:240", "name"},
        {"n12345678901234567890123456789012:1", "at most 32"},
        {"small:240,small:480", "two variants"},
        {"a:1,b:1,c:1,d:1,e:1,f:1,g:1,h:1,i:1", "more than 8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct variant_table table = {.count = 99};
        struct error err = {0};
        if (variants_parse(cases[i].text, &table, &err) || strstr(err.message, cases[i].said) == NULL) {
            fail_msg("\"%s\" was taken or refused by \"%s\"", cases[i].text, err.message);
        }
        assert_int_equal(err.code, ERROR_CONFIG);
        assert_int_equal(table.count, 99);
    }
}

static void fits_the_longest_side(void **state) {
    (void)state;
    static const struct {
        int side, width, height, fit_width, fit_height;
    } cases[] = {
        {240, 4000, 3000, 240, 180},
        {240, 3000, 4000, 180, 240},
        {240, 240, 100, 240, 100},
        {240, 100, 50, 100, 50},
        {240, 1, 65535, 1, 240},
        {2048, 65535, 1, 2048, 1},
        {3, 7, 7, 3, 3},
        {2048, 4032, 3024, 2048, 1536},
        {480, 1001, 333, 480, 160},
        {16383, 10000000, 3, 16383, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct variant_spec spec = {.side_px = cases[i].side};
        int width = 0;
        int height = 0;
        variant_fit(&spec, cases[i].width, cases[i].height, &width, &height);
        assert_int_equal(width, cases[i].fit_width);
        assert_int_equal(height, cases[i].fit_height);
    }
}

static void names_objects_and_types(void **state) {
    (void)state;
    static const char *const keys[] = {"thumbnails/g7_0/small.webp", "thumbnails/g7_0/small.avif",
                                       "thumbnails/g7_0/small.jpg"};
    static const char *const types[] = {"image/webp", "image/avif", "image/jpeg"};
    for (int format = PICTURE_WEBP; format <= PICTURE_JPEG; format++) {
        const struct variant_spec spec = {.name = "small", .format = (enum picture_format)format};
        _cleanup_(buf_free) struct buf key = {0};
        variant_object_key("g7_0", &spec, &key);
        assert_string_equal(key.data, keys[format]);
        assert_string_equal(picture_format_content_type(spec.format), types[format]);
    }
    assert_string_equal(picture_format_extension(PICTURE_WEBP), "webp");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_table),
        cmocka_unit_test(refuses_what_is_no_table),
        cmocka_unit_test(fits_the_longest_side),
        cmocka_unit_test(names_objects_and_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
