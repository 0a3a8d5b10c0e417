#include "processor/settle_assets.h"

#include "../common/fake_s3.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FIRST "0190a000-0000-7000-8000-00000000000a"
#define SECOND "0190a000-0000-7000-8000-00000000000b"
#define DELETED FAKE_XML("200 OK", "<DeleteResult></DeleteResult>")

static char kind[] = "asset";
static char ordinary[] = "file";
static char filename[] = "a";
static char first_key[] = "staging/" FIRST "/a";
static char second_key[] = "staging/" SECOND "/a";
static const struct file_job first = {
    .file_id = FIRST, .kind = kind, .filename = filename, .object_key = first_key, .attempts = 1};
static const struct file_job second = {
    .file_id = SECOND, .kind = kind, .filename = filename, .object_key = second_key, .attempts = 1};
static const struct file_job plain = {.file_id = FIRST, .kind = ordinary};

static void only_finished_assets_count(void **state) {
    (void)state;
    struct job_result result = {.outcome = {.job = &plain, .event = FILE_FINISH}};
    assert_false(settle_assets_any(&result, 0));
    assert_false(settle_assets_any(&result, 1));
    result.outcome.job = &first;
    assert_true(settle_assets_any(&result, 1));
    result.outcome.event = FILE_REJECT;
    assert_false(settle_assets_any(&result, 1));
}

/* Ordinary files cost neither a statement nor a request more: both connections would be called for. */
static void nothing_is_asked_for_other_files(void **state) {
    (void)state;
    struct step_tools tools = {0};
    struct error err = {0};
    const bool held[] = {true};
    struct job_result result = {.outcome = {.job = &plain, .event = FILE_FINISH}};
    assert_true(settle_assets_hold(NULL, &result, 1, &err));
    assert_true(settle_assets_finish(NULL, &result, 1, held, &err));
    settle_assets_clear(&tools, &result, 1, held);
}

static void staged_objects_go_in_one_request(void **state) {
    (void)state;
    struct fake_s3 store;
    fake_s3_start(&store, (const char *const[]){DELETED, NULL});
    struct step_tools tools = {.store = store.client};
    const bool held[] = {true, true};
    const struct job_result results[] = {
        {.outcome = {.job = &first, .event = FILE_FINISH}},
        {.outcome = {.job = &second, .event = FILE_FINISH}, .holder = FIRST},
    };
    settle_assets_clear(&tools, results, 2, held);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "<Key>staging/" FIRST "/a</Key>"), 1);
    assert_int_equal(fake_s3_count(&store, "<Key>assets/" FIRST "/a</Key>"), 0);
    assert_int_equal(fake_s3_count(&store, "<Key>staging/" SECOND "/a</Key>"), 1);
    assert_int_equal(fake_s3_count(&store, "<Key>assets/" SECOND "/a</Key>"), 1); /* of an attempt before */
    fake_server_free(&store.server);
}

/* Their record names the album's object from the start: nothing but that one key is to go. */
static void a_photo_of_a_batch_leaves_its_staged_object(void **state) {
    (void)state;
    struct fake_s3 store;
    fake_s3_start(&store, (const char *const[]){FAKE_REPLY("204 No Content", "0", ""), NULL});
    struct step_tools tools = {.store = store.client};
    char media[] = "media";
    char album_key[] = "albums/x/media/a";
    const struct file_job photo = {
        .file_id = FIRST, .kind = media, .filename = filename, .object_key = album_key, .staged_key = first_key};
    const bool held[] = {true, false, true};
    const struct job_result results[] = {
        {.outcome = {.job = &photo, .event = FILE_FINISH}},
        {.outcome = {.job = &photo, .event = FILE_FINISH}},
        {.outcome = {.job = &photo, .event = FILE_REJECT}}, /* a retry needs it */
    };
    assert_false(settle_assets_any(results, 3));
    settle_assets_clear(&tools, results, 3, held);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "DELETE /uploads/staging/" FIRST "/a HTTP"), 1);
    fake_server_free(&store.server);
}

/* Another worker has it now, and may need what was staged. */
static void what_was_lost_is_left_alone(void **state) {
    (void)state;
    struct step_tools tools = {0};
    const bool held[] = {false};
    const struct job_result result = {.outcome = {.job = &first, .event = FILE_FINISH}};
    settle_assets_clear(&tools, &result, 1, held);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_finished_assets_count),
        cmocka_unit_test(nothing_is_asked_for_other_files),
        cmocka_unit_test(staged_objects_go_in_one_request),
        cmocka_unit_test(a_photo_of_a_batch_leaves_its_staged_object),
        cmocka_unit_test(what_was_lost_is_left_alone),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
