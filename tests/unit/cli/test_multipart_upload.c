#include "cli/multipart_upload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MEBIBYTE = 1 << 20 };

static void small_files_have_parts_of_16_mib(void **state) {
    (void)state;
    assert_int_equal(multipart_part_size(0), 16 * MEBIBYTE);
    assert_int_equal(multipart_part_size(1), 16 * MEBIBYTE);
    assert_int_equal(multipart_part_size(INT64_C(160000) * MEBIBYTE), 16 * MEBIBYTE);
}

static void parts_grow_so_that_10000_are_enough(void **state) {
    (void)state;
    const int64_t sizes[] = {INT64_C(160000) * MEBIBYTE + 1, INT64_C(1) << 40, INT64_C(5) << 40};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int64_t part = multipart_part_size(sizes[i]);
        assert_int_equal(part % MEBIBYTE, 0);
        assert_true((sizes[i] + part - 1) / part <= 10000);
        assert_true((sizes[i] + part - MEBIBYTE - 1) / (part - MEBIBYTE) > 10000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_files_have_parts_of_16_mib),
        cmocka_unit_test(parts_grow_so_that_10000_are_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
