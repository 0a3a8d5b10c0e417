#include "decoder/metadata_limit.h"

#include "common/xalloc.h"
#include "decoder/complaint.h"
#include "tests/unit/tiff_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool is_cut;

static bool passes(enum picture_type type, const struct buf *bytes) {
    struct error err = {0};
    bool is_good = metadata_limit_check(bytes->data, bytes->length, type, &is_cut, &err);
    assert_int_equal(err.code, is_good ? ERROR_NONE : ERROR_DECODE_FAILED);
    assert_string_equal(err.message, is_good ? "" : COMPLAINT_METADATA);
    return is_good;
}

static void put_big_endian(struct buf *out, uint64_t number, int bytes) {
    while (bytes-- > 0) {
        buf_append_char(out, (char)(number >> 8 * bytes));
    }
}

static void fill(struct buf *out, size_t length) {
    _cleanup_(freep) char *zeros = xcalloc(1, length + 1);
    buf_append(out, zeros, length);
}

static void start_png(struct buf *out) {
    buf_clear(out);
    buf_append(out, "\x89PNG\r\n\x1a\n", 8);
}

/* `head`, then zeros up to the length. */
static void put_part(struct buf *out, const char *name, const char *head, size_t head_length, size_t length) {
    put_big_endian(out, length, 4);
    buf_append_text(out, name);
    buf_append(out, head, head_length);
    fill(out, length - head_length + 4);
}

static void a_png_is_whole_with_its_end(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf bytes = {0};
    start_png(&bytes);
    put_part(&bytes, "IHDR", "", 0, 13);
    put_part(&bytes, "IDAT", "", 0, 100);
    size_t before_end = bytes.length;
    put_part(&bytes, "IEND", "", 0, 0);
    for (size_t length = 8; length < bytes.length; length++) {
        const struct buf part = {.data = bytes.data, .length = length};
        assert_true(passes(PICTURE_TYPE_PNG, &part));
        assert_true(is_cut);
    }
    assert_true(passes(PICTURE_TYPE_PNG, &bytes));
    assert_false(is_cut);
    assert_true(before_end < bytes.length);
    buf_append_text(&bytes, "what follows is nobody's");
    assert_true(passes(PICTURE_TYPE_PNG, &bytes));
    assert_false(is_cut);
}

static bool png_passes(const char *name, const char *head, size_t head_length, size_t length, int times) {
    _cleanup_(buf_free) struct buf bytes = {0};
    start_png(&bytes);
    for (int i = 0; i < times; i++) {
        put_part(&bytes, name, head, head_length, length);
    }
    put_part(&bytes, "IEND", "", 0, 0);
    return passes(PICTURE_TYPE_PNG, &bytes);
}

static void texts_of_png_are_limited_by_what_they_may_become(void **state) {
    (void)state;
    assert_true(png_passes("zTXt", "a\0\0", 3, 1000, 60));
    assert_false(png_passes("zTXt", "a\0\0", 3, 10000, 9));
    assert_false(png_passes("iCCP", "a\0\0", 3, 10000, 9));
    assert_true(png_passes("iTXt", "a\0\0\0\0\0", 6, 10000, 100));
    assert_false(png_passes("iTXt", "a\0\1\0\0\0", 6, 10000, 9));
    assert_false(png_passes("iTXt", "a", 1, 1, 70000)); /* a text without its head is not trusted */
    assert_true(png_passes("tEXt", "a\0", 2, 1 << 20, 30));
    assert_false(png_passes("tEXt", "a\0", 2, 1 << 20, 33));
    assert_false(png_passes("eXIf", "", 0, 1 << 20, 33));
    assert_true(png_passes("IDAT", "", 0, 1 << 20, 40));
}

static bool jpeg_passes(const char *marker, size_t length, int times, const char *end) {
    _cleanup_(buf_free) struct buf bytes = {0};
    buf_append(&bytes, "\xff\xd8", 2);
    for (int i = 0; i < times; i++) {
        buf_append_text(&bytes, marker);
        put_big_endian(&bytes, length + 2, 2);
        fill(&bytes, length);
    }
    buf_append_text(&bytes, end);
    buf_append(&bytes, "\0\0", 2);
    return passes(PICTURE_TYPE_JPEG, &bytes);
}

static void segments_of_jpeg_are_limited(void **state) {
    (void)state;
    static const char scan[] = "\xff\xda";
    assert_true(jpeg_passes("\xff\xe1", 65000, 500, scan));
    assert_false(is_cut);
    assert_false(jpeg_passes("\xff\xe1", 65000, 520, scan));
    assert_false(jpeg_passes("\xff\xfe", 65000, 520, scan));
    assert_true(jpeg_passes("\xff\xdb", 65000, 520, scan)); /* a table */
    assert_true(jpeg_passes("\xff\xed", 0, 4000, scan));
    assert_false(jpeg_passes("\xff\xed", 0, 5000, scan));
    assert_false(jpeg_passes("garbage\xff\xff\xff\xed", 0, 5000, scan)); /* libjpeg skips to the next one, too */
    assert_false(jpeg_passes("\xff\x01\xff\xd0\xff\xed", 0, 5000, scan));
    assert_true(jpeg_passes("\xff\xe1", 10, 1, ""));
    assert_true(is_cut);
}

static bool webp_passes(const char *name, uint32_t said, size_t length, uint32_t missing) {
    _cleanup_(buf_free) struct buf bytes = {0};
    buf_append_text(&bytes, "RIFF");
    put_number(&bytes, (uint32_t)length + 12 + missing, 4);
    buf_append_text(&bytes, "WEBP");
    buf_append_text(&bytes, name);
    put_number(&bytes, said, 4);
    fill(&bytes, length);
    return passes(PICTURE_TYPE_WEBP, &bytes);
}

static void parts_of_webp_are_limited(void **state) {
    (void)state;
    static const char *const names[] = {"EXIF", "XMP ", "ICCP"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(webp_passes(names[i], 1000, 1000, 0));
        assert_false(is_cut);
        assert_false(webp_passes(names[i], 33 << 20, 1000, 0));
        assert_false(webp_passes(names[i], 0xffffffff, 1000, 0));
    }
    assert_true(webp_passes("VP8 ", 33 << 20, 1000, 0));
    assert_true(webp_passes("VP8 ", 1000, 1000, 1));
    assert_true(is_cut);
}

static bool tiff_passes(uint32_t tag, uint32_t type, uint32_t count, size_t times, uint32_t next) {
    _cleanup_(buf_free) struct buf bytes = {0};
    buf_append(&bytes, "II*\0\x08\0\0\0", 8);
    put_number(&bytes, (uint32_t)times, 2);
    for (size_t i = 0; i < times; i++) {
        put_entry(&bytes, tag, type, count, 8);
    }
    put_number(&bytes, next, 4);
    return passes(PICTURE_TYPE_TIFF, &bytes);
}

static void tags_of_tiff_are_limited(void **state) {
    (void)state;
    assert_true(tiff_passes(256, TIFF_LONG, 1, 500, 0));
    assert_false(is_cut);
    assert_false(tiff_passes(256, TIFF_LONG, 1, 600, 0));
    assert_false(tiff_passes(256, TIFF_LONG, 1, 500, 8)); /* the next folder is this one */
    assert_true(tiff_passes(256, TIFF_LONG, 1, 8, 8));    /* 4,096 times */
    assert_false(tiff_passes(256, TIFF_LONG, 1, 9, 8));
    assert_true(tiff_passes(34675, 7, 1 << 20, 1, 0));
    assert_false(tiff_passes(34675, 7, 33 << 20, 1, 0));
    assert_false(tiff_passes(700, TIFF_LONG, 9 << 20, 1, 0));
    assert_false(tiff_passes(33723, TIFF_LONG, 0xffffffff, 1, 0));
    assert_true(tiff_passes(273, TIFF_LONG, 0xffffffff, 1, 0)); /* pixels are libtiff's business */
    assert_true(tiff_passes(256, TIFF_LONG, 1, 1, 0x7fffffff));
    assert_true(is_cut);
}

static void big_tiff_is_followed_too(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf bytes = {0};
    buf_append(&bytes, "MM\0+\0\x08\0\0", 8);
    put_big_endian(&bytes, 16, 8);
    put_big_endian(&bytes, 1, 8);
    put_big_endian(&bytes, 34675, 2);
    put_big_endian(&bytes, 7, 2);
    put_big_endian(&bytes, 33 << 20, 8);
    put_big_endian(&bytes, 0, 8);
    put_big_endian(&bytes, 0, 8);
    assert_false(passes(PICTURE_TYPE_TIFF, &bytes));
    bytes.data[30] = 0; /* of the count, whose first bytes are at 28 */
    bytes.data[32] = 0;
    assert_true(passes(PICTURE_TYPE_TIFF, &bytes));
    assert_false(is_cut);
}

static void other_formats_pass(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf bytes = {0};
    for (enum picture_type type = PICTURE_TYPE_NONE; type < PICTURE_TYPE_COUNT; type++) {
        buf_clear(&bytes);
        for (size_t length = 0; length < 40; length++) {
            assert_true(passes(type, &bytes));
            buf_append_char(&bytes, '\xff');
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_png_is_whole_with_its_end),
        cmocka_unit_test(texts_of_png_are_limited_by_what_they_may_become),
        cmocka_unit_test(segments_of_jpeg_are_limited),
        cmocka_unit_test(parts_of_webp_are_limited),
        cmocka_unit_test(tags_of_tiff_are_limited),
        cmocka_unit_test(big_tiff_is_followed_too),
        cmocka_unit_test(other_formats_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
