#include "decoder/job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void sizes_are_checked_before_pixels(void **state) {
    (void)state;
    static const struct decoder_request request = {.max_pixels = 50000000, .max_frames = 1000};
    static const struct {
        int64_t width, height, frames;
        enum error_code code;
    } cases[] = {
        {10000, 5000, 1, ERROR_NONE},
        {10000, 5001, 1, ERROR_TOO_MANY_PIXELS},
        {100000, 100000, 1, ERROR_TOO_MANY_PIXELS},
        {10000000, 10000000, 1000, ERROR_TOO_MANY_PIXELS},
        {500, 100, 1000, ERROR_NONE},
        {501, 100, 1000, ERROR_TOO_MANY_PIXELS},
        {1, 1, 1001, ERROR_TOO_MANY_FRAMES},
        {100000, 100000, 1001, ERROR_TOO_MANY_FRAMES},
        {1, 1, INT64_MAX, ERROR_TOO_MANY_FRAMES},
        {0, 1, 1, ERROR_DECODE_FAILED},
        {1, -1, 1, ERROR_DECODE_FAILED},
        {1, 1, 0, ERROR_DECODE_FAILED},
        {INT64_MAX, INT64_MAX, 1, ERROR_DECODE_FAILED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        bool fits = job_check_size(&request, cases[i].width, cases[i].height, cases[i].frames, &err);
        assert_int_equal(fits, cases[i].code == ERROR_NONE);
        assert_int_equal(err.code, cases[i].code);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_checked_before_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
