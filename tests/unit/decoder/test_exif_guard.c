#include "decoder/exif_guard.h"

#include "tests/unit/tiff_file.h"

#include <libexif/exif-data.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { ASCII = 2, UNDEFINED = 7, TAG_MAKE = 0x010F, TAG_CAMERA = 0x8769, TAG_PLACE = 0x8825, TAG_COMMENT = 0x9286 };

/* A block with one folder at offset 8: `count` times the same entry, and then the place of the next folder. */
static void make_block(struct buf *out, size_t count, uint32_t tag, uint32_t type, uint32_t components, uint32_t value,
                       uint32_t next) {
    buf_append(out, "Exif\0\0II*\0\x08\0\0\0", 14);
    put_number(out, (uint32_t)count, 2);
    for (size_t i = 0; i < count; i++) {
        put_entry(out, tag, type, components, value);
    }
    put_number(out, next, 4);
}

static bool is_tame(const struct buf *block) {
    return exif_is_tame((const unsigned char *)block->data, block->length);
}

static bool repeated(size_t count, uint32_t tag, uint32_t type, uint32_t components, uint32_t value, uint32_t next,
                     size_t extra) {
    _cleanup_(buf_free) struct buf block = {0};
    make_block(&block, count, tag, type, components, value, next);
    for (size_t i = 0; i < extra; i++) {
        buf_append_char(&block, 'x');
    }
    return is_tame(&block);
}

static void cameras_are_tame(void **state) {
    (void)state;
    assert_true(repeated(400, TAG_MAKE, ASCII, 4, 0x20202020, 0, 0));
    assert_true(repeated(1, TAG_COMMENT, UNDEFINED, 60000, 26, 0, 61000)); /* one large note */
    assert_true(repeated(3, TAG_MAKE, ASCII, 0xffffffff, 8, 0, 0));        /* more than there is: not read anyway */
    assert_true(repeated(2, TAG_CAMERA, TIFF_LONG, 1, 0x7fffffff, 0, 0));  /* into nowhere */
}

static void loops_are_not(void **state) {
    (void)state;
    assert_true(repeated(1, TAG_CAMERA, TIFF_LONG, 1, 8, 0, 0)); /* a mistake that libexif gets over */
    assert_false(repeated(2, TAG_CAMERA, TIFF_LONG, 1, 8, 0, 0));
    assert_false(repeated(500, TAG_PLACE, TIFF_LONG, 1, 8, 0, 0));
    assert_true(repeated(1, TAG_MAKE, ASCII, 4, 0, 8, 0)); /* the thumbnail's folder is the first one */
}

static void copies_of_the_whole_are_not(void **state) {
    (void)state;
    assert_true(repeated(50, TAG_COMMENT, UNDEFINED, 60000, 8, 0, 60000));
    assert_false(repeated(100, TAG_COMMENT, UNDEFINED, 60000, 8, 0, 60000));
}

static void what_is_no_block_is_not(void **state) {
    (void)state;
    static const unsigned char tiff[] = "II*\0\x08\0\0\0\0\0\0\0\0\0";
    static const unsigned char cut[] = "Exif\0\0II*\0\xff\xff\xff\xff";
    assert_false(exif_is_tame(tiff, sizeof tiff));
    for (size_t length = 0; length < sizeof cut - 1; length++) {
        assert_false(exif_is_tame(cut, length));
    }
    assert_true(exif_is_tame(cut, sizeof cut - 1));
}

static void both_byte_orders_are_followed(void **state) {
    (void)state;
    unsigned char block[6 + 8 + 2 + 2 * 12 + 4] = "Exif\0\0MM\0*\0\0\0\x08\0\x02";
    static const unsigned char entry[] = {0x87, 0x69, 0, 4, 0, 0, 0, 1, 0, 0, 0, 8};
    memcpy(block + 16, entry, sizeof entry);
    memcpy(block + 28, entry, sizeof entry);
    assert_false(exif_is_tame(block, sizeof block));
    block[27] = 200;
    block[39] = 200;
    assert_true(exif_is_tame(block, sizeof block));
}

static ExifData *loaded(const struct buf *block) {
    ExifData *data = exif_data_new();
    exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
    exif_data_load_data(data, (const unsigned char *)block->data, (unsigned)block->length);
    return data;
}

/* The real libexif, by its own function's name. */
static void libexif_gets_what_is_tame_only(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf good = {0};
    _cleanup_(buf_free) struct buf bad = {0};
    make_block(&good, 1, TAG_MAKE, ASCII, 4, 0x20202020, 0);
    ExifData *data = loaded(&good);
    assert_int_equal(data->ifd[EXIF_IFD_0]->count, 1);
    exif_data_unref(data);
    make_block(&bad, 2000, TAG_CAMERA, TIFF_LONG, 1, 8, 0);
    data = loaded(&bad);
    for (int folder = 0; folder < EXIF_IFD_COUNT; folder++) {
        assert_int_equal(data->ifd[folder]->count, 0);
    }
    exif_data_unref(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cameras_are_tame),
        cmocka_unit_test(loops_are_not),
        cmocka_unit_test(copies_of_the_whole_are_not),
        cmocka_unit_test(what_is_no_block_is_not),
        cmocka_unit_test(both_byte_orders_are_followed),
        cmocka_unit_test(libexif_gets_what_is_tame_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
