#include "processor/steps.h"

#include "../common/fake_s3.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ID "0190a000-0000-7000-8000-00000000000a"
#define COPIED FAKE_XML("200 OK", "<CopyObjectResult><ETag>&quot;e2&quot;</ETag></CopyObjectResult>")
#define BUCKET FAKE_REPLY("200 OK", "0", "")

static char kind[] = "asset";

static enum step_result promote(struct fake_s3 *store, const char *const *answers, char *filename,
                                char etag[S3_ETAG_SIZE], struct error *err) {
    char key[] = "staging/" ID "/a";
    fake_s3_start(store, answers);
    struct step_tools tools = {.store = store->client};
    const struct file_job job = {.file_id = ID, .kind = kind, .filename = filename, .object_key = key};
    struct work work = {.job = &job, .tools = &tools, .size = 3, .etag = "e1", .detected_type = "text/plain"};
    enum step_result result = step_promote(&work, err);
    snprintf(etag, S3_ETAG_SIZE, "%s", work.etag);
    fake_s3_stop(store);
    return result;
}

static void the_copy_says_what_it_is(void **state) {
    (void)state;
    struct fake_s3 store;
    struct error err = {0};
    char filename[] = "a b.txt";
    char etag[S3_ETAG_SIZE];
    assert_int_equal(promote(&store, (const char *const[]){COPIED, NULL}, filename, etag, &err), STEP_DONE);
    assert_string_equal(etag, "e2");
    static const char *const parts[] = {
        "PUT /uploads/assets/" ID "/a_b.txt ",
        "x-amz-copy-source: /uploads/staging/" ID "/a\r\n",
        "x-amz-copy-source-if-match: \"e1\"\r\n",
        "content-type: text/plain\r\n",
        "content-disposition: attachment; filename=\"a b.txt\"\r\n",
        "x-amz-meta-filename: a%20b.txt\r\n",
        "x-amz-meta-asset-id: " ID "\r\n",
        "x-amz-meta-sha256: 0000000000000000000000000000000000000000000000000000000000000000\r\n",
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        assert_int_equal(fake_s3_count(&store, parts[i]), 1);
    }
    fake_server_free(&store.server);
}

static void a_photo_of_a_batch_comes_into_its_album(void **state) {
    (void)state;
    struct fake_s3 store;
    struct error err = {0};
    char media[] = "media";
    char filename[] = "a.jpg";
    char staged_key[] = "staging/" ID "/a.jpg";
    char album_key[] = "albums/x/media/" ID "-a.jpg";
    fake_s3_start(&store, (const char *const[]){COPIED, NULL});
    struct step_tools tools = {.store = store.client};
    const struct file_job job = {
        .file_id = ID, .kind = media, .filename = filename, .object_key = album_key, .staged_key = staged_key};
    struct work work = {.job = &job, .tools = &tools, .size = 3, .etag = "e1", .detected_type = "image/jpeg"};
    assert_true(step_promote_applies(&work));
    assert_int_equal(step_promote(&work, &err), STEP_DONE);
    assert_string_equal(work.etag, "e2");
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "PUT /uploads/albums/x/media/" ID "-a.jpg "), 1);
    assert_int_equal(fake_s3_count(&store, "x-amz-copy-source: /uploads/staging/" ID "/a.jpg\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "x-amz-meta-media-id: " ID "\r\n"), 1);
    fake_server_free(&store.server);
}

static void a_source_that_changed_is_read_again(void **state) {
    (void)state;
    struct fake_s3 store;
    struct error err = {0};
    char filename[] = "a";
    char etag[S3_ETAG_SIZE];
    static const char *const answers[] = {FAKE_ERROR("412 Precondition Failed", "PreconditionFailed"), NULL};
    assert_int_equal(promote(&store, answers, filename, etag, &err), STEP_RETRY);
    assert_string_equal(etag, "e1");
    fake_server_free(&store.server);
}

static void a_source_that_is_gone_is_final(void **state) {
    (void)state;
    struct fake_s3 store;
    struct error err = {0};
    char filename[] = "a";
    char etag[S3_ETAG_SIZE];
    static const char *const answers[] = {FAKE_ERROR("404 Not Found", "NoSuchKey"), BUCKET,
                                          FAKE_REPLY("404 Not Found", "0", ""), NULL};
    assert_int_equal(promote(&store, answers, filename, etag, &err), STEP_REJECT);
    assert_int_equal(err.code, ERROR_OBJECT_GONE);
    fake_server_free(&store.server);
}

static void a_store_that_is_down_is_waited_for(void **state) {
    (void)state;
    struct fake_s3 store;
    struct error err = {0};
    char filename[] = "a";
    char etag[S3_ETAG_SIZE];
    static const char *const answers[] = {FAKE_ERROR("503 Slow Down", "SlowDown"), NULL};
    assert_int_equal(promote(&store, answers, filename, etag, &err), STEP_RETRY);
    assert_int_equal(err.code, ERROR_STORE_UNAVAILABLE);
    fake_server_free(&store.server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_copy_says_what_it_is),
        cmocka_unit_test(a_photo_of_a_batch_comes_into_its_album),
        cmocka_unit_test(a_source_that_changed_is_read_again),
        cmocka_unit_test(a_source_that_is_gone_is_final),
        cmocka_unit_test(a_store_that_is_down_is_waited_for),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
