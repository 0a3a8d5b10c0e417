#include "decoder/complaint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* What the libraries said of files in tests/integration/hostile_pictures.py. */
static void words_become_plain(void **state) {
    (void)state;
    static const struct {
        const char *words, *plain;
    } cases[] = {
        {"VipsJpeg: Premature end of input file", COMPLAINT_CUT},
        {"VipsJpeg: premature end of JPEG image", COMPLAINT_CUT},
        {"TIFFFillStrip: Read error at scanline 204; got 7610 bytes, expected 7680", COMPLAINT_CUT},
        {"source: bad seek to 60208", COMPLAINT_CUT},
        {"gifload_source: Unexpected end of GIF source data", COMPLAINT_CUT},
        {"gifload_source: no frames in GIF", COMPLAINT_DAMAGED},
        {"vipspng: libpng read error", COMPLAINT_DAMAGED},
        {"", COMPLAINT_DAMAGED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        assert_false(complaint_set(&err, COMPLAINT_DAMAGED, cases[i].words));
        assert_int_equal(err.code, ERROR_DECODE_FAILED);
        assert_string_equal(complaint_split(err.message), cases[i].words);
        assert_string_equal(err.message, cases[i].plain);
    }
}

static void the_first_line_is_enough(void **state) {
    (void)state;
    struct error err = {0};
    complaint_set(&err, COMPLAINT_NO_PICTURE, "\nfirst\nsecond\n");
    assert_string_equal(complaint_split(err.message), "first");
    assert_string_equal(err.message, COMPLAINT_NO_PICTURE);
}

static void there_may_be_no_words(void **state) {
    (void)state;
    struct error err = {0};
    complaint_set(&err, COMPLAINT_METADATA, NULL);
    assert_string_equal(err.message, COMPLAINT_METADATA);
    assert_string_equal(complaint_split(err.message), "");
    assert_string_equal(err.message, COMPLAINT_METADATA);
}

static void endless_words_leave_the_plain_ones(void **state) {
    (void)state;
    struct error err = {0};
    char words[1000];
    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    complaint_set(&err, COMPLAINT_DAMAGED, words);
    assert_true(strlen(complaint_split(err.message)) > 100);
    assert_string_equal(err.message, COMPLAINT_DAMAGED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_become_plain),
        cmocka_unit_test(the_first_line_is_enough),
        cmocka_unit_test(there_may_be_no_words),
        cmocka_unit_test(endless_words_leave_the_plain_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
