#include "processor/spool.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Where the spool's bytes are: a memfd's link in /proc says memfd. */
static void expect_place(const struct spool *spool, const char *wanted) {
    char link[64];
    char target[256] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", spool_descriptor(spool));
    assert_true(readlink(link, target, sizeof target - 1) > 0);
    assert_non_null(strstr(target, wanted));
}

static void expect_content(const struct spool *spool, const char *wanted) {
    char content[64] = "";
    assert_int_equal(spool_size(spool), strlen(wanted));
    assert_int_equal(pread(spool_descriptor(spool), content, sizeof content, 0), strlen(wanted));
    assert_string_equal(content, wanted);
}

static void small_pictures_stay_in_memory(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(spool_freep) struct spool *spool = spool_new("/nowhere", 8);
    assert_int_equal(spool_descriptor(spool), -1);
    assert_true(spool_write(spool, "1234", 4, &err));
    assert_true(spool_write(spool, "5678", 4, &err));
    expect_place(spool, "memfd:");
    expect_content(spool, "12345678");
}

static void larger_ones_move_to_a_file_without_a_name(void **state) {
    (void)state;
    struct error err = {0};
    char directory[] = "/tmp/test_spool.XXXXXX";
    assert_non_null(mkdtemp(directory));
    _cleanup_(spool_freep) struct spool *spool = spool_new(directory, 8);
    assert_true(spool_write(spool, "12345678", 8, &err));
    assert_true(spool_write(spool, "9", 1, &err));
    expect_place(spool, "(deleted)");
    expect_place(spool, directory);
    expect_content(spool, "123456789");
    assert_int_equal(rmdir(directory), 0); /* nothing is in it */
}

static void it_is_used_again(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(spool_freep) struct spool *spool = spool_new("/tmp", 4);
    assert_true(spool_write(spool, "12345678", 8, &err));
    spool_clear(spool);
    assert_int_equal(spool_descriptor(spool), -1);
    assert_int_equal(spool_size(spool), 0);
    assert_true(spool_write(spool, "abc", 3, &err));
    expect_place(spool, "memfd:");
    expect_content(spool, "abc");
}

/* May pass: somebody makes room. */
static void a_place_that_is_not_there_is_tried_again(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(spool_freep) struct spool *spool = spool_new("/nowhere", 4);
    assert_false(spool_write(spool, "12345678", 8, &err));
    assert_int_equal(err.code, ERROR_SPOOL_UNAVAILABLE);
    assert_int_equal(error_disposition(&err), TRANSIENT);
    assert_non_null(strstr(err.message, "/nowhere: No such file"));
}

static void a_full_disk_is_told(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(spool_freep) struct spool *spool = spool_new("/tmp", 0);
    assert_true(spool_write(spool, "1", 1, &err));
    assert_int_equal(dup2(open("/dev/full", O_RDWR | O_CLOEXEC), spool_descriptor(spool)), spool_descriptor(spool));
    assert_false(spool_write(spool, "2", 1, &err));
    assert_int_equal(err.code, ERROR_SPOOL_UNAVAILABLE);
    assert_non_null(strstr(err.message, "No space left"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_pictures_stay_in_memory),
        cmocka_unit_test(larger_ones_move_to_a_file_without_a_name),
        cmocka_unit_test(it_is_used_again),
        cmocka_unit_test(a_place_that_is_not_there_is_tried_again),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
