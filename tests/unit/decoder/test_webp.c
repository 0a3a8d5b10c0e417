#include "decoder/webp.h"

#include "common/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { SIDE = 64 };

static void fill(unsigned char *bytes, int channels) {
    for (int i = 0; i < SIDE * SIDE * channels; i++) {
        bytes[i] = (unsigned char)(i * 7 + i / SIDE * 3);
    }
}

static size_t encoded(int channels, int quality, int effort) {
    unsigned char bytes[SIDE * SIDE * 4];
    void *file = NULL;
    size_t size = 0;
    struct error err = {0};
    fill(bytes, channels);
    const struct webp_pixels pixels = {bytes, SIDE, SIDE, channels};
    assert_true(webp_encode(&pixels, quality, effort, &file, &size, &err));
    assert_int_equal(picture_type_of(file, size), PICTURE_TYPE_WEBP);
    assert_true(size > 100);
    assert_null(memmem(file, size, "EXIF", 4));
    assert_int_equal(memmem(file, size, "ALPH", 4) != NULL, channels == 4);
    webp_free(file);
    return size;
}

static void encodes_at_every_effort(void **state) {
    (void)state;
    for (int effort = 0; effort <= 6; effort++) {
        encoded(3, 80, effort);
        encoded(4, 80, effort);
    }
    assert_true(encoded(3, 20, 4) < encoded(3, 90, 4));
}

static void refuses_what_webp_cannot_hold(void **state) {
    (void)state;
    static const unsigned char byte[3];
    void *file = NULL;
    size_t size = 0;
    struct error err = {0};
    const struct webp_pixels pixels = {byte, 16384, 0, 3};
    assert_false(webp_encode(&pixels, 80, 0, &file, &size, &err));
    assert_int_equal(err.code, ERROR_DECODE_FAILED);
    assert_null(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_at_every_effort),
        cmocka_unit_test(refuses_what_webp_cannot_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
