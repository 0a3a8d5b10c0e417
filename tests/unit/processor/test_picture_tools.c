#include "processor/picture_tools.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct config settings(const char *variants, const char *program) {
    return (struct config){.variants = (char *)(uintptr_t)variants,
                           .decoder_program = (char *)(uintptr_t)program,
                           .spool_dir = (char *)(uintptr_t) "/tmp",
                           .spool_memory_bytes = 1,
                           .decoder_attempts = 2,
                           .media_max_bytes = 3,
                           .max_pixels = 1000,
                           .max_frames = 1,
                           .decoder_memory_bytes = 128 << 20,
                           .decoder_timeout_ms = 1000};
}

static void wrong_settings_are_told_at_the_start(void **state) {
    (void)state;
    struct error err = {0};
    const struct config no_side = settings("small", "/bin/true");
    assert_false(picture_tools_check(&no_side, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    const struct config no_program = settings("small:240", "/nowhere/sluice-decoder");
    assert_false(picture_tools_check(&no_program, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    const struct config good = settings("small:240", "/bin/true");
    assert_true(picture_tools_check(&good, &err));
}

static void opening_starts_nothing(void **state) {
    (void)state;
    struct error err = {0};
    struct step_tools tools = {0};
    const struct config config = settings("", "/bin/true");
    assert_true(picture_tools_open(&config, &tools, &err));
    assert_int_equal(decoder_pid(tools.decoder), 0);
    assert_int_equal(spool_descriptor(tools.spool), -1);
    assert_int_equal(tools.decoder_attempts, 2);
    assert_int_equal(tools.media_max_bytes, 3);
    picture_tools_close(&tools);
    picture_tools_close(&tools);
    assert_null(tools.decoder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_settings_are_told_at_the_start),
        cmocka_unit_test(opening_starts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
