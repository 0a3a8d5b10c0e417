/* With the real sluice-decoder, which the build puts beside this program. What it does with the store is driven over the real
 * services by tests/integration. */
#include "processor/steps.h"

#include "common/metrics.h"
#include "common/xalloc.h"
#include "tests/unit/tiff_file.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct step_tools tools;
    struct file_job job;
    struct picture_result result;
    struct work work;
    struct error err;
};

static int set_up(void **state) {
    const struct decoder_options options = {
        .max_pixels = 1000000, .max_frames = 10, .memory_bytes = 256 << 20, .timeout_ms = 4000};
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    fixture->tools.decoder = decoder_new(&options);
    fixture->tools.spool = spool_new("/tmp", 1 << 20);
    fixture->tools.decoder_attempts = 2;
    fixture->job.kind = (char *)(uintptr_t) "media";
    fixture->job.attempts = 1;
    fixture->work =
        (struct work){.job = &fixture->job, .tools = &fixture->tools, .result = &fixture->result, .is_picture = true};
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    decoder_free(fixture->tools.decoder);
    spool_free(fixture->tools.spool);
    free(fixture);
    return 0;
}

/* Runs the step on a picture that ends with this. */
static enum step_result run(struct fixture *fixture, uint32_t width, const char *tail) {
    _cleanup_(buf_free) struct buf bytes = {0};
    make_tiff(&bytes, width, 30, 6, tail);
    spool_clear(fixture->tools.spool);
    assert_true(spool_write(fixture->tools.spool, bytes.data, bytes.length, &fixture->err));
    enum step_result result = step_picture(&fixture->work, &fixture->err);
    assert_int_equal(spool_descriptor(fixture->tools.spool), -1); /* its room is given back */
    return result;
}

static void a_picture_is_described(void **state) {
    struct fixture *fixture = *state;
    assert_true(step_picture_applies(&fixture->work));
    assert_int_equal(run(fixture, 40, ""), STEP_DONE);
    assert_true(fixture->result.is_known);
    assert_int_equal(fixture->result.picture.width, 30);
    assert_int_equal(fixture->result.picture.height, 40);
    assert_string_equal(fixture->work.detected_type, "image/tiff");
    assert_int_equal(fixture->work.flaw.code, ERROR_NONE);
}

static void media_must_be_pictures(void **state) {
    struct fixture *fixture = *state;
    fixture->work.is_picture = false;
    assert_true(step_picture_applies(&fixture->work));
    assert_int_equal(step_picture(&fixture->work, &fixture->err), STEP_REJECT);
    assert_int_equal(fixture->err.code, ERROR_UNSUPPORTED_TYPE);
}

static void other_files_need_not(void **state) {
    struct fixture *fixture = *state;
    fixture->job.kind = (char *)(uintptr_t) "file";
    fixture->work.is_picture = false;
    assert_false(step_picture_applies(&fixture->work));
}

static void what_cannot_be_decoded_fails_media_only(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, 100000, ""), STEP_REJECT);
    assert_int_equal(fixture->err.code, ERROR_TOO_MANY_PIXELS);
    fixture->job.kind = (char *)(uintptr_t) "file";
    assert_int_equal(run(fixture, 100000, ""), STEP_DONE);
    assert_int_equal(fixture->work.flaw.code, ERROR_TOO_MANY_PIXELS);
    assert_false(fixture->result.is_known);
}

/* One crash may be this machine's, the second one in a row is the picture's. */
static void a_crash_is_final_the_second_time(void **state) {
    struct fixture *fixture = *state;
    static const char crash[] = "sluice-provoke:crash";
    assert_int_equal(run(fixture, 40, crash), STEP_RETRY);
    assert_int_equal(fixture->err.code, ERROR_DECODER_CRASHED);
    fixture->job.attempts = 2;
    fixture->job.previous_code = (char *)(uintptr_t) "STORE_ERROR";
    assert_int_equal(run(fixture, 40, crash), STEP_RETRY);
    fixture->job.attempts = 3;
    fixture->job.previous_code = (char *)(uintptr_t) "DECODER_MEMORY";
    assert_int_equal(run(fixture, 40, crash), STEP_REJECT);
    assert_int_equal(fixture->err.code, ERROR_DECODER_CRASHED);
    fixture->job.kind = (char *)(uintptr_t) "file";
    assert_int_equal(run(fixture, 40, crash), STEP_DONE);
    assert_int_equal(fixture->work.flaw.code, ERROR_DECODER_CRASHED);
}

static int start(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    metrics_start();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_picture_is_described, set_up, tear_down),
        cmocka_unit_test_setup_teardown(media_must_be_pictures, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_files_need_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_decoded_fails_media_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_crash_is_final_the_second_time, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
