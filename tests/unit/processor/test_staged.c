#include "processor/staged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ID "0190a000-0000-7000-8000-00000000000a"

static char asset[] = "asset";
static char media[] = "media";
static char filename[] = "a b.jpg";
static char staged_key[] = "staging/" ID "/a_b.jpg";
static char album_key[] = "albums/x/media/" ID "-a_b.jpg";

static void an_asset_lies_where_its_record_says_and_moves(void **state) {
    (void)state;
    const struct file_job job = {.file_id = ID, .kind = asset, .filename = filename, .object_key = staged_key};
    _cleanup_(buf_free) struct buf key = {0};
    assert_true(staged_is(&job));
    assert_string_equal(staged_source(&job), staged_key);
    staged_append_final(&key, &job);
    assert_string_equal(buf_text(&key), "assets/" ID "/a_b.jpg");
}

static void a_photo_of_a_batch_moves_to_where_its_record_says(void **state) {
    (void)state;
    const struct file_job job = {
        .file_id = ID, .kind = media, .filename = filename, .object_key = album_key, .staged_key = staged_key};
    _cleanup_(buf_free) struct buf key = {0};
    assert_true(staged_is(&job));
    assert_string_equal(staged_source(&job), staged_key);
    staged_append_final(&key, &job);
    assert_string_equal(buf_text(&key), album_key);
}

static void other_files_stay_where_they_are(void **state) {
    (void)state;
    const struct file_job job = {.file_id = ID, .kind = media, .filename = filename, .object_key = album_key};
    assert_false(staged_is(&job));
    assert_string_equal(staged_source(&job), album_key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_asset_lies_where_its_record_says_and_moves),
        cmocka_unit_test(a_photo_of_a_batch_moves_to_where_its_record_says),
        cmocka_unit_test(other_files_stay_where_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
