#include "decoder/exif.h"

#include "tests/unit/tiff_file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* An EXIF block under construction: three folders of fixed size, and behind them the values that do not fit an entry. */
enum { BYTE = 1, ASCII = 2, SHORT = 3, LONG = 4, RATIONAL = 5, SRATIONAL = 10, ROOM = 12 };
enum folder_name { MAIN, CAMERA, PLACE, FOLDERS };

struct block {
    struct buf entries[FOLDERS];
    size_t count[FOLDERS];
    struct buf values;
};

static const uint32_t folder_bytes = 2 + ROOM * 12 + 4;

static uint32_t folder_at(enum folder_name folder) {
    return 8 + (uint32_t)folder * folder_bytes;
}

static void add(struct block *block, enum folder_name folder, uint32_t tag, uint32_t type, uint32_t count,
                const void *value, size_t length) {
    uint32_t word = 0;
    if (length <= 4) {
        memcpy(&word, value, length);
    } else {
        word = folder_at(FOLDERS) + (uint32_t)block->values.length;
        buf_append(&block->values, value, length);
    }
    put_entry(&block->entries[folder], tag, type, count, word);
    block->count[folder]++;
}

static void add_text(struct block *block, enum folder_name folder, uint32_t tag, const char *text) {
    add(block, folder, tag, ASCII, (uint32_t)strlen(text) + 1, text, strlen(text) + 1);
}

static void add_ratios(struct block *block, enum folder_name folder, uint32_t tag, const uint32_t *parts,
                       uint32_t count) {
    add(block, folder, tag, RATIONAL, count, parts, (size_t)count * 8);
}

static void add_short(struct block *block, enum folder_name folder, uint32_t tag, uint16_t number) {
    add(block, folder, tag, SHORT, 1, &number, sizeof number);
}

/* The block as bytes, and no block any more. */
static struct picture_metadata read_block(struct block *block, bool with_mark, bool keep_gps) {
    _cleanup_(buf_free) struct buf bytes = {0};
    struct picture_metadata metadata = {.orientation = 0};
    uint32_t camera = folder_at(CAMERA);
    uint32_t place = folder_at(PLACE);
    add(block, MAIN, 0x8769, LONG, 1, &camera, 4);
    add(block, MAIN, 0x8825, LONG, 1, &place, 4);
    if (with_mark) {
        buf_append(&bytes, "Exif\0\0", 6);
    }
    size_t start = bytes.length;
    buf_append(&bytes, "II*\0\x08\0\0\0", 8);
    for (int folder = MAIN; folder < FOLDERS; folder++) {
        put_number(&bytes, (uint32_t)block->count[folder], 2);
        buf_append(&bytes, block->entries[folder].data, block->entries[folder].length);
        while (bytes.length - start < folder_at((enum folder_name)(folder + 1))) {
            buf_append_char(&bytes, '\0');
        }
        buf_free(&block->entries[folder]);
    }
    buf_append(&bytes, block->values.data, block->values.length);
    buf_free(&block->values);
    *block = (struct block){.count = {0}};
    exif_read(bytes.data, bytes.length, keep_gps, &metadata);
    assert_true(picture_metadata_valid(&metadata));
    return metadata;
}

static void fill(struct block *block) {
    add_text(block, MAIN, 0x010f, " Caf\xe9 Optics  ");
    add_text(block, MAIN, 0x0110, "X\x01-100");
    add_short(block, MAIN, 0x0112, 6);
    add_text(block, CAMERA, 0xa434, "35mm f/2");
    add_text(block, CAMERA, 0x9003, "2024:05:06 07:08:09");
    add_text(block, CAMERA, 0x9291, "123");
    add_text(block, CAMERA, 0x9011, "+02:00");
    add_ratios(block, CAMERA, 0x829a, (const uint32_t[]){1, 250}, 1);
    add_ratios(block, CAMERA, 0x829d, (const uint32_t[]){18, 10}, 1);
    add_ratios(block, CAMERA, 0x920a, (const uint32_t[]){425, 100}, 1);
    add_short(block, CAMERA, 0x8827, 400);
    add_text(block, PLACE, 1, "S");
    add_ratios(block, PLACE, 2, (const uint32_t[]){33, 1, 30, 1, 36, 1}, 3);
    add_text(block, PLACE, 3, "E");
    add_ratios(block, PLACE, 4, (const uint32_t[]){151, 1, 15, 1, 0, 1}, 3);
    add(block, PLACE, 5, BYTE, 1, "\1", 1);
    add_ratios(block, PLACE, 6, (const uint32_t[]){125, 10}, 1);
}

static void reads_every_field(void **state) {
    (void)state;
    for (int with_mark = 0; with_mark < 2; with_mark++) {
        struct block block = {.count = {0}};
        fill(&block);
        struct picture_metadata metadata = read_block(&block, with_mark == 1, true);
        assert_string_equal(metadata.camera_make, "Caf\xc3\xa9 Optics");
        assert_string_equal(metadata.camera_model, "X-100");
        assert_string_equal(metadata.lens, "35mm f/2");
        assert_string_equal(metadata.taken_at, "2024-05-06T07:08:09.123+02:00");
        assert_int_equal(metadata.orientation, 6);
        assert_int_equal(metadata.iso, 400);
        assert_true(fabs(metadata.exposure_s - 0.004) < 1e-9);
        assert_true(fabs(metadata.aperture - 1.8) < 1e-9);
        assert_true(fabs(metadata.focal_length_mm - 4.25) < 1e-9);
        assert_true(metadata.has_gps && metadata.has_altitude);
        assert_true(fabs(metadata.latitude + 33.51) < 1e-9);
        assert_true(fabs(metadata.longitude - 151.25) < 1e-9);
        assert_true(fabs(metadata.altitude_m + 12.5) < 1e-9);
    }
}

static void the_place_can_be_left_out(void **state) {
    (void)state;
    struct block block = {.count = {0}};
    fill(&block);
    struct picture_metadata metadata = read_block(&block, true, false);
    assert_false(metadata.has_gps || metadata.has_altitude);
    assert_true(metadata.latitude == 0 && metadata.longitude == 0 && metadata.altitude_m == 0);
    assert_string_equal(metadata.camera_model, "X-100");
}

static void dates_that_are_none_are_left_out(void **state) {
    (void)state;
    static const struct {
        const char *date, *fraction, *offset, *taken_at;
    } cases[] = {
        {"2024:02:29 23:59:59", "", "-11:30", "2024-02-29T23:59:59-11:30"},
        {"2024:05:06 07:08:09", "", "", "2024-05-06T07:08:09"},
        {"2024:05:06 07:08:09", "1234567", "Z", "2024-05-06T07:08:09"},
        {"2024:05:06 07:08:09", "12x", "+24:00", "2024-05-06T07:08:09"},
        {"2023:02:29 23:59:59", "", "", ""},
        {"2100:02:29 23:59:59", "", "", ""},
        {"2024:13:01 00:00:00", "", "", ""},
        {"2024:00:01 00:00:00", "", "", ""},
        {"0000:00:00 00:00:00", "", "", ""},
        {"2024:05:06 24:00:00", "", "", ""},
        {"2024:05:06 07:60:09", "", "", ""},
        {"2024-05-06 07:08:09", "", "", ""},
        {"    :  :     :  :  ", "", "", ""},
        {"2024:05:06 07:08:0", "", "", ""},
        {"\"};--", "", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct block block = {.count = {0}};
        add_text(&block, CAMERA, 0x9003, cases[i].date);
        add_text(&block, CAMERA, 0x9291, cases[i].fraction);
        add_text(&block, CAMERA, 0x9011, cases[i].offset);
        assert_string_equal(read_block(&block, true, true).taken_at, cases[i].taken_at);
    }
    struct block block = {.count = {0}};
    add_text(&block, MAIN, 0x0132, "2020:01:02 03:04:05");
    add_text(&block, CAMERA, 0x9010, "+01:00");
    assert_string_equal(read_block(&block, true, true).taken_at, "2020-01-02T03:04:05+01:00");
}

static void numbers_that_make_no_sense_are_left_out(void **state) {
    (void)state;
    struct block block = {.count = {0}};
    add_short(&block, MAIN, 0x0112, 9);
    add_ratios(&block, CAMERA, 0x829a, (const uint32_t[]){1, 0}, 1);
    add_ratios(&block, CAMERA, 0x829d, (const uint32_t[]){0, 0}, 1);
    add_ratios(&block, CAMERA, 0x920a, (const uint32_t[]){UINT32_MAX, 1}, 1);
    add(&block, CAMERA, 0x8827, SRATIONAL, 1, (const int32_t[]){-100, 1}, 8);
    add_ratios(&block, PLACE, 2, (const uint32_t[]){91, 1, 0, 1, 0, 1}, 3);
    add_ratios(&block, PLACE, 4, (const uint32_t[]){1, 1, 0, 1, 0, 1}, 3);
    struct picture_metadata metadata = read_block(&block, true, true);
    const struct picture_metadata nothing = {.orientation = 0};
    assert_memory_equal(&metadata, &nothing, sizeof nothing);
    add_ratios(&block, PLACE, 2, (const uint32_t[]){1, 1, 1, 0, 0, 1}, 3);
    add_ratios(&block, PLACE, 4, (const uint32_t[]){1, 1}, 1);
    assert_false(read_block(&block, true, true).has_gps);
    add_short(&block, MAIN, 0x0112, 0);
    assert_int_equal(read_block(&block, true, true).orientation, 0);
}

/* A long text is cut between characters. */
static void texts_are_bounded(void **state) {
    (void)state;
    char text[1000];
    struct block block = {.count = {0}};
    for (size_t i = 0; i + 2 < sizeof text; i += 2) {
        memcpy(text + i, "\xc3\xa9", 3);
    }
    add_text(&block, MAIN, 0x010f, text);
    struct picture_metadata metadata = read_block(&block, true, true);
    assert_int_equal(strlen(metadata.camera_make), PICTURE_TEXT_SIZE - 1);
}

/* Any beginning of a good block, and good blocks with any one byte changed: nothing crashes, and what is read is valid. */
static void broken_blocks_are_read_as_far_as_they_go(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf bytes = {0};
    make_tiff(&bytes, 4, 4, 6, "");
    for (size_t length = 0; length <= bytes.length; length++) {
        struct picture_metadata metadata = {.orientation = 0};
        exif_read(bytes.data, length, true, &metadata);
        assert_true(picture_metadata_valid(&metadata));
    }
    for (size_t i = 0; i < bytes.length; i++) {
        for (int bit = 0; bit < 8; bit++) {
            struct picture_metadata metadata = {.orientation = 0};
            bytes.data[i] = (char)(bytes.data[i] ^ 1 << bit);
            exif_read(bytes.data, bytes.length, true, &metadata);
            assert_true(picture_metadata_valid(&metadata));
            bytes.data[i] = (char)(bytes.data[i] ^ 1 << bit);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_field),
        cmocka_unit_test(the_place_can_be_left_out),
        cmocka_unit_test(dates_that_are_none_are_left_out),
        cmocka_unit_test(numbers_that_make_no_sense_are_left_out),
        cmocka_unit_test(texts_are_bounded),
        cmocka_unit_test(broken_blocks_are_read_as_far_as_they_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
