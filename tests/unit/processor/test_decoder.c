/* The real sluice-decoder, which the build puts beside this program. */
#include "processor/decoder.h"

#include "common/clock.h"
#include "common/metrics.h"
#include "tests/unit/tiff_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

/* What ends by itself gets time enough for any machine; what never ends is waited for in earnest. */
enum { PATIENCE_MS = 60000, TIMEOUT_MS = 4000, WIDTH = 600, HEIGHT = 300 };

/* What the sink got. */
struct got {
    size_t count;
    char names[VARIANTS_MAX][VARIANT_NAME_SIZE];
    int widths[VARIANTS_MAX], heights[VARIANTS_MAX];
    size_t fail_at; /* this call, from 1, fails; 0: none */
};

static bool take(void *context, const struct picture_variant *variant, struct error *err) {
    struct got *got = context;
    assert_true(variant->size > 20);
    memcpy(got->names[got->count], variant->spec->name, VARIANT_NAME_SIZE);
    got->widths[got->count] = variant->width;
    got->heights[got->count] = variant->height;
    got->count++;
    return got->count != got->fail_at || error_set(err, ERROR_STORE_UNAVAILABLE, "no store");
}

static struct decoder *decoder_of(int64_t timeout_ms) {
    struct error err = {0};
    struct decoder_options options = {
        .max_pixels = 1000000,
        .max_frames = 10,
        .memory_bytes = 256 << 20,
        .timeout_ms = timeout_ms,
        .webp_effort = 0,
        .keep_gps = true,
    };
    assert_true(variants_parse("small:64,big:400:jpeg,huge:5000", &options.variants, &err));
    return decoder_new(&options);
}

static int start(void **state) {
    *state = decoder_of(PATIENCE_MS);
    return 0;
}

static int start_impatient(void **state) {
    *state = decoder_of(TIMEOUT_MS);
    return 0;
}

static int stop(void **state) {
    decoder_free(*state);
    return 0;
}

static enum error_code run_bytes(struct decoder *decoder, const struct buf *bytes, struct got *got,
                                 struct picture *ret_picture) {
    struct error err = {0};
    _cleanup_(closep) int file = file_of(bytes);
    return decoder_run(decoder, file, (int64_t)bytes->length, take, got, ret_picture, &err) ? ERROR_NONE : err.code;
}

static enum error_code run(struct decoder *decoder, const char *tail) {
    struct got got = {0};
    struct picture picture;
    _cleanup_(buf_free) struct buf bytes = {0};
    make_tiff(&bytes, WIDTH, HEIGHT, 1, tail);
    return run_bytes(decoder, &bytes, &got, &picture);
}

static void makes_variants_the_largest_first(void **state) {
    struct got got = {0};
    struct picture picture = {0};
    _cleanup_(buf_free) struct buf bytes = {0};
    make_tiff(&bytes, WIDTH, HEIGHT, 6, "");
    assert_int_equal(run_bytes(*state, &bytes, &got, &picture), ERROR_NONE);
    assert_int_equal(got.count, 3);
    assert_string_equal(got.names[0], "huge");
    assert_int_equal(got.widths[0], HEIGHT); /* turned, and not enlarged */
    assert_int_equal(got.heights[0], WIDTH);
    assert_string_equal(got.names[1], "big");
    assert_int_equal(got.heights[1], 400);
    assert_string_equal(got.names[2], "small");
    assert_int_equal(got.widths[2], 32);
    assert_int_equal(picture.type, PICTURE_TYPE_TIFF);
    assert_int_equal(picture.width, HEIGHT);
    assert_int_equal(picture.height, WIDTH);
    assert_int_equal(picture.frames, 1);
    assert_true(picture.has_thumbhash);
    assert_int_equal(picture.metadata.orientation, 6);
    assert_true(decoder_last_usage(*state).peak_bytes > 0);
    assert_true(decoder_last_usage(*state).cpu_us > 0);
}

static void limits_come_before_pixels(void **state) {
    struct got got = {0};
    struct picture picture;
    _cleanup_(buf_free) struct buf bytes = {0};
    make_tiff(&bytes, 1001, 1000, 1, "");
    assert_int_equal(run_bytes(*state, &bytes, &got, &picture), ERROR_TOO_MANY_PIXELS);
    assert_int_equal(got.count, 0);
    buf_clear(&bytes);
    buf_append_text(&bytes, "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>");
    assert_int_equal(run_bytes(*state, &bytes, &got, &picture), ERROR_UNSUPPORTED_TYPE);
    buf_clear(&bytes);
    buf_append(&bytes, "\xff\xd8\xff\xe0\0\x10JFIF\0 and no more", 24);
    assert_int_equal(run_bytes(*state, &bytes, &got, &picture), ERROR_DECODE_FAILED);
    buf_clear(&bytes);
    buf_append_char(&bytes, 'x');
    assert_int_equal(run_bytes(*state, &bytes, &got, &picture), ERROR_UNSUPPORTED_TYPE);
}

/* Each bad end has its code, the program lives on as the same process, and the next picture is fine. */
static void bad_ends_have_their_codes(void **state) {
    static const struct {
        const char *tail;
        enum error_code code;
    } cases[] = {
        {"sluice-provoke:crash", ERROR_DECODER_CRASHED},
        {"sluice-provoke:silence", ERROR_DECODER_CRASHED},
        {"sluice-provoke:flood", ERROR_DECODER_CRASHED},
        {"sluice-provoke:memory", ERROR_DECODER_MEMORY},
        {"sluice-provoke:output", ERROR_DECODER_MEMORY},
        {"sluice-provoke:socket", ERROR_DECODER_BLOCKED},
        {"sluice-provoke:exec", ERROR_DECODER_BLOCKED},
        {"sluice-provoke:fork", ERROR_DECODER_BLOCKED},
        {"sluice-provoke:kill", ERROR_DECODER_BLOCKED},
        {"sluice-provoke:open", ERROR_NONE},
        {"sluice-provoke:look", ERROR_NONE},
        {"sluice-provoke:nothing", ERROR_NONE},
    };
    assert_int_equal(run(*state, ""), ERROR_NONE);
    pid_t pid = decoder_pid(*state);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum error_code code = run(*state, cases[i].tail);
        if (code != cases[i].code) {
            fail_msg("%s: %s", cases[i].tail, error_info(code)->name);
        }
        assert_true(decoder_last_usage(*state).peak_bytes <
                    (cases[i].code == ERROR_DECODER_MEMORY ? 600 << 20 : 256 << 20));
        assert_int_equal(run(*state, ""), ERROR_NONE);
        assert_int_equal(decoder_pid(*state), pid);
    }
}

static void what_never_ends_is_ended(void **state) {
    static const char *const tails[] = {"sluice-provoke:hang", "sluice-provoke:spin"};
    assert_int_equal(run(*state, ""), ERROR_NONE);
    pid_t pid = decoder_pid(*state);
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        int64_t started_ms = clock_monotonic_ms();
        assert_int_equal(run(*state, tails[i]), ERROR_DECODER_TIMEOUT);
        assert_in_range(clock_monotonic_ms() - started_ms, TIMEOUT_MS - 10, TIMEOUT_MS + 15000);
        assert_int_equal(run(*state, ""), ERROR_NONE);
        assert_int_equal(decoder_pid(*state), pid);
    }
}

static void an_error_of_the_sink_ends_the_job(void **state) {
    struct picture picture;
    _cleanup_(buf_free) struct buf bytes = {0};
    make_tiff(&bytes, WIDTH, HEIGHT, 1, "");
    struct got got = {.fail_at = 2};
    assert_int_equal(run_bytes(*state, &bytes, &got, &picture), ERROR_STORE_UNAVAILABLE);
    assert_int_equal(got.count, 2);
    assert_int_equal(run(*state, ""), ERROR_NONE);
}

static void the_input_keeps_its_offset(void **state) {
    struct got got = {0};
    struct picture picture;
    struct error err = {0};
    _cleanup_(buf_free) struct buf bytes = {0};
    make_tiff(&bytes, 60, 30, 1, "");
    _cleanup_(closep) int file = file_of(&bytes);
    assert_int_equal(lseek(file, 5, SEEK_SET), 5);
    assert_true(decoder_run(*state, file, (int64_t)bytes.length, take, &got, &picture, &err));
    assert_int_equal(lseek(file, 0, SEEK_CUR), 5);
}

/* SIGKILL, as the kernel does it for want of memory. */
static void a_lost_program_is_replaced(void **state) {
    assert_int_equal(run(*state, ""), ERROR_NONE);
    pid_t pid = decoder_pid(*state);
    kill(pid, SIGKILL);
    siginfo_t end;
    assert_int_equal(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT), 0);
    assert_int_equal(run(*state, ""), ERROR_NONE);
    assert_int_not_equal(decoder_pid(*state), pid);
}

/* A stopped one answers nobody: it is given up, not waited for. */
static void a_silent_program_is_given_up(void **state) {
    assert_int_equal(run(*state, ""), ERROR_NONE);
    int64_t started_ms = clock_monotonic_ms();
    kill(decoder_pid(*state), SIGSTOP);
    assert_int_equal(run(*state, ""), ERROR_DECODER_TIMEOUT);
    assert_in_range(clock_monotonic_ms() - started_ms, TIMEOUT_MS, TIMEOUT_MS + 15000);
    assert_int_equal(decoder_pid(*state), 0);
    assert_int_equal(run(*state, ""), ERROR_NONE);
}

static void a_program_that_is_not_there(void **state) {
    (void)state;
    const struct decoder_options options = {.program = "/nonexistent/sluice-decoder", .timeout_ms = TIMEOUT_MS};
    struct error err = {0};
    assert_false(decoder_check(&options, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_true(decoder_check(&(struct decoder_options){.program = ""}, &err));
    _cleanup_(decoder_freep) struct decoder *decoder = decoder_new(&options);
    assert_int_equal(run(decoder, ""), ERROR_INTERNAL);
    assert_int_equal(decoder_pid(decoder), 0);
}

int main(void) {
    metrics_start();
    setenv("SLUICE_S3_SECRET_KEY", "not for the decoder", 1);
    decoder_label_metrics();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(makes_variants_the_largest_first, start, stop),
        cmocka_unit_test_setup_teardown(limits_come_before_pixels, start, stop),
        cmocka_unit_test_setup_teardown(bad_ends_have_their_codes, start, stop),
        cmocka_unit_test_setup_teardown(what_never_ends_is_ended, start_impatient, stop),
        cmocka_unit_test_setup_teardown(an_error_of_the_sink_ends_the_job, start, stop),
        cmocka_unit_test_setup_teardown(the_input_keeps_its_offset, start, stop),
        cmocka_unit_test_setup_teardown(a_lost_program_is_replaced, start, stop),
        cmocka_unit_test_setup_teardown(a_silent_program_is_given_up, start_impatient, stop),
        cmocka_unit_test(a_program_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
