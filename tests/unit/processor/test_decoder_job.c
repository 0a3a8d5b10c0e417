#include "processor/decoder_job.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

enum { BYTES = 30 };
static const char webp[BYTES] = "RIFF\x16\0\0\0WEBPVP8 ";

static struct decoder_options options = {
    .variants = {.specs = {{"small", 240, PICTURE_WEBP, 80}, {"big", 480, PICTURE_WEBP, 80}}, .count = 2},
    .max_pixels = 1000000,
    .max_frames = 5,
    .keep_gps = true,
};

static size_t taken;

static bool take(void *context, const struct picture_variant *variant, struct error *err) {
    (void)context;
    assert_memory_equal(variant->bytes, webp, BYTES);
    taken++;
    return variant->spec->side_px != 480 || error_set(err, ERROR_STORE_ERROR, "no");
}

static int memory_file(const char *bytes, size_t length) {
    int file = memfd_create("variant", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_int_equal(write(file, bytes, length), length);
    return file;
}

static struct decoder_report picture_report(void) {
    return (struct decoder_report){
        .kind = REPORT_PICTURE,
        .picture = {.type = PICTURE_TYPE_JPEG, .width = 1000, .height = 500, .frames = 1},
    };
}

static struct decoder_report variant_report(uint32_t index) {
    return (struct decoder_report){
        .kind = REPORT_VARIANT,
        .variant = {.index = index, .width = index == 0 ? 240 : 480, .height = index == 0 ? 120 : 240, .size = BYTES},
    };
}

static struct decoder_report done_report(void) {
    struct decoder_report report = {.kind = REPORT_DONE, .picture = {.has_thumbhash = true}};
    memcpy(report.picture.thumbhash, "1QcSHQRnh493V4dIh4eXh1h4kJUI", 29);
    return report;
}

static struct decoder_job new_job(void) {
    taken = 0;
    return (struct decoder_job){.options = &options, .sink = take};
}

static enum error_code give(struct decoder_job *job, const struct decoder_report *report, int descriptor) {
    struct error err = {0};
    bool is_taken = decoder_job_take(job, report, sizeof *report, descriptor, &err);
    assert_int_equal(is_taken, err.code == ERROR_NONE);
    return err.code;
}

/* A report of a variant with a good file beside it. */
static enum error_code give_variant(struct decoder_job *job, const struct decoder_report *report) {
    _cleanup_(closep) int file = memory_file(webp, BYTES);
    return give(job, report, file);
}

static const struct decoder_end ended = {.outcome = DECODER_ENDED};

static void a_job_with_one_variant_goes_well(void **state) {
    (void)state;
    struct decoder_job job = new_job();
    struct decoder_report report = picture_report();
    struct picture picture = {0};
    struct error err = {0};
    options.variants.count = 1;
    report.picture.metadata.iso = 100;
    assert_int_equal(give(&job, &report, -1), ERROR_NONE);
    report = variant_report(0);
    assert_int_equal(give_variant(&job, &report), ERROR_NONE);
    report = done_report();
    assert_int_equal(give(&job, &report, -1), ERROR_NONE);
    assert_true(decoder_job_finish(&job, &ended, &picture, &err));
    assert_int_equal(picture.width, 1000);
    assert_int_equal(picture.metadata.iso, 100);
    assert_true(picture.has_thumbhash);
    assert_string_equal(picture.thumbhash, "1QcSHQRnh493V4dIh4eXh1h4kJUI");
    assert_int_equal(job.variant_bytes, BYTES);
    assert_int_equal(taken, 1);
    options.variants.count = 2;
}

static void the_sinks_error_is_the_jobs(void **state) {
    (void)state;
    struct decoder_job job = new_job();
    struct decoder_report report = picture_report();
    struct picture picture;
    struct error err = {0};
    assert_int_equal(give(&job, &report, -1), ERROR_NONE);
    report = variant_report(1);
    assert_int_equal(give_variant(&job, &report), ERROR_STORE_ERROR);
    assert_false(decoder_job_finish(&job, &(struct decoder_end){.outcome = DECODER_CANCELLED}, &picture, &err));
    assert_int_equal(err.code, ERROR_STORE_ERROR);
}

static void its_own_errors_are_taken(void **state) {
    (void)state;
    static const struct {
        uint32_t code;
        enum error_code taken_as;
    } cases[] = {
        {ERROR_DECODE_FAILED, ERROR_DECODE_FAILED},
        {ERROR_TOO_MANY_PIXELS, ERROR_TOO_MANY_PIXELS},
        {ERROR_TOO_MANY_FRAMES, ERROR_TOO_MANY_FRAMES},
        {ERROR_UNSUPPORTED_TYPE, ERROR_UNSUPPORTED_TYPE},
        {ERROR_DECODER_MEMORY, ERROR_DECODER_MEMORY},
        {ERROR_INTERNAL, ERROR_INTERNAL},
        {ERROR_NONE, ERROR_DECODER_CRASHED},
        {ERROR_STORE_UNAVAILABLE, ERROR_DECODER_CRASHED},
        {0xffffffff, ERROR_DECODER_CRASHED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct decoder_job job = new_job();
        struct decoder_report report = {.kind = REPORT_ERROR, .error = {.code = cases[i].code}};
        memset(report.error.message, 'x', sizeof report.error.message); /* no end */
        memcpy(report.error.message, "a\n\xff\x1b", 4);
        memset(report.error.words, 'y', sizeof report.error.words);
        memcpy(report.error.words, "b\n\xff\x1b", 4);
        assert_int_equal(give(&job, &report, -1), cases[i].taken_as);
        if (cases[i].taken_as != ERROR_DECODER_CRASHED) {
            assert_memory_equal(job.error.message, "a???xxx", 7);
            assert_int_equal(strlen(job.error.message), DECODER_MESSAGE_SIZE - 1);
            assert_memory_equal(job.words, "b???yyy", 7);
            assert_int_equal(strlen(job.words), DECODER_MESSAGE_SIZE - 1);
        }
    }
}

#define assert_picture_refused(change)                                                                                 \
    do {                                                                                                               \
        struct decoder_job job_ = new_job();                                                                           \
        struct decoder_report report_ = picture_report();                                                              \
        struct picture *p = &report_.picture;                                                                          \
        change;                                                                                                        \
        assert_int_equal(give(&job_, &report_, -1), ERROR_DECODER_CRASHED);                                            \
    } while (0)

static void impossible_pictures_are_refused(void **state) {
    (void)state;
    unsigned char two = 2;
    uint32_t wrong_type = PICTURE_TYPE_COUNT;
    assert_picture_refused(p->width = 0);
    assert_picture_refused(p->height = -5);
    assert_picture_refused(p->frames = 0);
    assert_picture_refused(p->frames = 6);
    assert_picture_refused(p->frames = 3);
    assert_picture_refused(p->width = INT32_MAX; p->height = INT32_MAX);
    assert_picture_refused(p->type = PICTURE_TYPE_NONE);
    assert_picture_refused(memcpy(&p->type, &wrong_type, sizeof wrong_type));
    assert_picture_refused(memset(p->metadata.lens, 'x', sizeof p->metadata.lens));
    assert_picture_refused(p->metadata.latitude = (double)NAN);
    assert_picture_refused(memcpy(&p->metadata.has_gps, &two, 1));
    options.keep_gps = false;
    assert_picture_refused(p->metadata.has_gps = true);
    options.keep_gps = true;
    struct decoder_job job = new_job();
    struct decoder_report report = picture_report();
    assert_int_equal(give(&job, &report, -1), ERROR_NONE);
    assert_int_equal(give(&job, &report, -1), ERROR_DECODER_CRASHED); /* twice */
}

#define assert_variant_refused(change)                                                                                 \
    do {                                                                                                               \
        struct decoder_job job_ = new_job();                                                                           \
        struct decoder_report report_ = picture_report();                                                              \
        assert_int_equal(give(&job_, &report_, -1), ERROR_NONE);                                                       \
        report_ = variant_report(0);                                                                                   \
        change;                                                                                                        \
        assert_int_equal(give_variant(&job_, &report_), ERROR_DECODER_CRASHED);                                        \
        assert_int_equal(taken, 0);                                                                                    \
    } while (0)

static void impossible_variants_are_refused(void **state) {
    (void)state;
    assert_variant_refused(report_.variant.index = 2);
    assert_variant_refused(report_.variant.index = UINT32_MAX);
    assert_variant_refused(report_.variant.width = 241);
    assert_variant_refused(report_.variant.height = 119);
    assert_variant_refused(report_.variant.size = BYTES - 1);
    assert_variant_refused(report_.variant.size = BYTES + 1);
    assert_variant_refused(report_.variant.size = 0);
    assert_variant_refused(report_.variant.size = -1);
    assert_variant_refused(report_.variant.size = INT64_MAX);
    struct decoder_job job = new_job();
    struct decoder_report report = variant_report(0);
    assert_int_equal(give_variant(&job, &report), ERROR_DECODER_CRASHED); /* before the picture */
    job = new_job();
    report = picture_report();
    assert_int_equal(give(&job, &report, -1), ERROR_NONE);
    report = variant_report(0);
    assert_int_equal(give_variant(&job, &report), ERROR_NONE);
    assert_int_equal(give_variant(&job, &report), ERROR_DECODER_CRASHED); /* twice */
}

/* What is looked at must not change or shrink under the eye. */
static void only_a_sealed_file_of_the_format_is_mapped(void **state) {
    (void)state;
    char html[BYTES] = "<html><script>alert(1)</script";
    _cleanup_(closep) int wrong_format = memory_file(html, BYTES);
    _cleanup_(closep) int unsealable = memfd_create("x", MFD_CLOEXEC);
    _cleanup_(closep) int mapped = memory_file(webp, BYTES);
    _cleanup_(closep) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    assert_int_equal(write(unsealable, webp, BYTES), BYTES);
    void *window = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, mapped, 0);
    assert_ptr_not_equal(window, MAP_FAILED);
    const int descriptors[] = {-1, wrong_format, unsealable, mapped, null};
    for (size_t i = 0; i < sizeof descriptors / sizeof descriptors[0]; i++) {
        struct decoder_job job = new_job();
        struct decoder_report report = picture_report();
        assert_int_equal(give(&job, &report, -1), ERROR_NONE);
        report = variant_report(0);
        assert_int_equal(give(&job, &report, descriptors[i]), ERROR_DECODER_CRASHED);
        assert_int_equal(taken, 0);
    }
    munmap(window, BYTES);
    struct decoder_job job = new_job();
    struct decoder_report report = picture_report();
    _cleanup_(closep) int good = memory_file(webp, BYTES);
    assert_int_equal(give(&job, &report, -1), ERROR_NONE);
    report = variant_report(0);
    assert_int_equal(give(&job, &report, good), ERROR_NONE);
    assert_int_equal(write(good, "x", 1), -1);
    assert_int_equal(errno, EPERM);
}

static void an_end_needs_all_that_comes_before(void **state) {
    (void)state;
    struct decoder_job job = new_job();
    struct decoder_report report = done_report();
    struct picture picture;
    struct error err = {0};
    assert_int_equal(give(&job, &report, -1), ERROR_DECODER_CRASHED);
    job = new_job();
    report = picture_report();
    assert_int_equal(give(&job, &report, -1), ERROR_NONE);
    report = done_report();
    assert_int_equal(give(&job, &report, -1), ERROR_DECODER_CRASHED);
    job = new_job();
    options.variants.count = 0;
    report = picture_report();
    assert_int_equal(give(&job, &report, -1), ERROR_NONE);
    assert_false(decoder_job_finish(&job, &ended, &picture, &err));
    assert_int_equal(err.code, ERROR_DECODER_CRASHED);
    report = done_report();
    report.picture.thumbhash[3] = '"';
    assert_int_equal(give(&job, &report, -1), ERROR_DECODER_CRASHED);
    options.variants.count = 2;
}

static void other_messages_are_refused(void **state) {
    (void)state;
    struct decoder_report report = picture_report();
    struct error err = {0};
    for (size_t length = 0; length < sizeof report; length += 7) {
        struct decoder_job job = new_job();
        assert_false(decoder_job_take(&job, &report, length, -1, &err));
        assert_int_equal(err.code, ERROR_DECODER_CRASHED);
        assert_true(job.has_failed);
    }
    struct decoder_job job = new_job();
    report.kind = 0;
    assert_int_equal(give(&job, &report, -1), ERROR_DECODER_CRASHED);
    report.kind = UINT32_MAX;
    assert_int_equal(give(&job, &report, -1), ERROR_DECODER_CRASHED);
}

static void each_end_has_its_code(void **state) {
    (void)state;
    static const enum error_code codes[DECODER_OUTCOME_COUNT + 1] = {
        [DECODER_ENDED] = ERROR_DECODER_CRASHED, /* without a result */
        [DECODER_OUT_OF_TIME] = ERROR_DECODER_TIMEOUT,   [DECODER_OUT_OF_MEMORY] = ERROR_DECODER_MEMORY,
        [DECODER_CRASH] = ERROR_DECODER_CRASHED,         [DECODER_BLOCKED_CALL] = ERROR_DECODER_BLOCKED,
        [DECODER_CANCELLED] = ERROR_DECODER_CRASHED,     [DECODER_NOT_RUN] = ERROR_INTERNAL,
        [DECODER_OUTCOME_COUNT] = ERROR_DECODER_CRASHED,
    };
    for (uint32_t outcome = 0; outcome <= DECODER_OUTCOME_COUNT; outcome++) {
        struct decoder_job job = new_job();
        struct picture picture;
        struct error err = {0};
        const struct decoder_end end = {.outcome = outcome};
        assert_false(decoder_job_finish(&job, &end, &picture, &err));
        assert_int_equal(err.code, codes[outcome]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_with_one_variant_goes_well),
        cmocka_unit_test(the_sinks_error_is_the_jobs),
        cmocka_unit_test(its_own_errors_are_taken),
        cmocka_unit_test(impossible_pictures_are_refused),
        cmocka_unit_test(impossible_variants_are_refused),
        cmocka_unit_test(only_a_sealed_file_of_the_format_is_mapped),
        cmocka_unit_test(an_end_needs_all_that_comes_before),
        cmocka_unit_test(other_messages_are_refused),
        cmocka_unit_test(each_end_has_its_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
