#include "processor/file_type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct sample {
    const char *type; /* as detected; NULL: not known */
    const char *bytes;
    size_t length;
};

#define SAMPLE(type, literal)                                                                                          \
    { type, literal, sizeof(literal) - 1 }

static const struct sample samples[] = {
    SAMPLE("image/jpeg", "\xff\xd8\xff\xe0\0\x10JFIF\0"),
    SAMPLE("image/png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    SAMPLE("image/gif", "GIF87a\1\0\1\0"),
    SAMPLE("image/gif", "GIF89a\1\0\1\0"),
    SAMPLE("image/webp", "RIFF\x24\0\0\0WEBPVP8 "),
    SAMPLE("image/tiff", "II*\0\x08\0\0\0"),
    SAMPLE("image/tiff", "MM\0*\0\0\0\x08"),
    SAMPLE("image/tiff", "II+\0\x08\0\0\0"),
    SAMPLE("image/avif", "\0\0\0\x20"
                         "ftypavif\0\0\0\0avifmif1miaf"),
    SAMPLE("image/avif", "\0\0\0\x1c"
                         "ftypmif1\0\0\0\0mif1avif"),
    SAMPLE("image/heic", "\0\0\0\x18"
                         "ftypheic\0\0\0\0mif1heic"),
    SAMPLE("image/heic", "\0\0\0\x18"
                         "ftypmif1\0\0\0\0mif1heic"),
    SAMPLE("image/bmp", "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"),
    SAMPLE("image/vnd.microsoft.icon", "\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x68\4\0\0\x16\0\0\0"),
    SAMPLE("application/pdf", "%PDF-1.7\n"),
    SAMPLE("application/pdf", "\xef\xbb\xbf\r\n%PDF-1.4\n"),
    SAMPLE("application/zip", "PK\3\4\x14\0\0\0"),
    SAMPLE("application/zip", "PK\5\6\0\0\0\0"),
    SAMPLE("application/gzip", "\x1f\x8b\x08\0\0\0\0\0"),
    SAMPLE("application/x-bzip2", "BZh91AY&SY\0\0"),
    SAMPLE("application/x-xz", "\xfd"
                               "7zXZ\0\0\4"),
    SAMPLE("application/zstd", "\x28\xb5\x2f\xfd\x04\0"),
    SAMPLE("application/x-7z-compressed", "7z\xbc\xaf\x27\x1c\0\4"),
    SAMPLE("application/vnd.rar", "Rar!\x1a\x07\1\0"),
    SAMPLE("audio/mp4", "\0\0\0\x18"
                        "ftypM4A \0\0\0\0M4A mp42"),
    SAMPLE("video/quicktime", "\0\0\0\x14"
                              "ftypqt  \0\0\0\0qt  "),
    SAMPLE("video/quicktime", "\0\0\0\x08wide\0\0\0\0mdat"),
    SAMPLE("video/mp4", "\0\0\0\x18"
                        "ftypisom\0\0\2\0isommp42"),
    SAMPLE("video/webm", "\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x84webm"),
    SAMPLE("video/x-matroska", "\x1a\x45\xdf\xa3\xa3\x42\x86\x81\1\x42\x82\x88matroska"),
    SAMPLE("video/x-msvideo", "RIFF\x24\0\0\0AVI LIST"),
    SAMPLE("audio/ogg", "OggS\0\2\0\0"),
    SAMPLE("audio/flac", "fLaC\0\0\0\x22"),
    SAMPLE("audio/wav", "RIFF\x24\0\0\0WAVEfmt "),
    SAMPLE("audio/mpeg", "ID3\4\0\0\0\0"),
    SAMPLE("audio/mpeg", "\xff\xfb\x90\x64\0\0"),
    SAMPLE("audio/mpeg", "\xff\xf3\x48\xc4\0\0"),
    SAMPLE("audio/aac", "\xff\xf1\x50\x80\x02\x1f\xfc"),
    SAMPLE("audio/midi", "MThd\0\0\0\6\0\1"),
    SAMPLE("application/x-ole-storage", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"),
    SAMPLE("application/x-elf", "\177ELF\2\1\1"),
    SAMPLE("application/vnd.sqlite3", "SQLite format 3\0\x10"),
    SAMPLE("application/rtf", "{\\rtf1\\ansi"),
    SAMPLE("application/postscript", "%!PS-Adobe-3.0"),
    SAMPLE("font/woff2", "wOF2\0\1\0\0"),
    SAMPLE("text/plain", "plain words\n"),
    SAMPLE("text/plain", "Gr\xc3\xb6\xc3\x9f"
                         "e \xf0\x9f\x98\x80\n"),
    SAMPLE("text/plain", "BM is how this text begins"),
    SAMPLE("text/plain", "RIFF raff, nothing more"),
    SAMPLE(NULL, "\xff\xfe"
                 "a\0b\0"),           /* UTF-16: its mark looks like a frame of MPEG audio */
    SAMPLE(NULL, "\xff\xff\xff\xff"), /* a sync word, but layer I and an impossible bit rate */
    SAMPLE(NULL, "nul\0 within"),
    SAMPLE(NULL, "\xc0\xaf overlong"),
    SAMPLE(NULL, ""),
};

enum { SAMPLE_COUNT = sizeof samples / sizeof samples[0] };

static void assert_type(const char *detected, const char *expected) {
    if (expected == NULL) {
        assert_null(detected);
    } else {
        assert_non_null(detected);
        assert_string_equal(detected, expected);
    }
}

static void every_sample_is_recognised(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        char room[FILE_TYPE_SIZE];
        assert_type(file_type_detect(samples[i].bytes, samples[i].length, NULL, room), samples[i].type);
    }
}

/* A head cut anywhere must not be read past its end (the sanitizer sees that), and is of the same type or of less. */
static void short_heads_are_safe(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        for (size_t length = 0; length < samples[i].length; length++) {
            char room[FILE_TYPE_SIZE];
            char *copy = test_malloc(length + 1);
            memcpy(copy, samples[i].bytes, length);
            copy = test_realloc(copy, length == 0 ? 1 : length);
            (void)file_type_detect(copy, length, "image/jpeg", room);
            (void)file_type_agrees(copy, length, "image/jpeg");
            test_free(copy);
        }
    }
}

static bool agrees(const char *type, const char *declared) {
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        if (samples[i].type != NULL && strcmp(samples[i].type, type) == 0) {
            return file_type_agrees(samples[i].bytes, samples[i].length, declared);
        }
    }
    fail_msg("no sample of %s", type);
    return false;
}

static void other_names_of_a_type_are_fine(void **state) {
    (void)state;
    static const struct {
        const char *content, *declared;
    } pairs[] = {
        {"image/jpeg", "image/jpg"},
        {"image/jpeg", "IMAGE/JPEG; q=1"},
        {"image/heic", "image/heif"},
        {"audio/mpeg", "audio/mp3"},
        {"audio/wav", "audio/x-wav"},
        {"video/mp4", "video/quicktime"},
        {"video/quicktime", "video/mp4"},
        {"video/webm", "audio/webm"},
        {"audio/ogg", "video/ogg"},
        {"application/zip", "application/x-zip-compressed"},
        {"application/zip", "application/epub+zip"},
        {"application/zip", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        {"application/zip", "application/vnd.oasis.opendocument.text"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_true(agrees(pairs[i].content, pairs[i].declared));
    }
}

static void another_content_than_declared_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *content, *declared;
    } pairs[] = {
        {"image/png", "image/jpeg"},
        {"text/plain", "image/jpeg"},
        {"image/jpeg", "application/pdf"},
        {"image/heic", "image/avif"},
        {"image/avif", "image/heic"},
        {"image/heic", "video/mp4"},
        {"audio/wav", "image/webp"},
        {"video/x-matroska", "video/webm"},
        {"text/plain", "application/zip"},
        {"image/tiff", "image/png"},
        {"application/pdf", "application/epub+zip"},
        {"text/plain", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_false(agrees(pairs[i].content, pairs[i].declared));
    }
}

/* What the table does not know demands nothing; nor do the names that real software uses loosely. */
static void unknown_and_loose_types_agree_with_everything(void **state) {
    (void)state;
    static const char *const declared[] = {
        NULL,         "",         "application/octet-stream", "text/plain",         "text/html",
        "chemical/x", "nonsense", "application/vnd.ms-excel", "application/msword", "application/x-tar",
    };
    for (size_t i = 0; i < sizeof declared / sizeof declared[0]; i++) {
        assert_true(agrees("image/png", declared[i]));
        assert_true(agrees("text/plain", declared[i]));
    }
}

static void the_declared_type_is_kept_where_it_says_more(void **state) {
    (void)state;
    static const struct {
        const char *bytes, *declared, *detected;
    } cases[] = {
        {"a,b\n", "text/csv; charset=utf-8", "text/csv"},
        {"{}", "Application/JSON", "application/json"},
        {"<svg/>", "image/svg+xml", "image/svg+xml"},
        {"{}", "application/vnd.api+json", "application/vnd.api+json"},
        {"a;b\n", "application/vnd.ms-excel", "application/vnd.ms-excel"},
        {"words", "application/octet-stream", "text/plain"},
        {"words", "video/unheard-of", "text/plain"},
        {"PK\3\4rest", "application/epub+zip", "application/epub+zip"},
        {"PK\3\4rest", "application/x-zip-compressed", "application/zip"},
        {"GIF89a<script>alert(1)</script>", "text/html", "image/gif"}, /* a polyglot is what its first bytes say */
        {"%PDF-1.4 PK\3\4", "text/plain", "application/pdf"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char room[FILE_TYPE_SIZE];
        assert_type(file_type_detect(cases[i].bytes, strlen(cases[i].bytes), cases[i].declared, room),
                    cases[i].detected);
    }
}

static void a_head_may_end_within_a_character(void **state) {
    (void)state;
    char head[FILE_TYPE_HEAD_BYTES];
    char room[FILE_TYPE_SIZE];
    memset(head, 'x', sizeof head);
    memcpy(head + sizeof head - 2, "\xf0\x9f", 2);
    assert_type(file_type_detect(head, sizeof head, NULL, room), "text/plain");
    memcpy(head + 100, "\xf0\x9f", 2);
    assert_type(file_type_detect(head, sizeof head, NULL, room), NULL);
}

static void an_endless_declared_type_is_no_type(void **state) {
    (void)state;
    char declared[2 * FILE_TYPE_SIZE];
    char room[FILE_TYPE_SIZE];
    memset(declared, 'a', sizeof declared - 1);
    declared[sizeof declared - 1] = '\0';
    assert_true(file_type_agrees("text", 4, declared));
    assert_type(file_type_detect("text", 4, declared, room), "text/plain");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_is_recognised),
        cmocka_unit_test(short_heads_are_safe),
        cmocka_unit_test(other_names_of_a_type_are_fine),
        cmocka_unit_test(another_content_than_declared_is_refused),
        cmocka_unit_test(unknown_and_loose_types_agree_with_everything),
        cmocka_unit_test(the_declared_type_is_kept_where_it_says_more),
        cmocka_unit_test(a_head_may_end_within_a_character),
        cmocka_unit_test(an_endless_declared_type_is_no_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
