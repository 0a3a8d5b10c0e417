#include "common/s3_writer.h"
#include "tests/unit/common/fake_s3.h"
#include "tests/unit/vectors.h"

#include <signal.h>

enum { MIB = 1 << 20, LIMIT = 64 * MIB, PIECE = 1000003 };

#define CREATED                                                                                                        \
    FAKE_REPLY("200 OK", "86", "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>")
#define PART_TAKEN(etag) FAKE_REPLY("200 OK", "0\r\nETag: \"" etag "\"", "")
#define COMPLETED                                                                                                      \
    FAKE_REPLY("200 OK", "89",                                                                                         \
               "<CompleteMultipartUploadResult><ETag>&#34;e-3&#34;</ETag></CompleteMultipartUploadResult>")
#define BUSY FAKE_REPLY("503 Service Unavailable", "0", "")
#define CUT "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 89\r\n\r\n<Complete"
#define GONE FAKE_REPLY("204 No Content", "0", "")

static void the_part_size_grows_with_the_object(void **state) {
    (void)state;
    static const int64_t sizes[] = {0, 1, 5LL << 30, 48LL << 30, 5LL << 40};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int64_t part_bytes = s3_writer_part_bytes(sizes[i]);
        assert_true(part_bytes >= S3_PART_MIN_BYTES);
        assert_int_equal(part_bytes % MIB, 0);
        assert_true(part_bytes * S3_PARTS_MAX >= sizes[i]);
        assert_true(part_bytes == S3_PART_MIN_BYTES || (part_bytes - MIB) * S3_PARTS_MAX <= sizes[i]);
    }
    assert_int_equal(s3_writer_part_bytes(5LL << 30), S3_PART_MIN_BYTES);
    assert_int_equal(s3_writer_memory(1000, 3), 1000);
    assert_int_equal(s3_writer_memory(5LL << 30, 1), 2 * S3_PART_MIN_BYTES);
    assert_int_equal(s3_writer_memory(5LL << 30, 3), 4 * S3_PART_MIN_BYTES);
}

static struct s3_writer *writer_of(struct fake_s3 *store, int64_t max_bytes) {
    const struct s3_writer_options options = {
        .clients = &store->client,
        .client_count = 1,
        .key = "staging/k",
        .content_type = "image/png",
        .max_bytes = max_bytes,
    };
    return s3_writer_new(&options);
}

/* Bytes that tell their place, in pieces that fit no part. */
static bool write_many(struct s3_writer *writer, size_t length, struct error *err) {
    _cleanup_(freep) char *bytes = malloc(PIECE);
    for (size_t at = 0; at < length; at += PIECE) {
        size_t piece = length - at < PIECE ? length - at : PIECE;
        for (size_t i = 0; i < piece; i++) {
            bytes[i] = (char)('a' + (at + i) / MIB % 26);
        }
        if (!s3_writer_write(writer, bytes, piece, err)) {
            return false;
        }
    }
    return true;
}

static void what_fits_into_a_part_is_put_whole(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 5, S3_PART_MIN_BYTES};
    static const char *const answers[] = {PART_TAKEN("whole"), PART_TAKEN("whole"), PART_TAKEN("whole"), NULL};
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        unsigned char sha256[SHA256_SIZE] = {0};
        struct s3_object object = {0};
        _cleanup_(s3_writer_freep) struct s3_writer *writer = writer_of(&store, LIMIT);
        assert_true(write_many(writer, lengths[i], &store.err));
        assert_true(s3_writer_finish(writer, sha256, &object, &store.err));
        assert_int_equal(object.size, lengths[i]);
        assert_string_equal(object.etag, "whole");
    }
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "PUT /uploads/staging/k HTTP"), 3);
    assert_int_equal(fake_s3_count(&store, "content-type: image/png\r\n"), 3);
    assert_int_equal(fake_s3_count(&store, "x-amz-checksum-sha256: AAAA"), 3);
    assert_int_equal(fake_s3_count(&store, "Content-Length: 5242880\r\n"), 1);
    fake_server_free(&store.server);
}

/* One byte more than two parts. */
static void a_longer_one_goes_in_parts(void **state) {
    (void)state;
    static const char *const answers[] = {CREATED,          PART_TAKEN("p1"), PART_TAKEN("p2"),
                                          PART_TAKEN("p3"), COMPLETED,        NULL};
    struct fake_s3 store;
    struct s3_object object = {0};
    fake_s3_start(&store, answers);
    struct s3_writer *writer = writer_of(&store, LIMIT);
    assert_true(write_many(writer, 2 * S3_PART_MIN_BYTES + 1, &store.err));
    assert_true(s3_writer_finish(writer, NULL, &object, &store.err));
    s3_writer_free(writer);
    assert_int_equal(object.size, 2 * S3_PART_MIN_BYTES + 1);
    assert_string_equal(object.etag, "e-3");
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "POST /uploads/staging/k?uploads= HTTP"), 1);
    assert_int_equal(fake_s3_count(&store, "?partNumber=1&uploadId=u1 HTTP"), 1);
    assert_int_equal(fake_s3_count(&store, "?partNumber=3&uploadId=u1 HTTP"), 1);
    assert_int_equal(fake_s3_count(&store, "\r\n\r\nk\n--\n"), 1); /* the third part's byte: of the tenth MiB */
    assert_int_equal(fake_s3_count(&store, "<Part><PartNumber>3</PartNumber><ETag>&#34;p3&#34;</ETag></Part>"), 1);
    assert_int_equal(fake_s3_count(&store, "DELETE"), 0);
    fake_server_free(&store.server);
}

static void a_part_that_fails_is_sent_again(void **state) {
    (void)state;
    static const char *const answers[] = {CREATED, BUSY, PART_TAKEN("p1"), PART_TAKEN("p2"), COMPLETED, NULL};
    struct fake_s3 store;
    fake_s3_start_with(&store, answers, "us-east-1", 2);
    struct s3_writer *writer = writer_of(&store, LIMIT);
    assert_true(write_many(writer, S3_PART_MIN_BYTES + 1, &store.err));
    assert_true(s3_writer_finish(writer, NULL, NULL, &store.err));
    s3_writer_free(writer);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "?partNumber=1&uploadId=u1 HTTP"), 2);
    fake_server_free(&store.server);
}

/* By whatever call the writer learns of it. */
static void a_failure_leaves_nothing(void **state) {
    (void)state;
    static const char *const answers[] = {CREATED, BUSY, GONE, NULL};
    for (size_t parts = 1; parts <= 4; parts++) {
        struct fake_s3 store;
        fake_s3_start(&store, answers);
        struct s3_writer *writer = writer_of(&store, LIMIT);
        assert_false(write_many(writer, parts * S3_PART_MIN_BYTES + 1, &store.err) &&
                     s3_writer_finish(writer, NULL, NULL, &store.err));
        assert_int_equal(store.err.code, ERROR_STORE_UNAVAILABLE);
        s3_writer_free(writer);
        fake_s3_stop(&store);
        assert_int_equal(fake_s3_count(&store, "DELETE /uploads/staging/k?uploadId=u1 HTTP"), 1);
        assert_int_equal(fake_s3_count(&store, "?partNumber="), 1);
        fake_server_free(&store.server);
    }
}

static void what_is_given_up_leaves_nothing(void **state) {
    (void)state;
    static const char *const answers[] = {CREATED, PART_TAKEN("p1"), GONE, NULL};
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    s3_writer_free(NULL);
    s3_writer_free(writer_of(&store, LIMIT));
    struct s3_writer *small = writer_of(&store, LIMIT);
    assert_true(write_many(small, 1000, &store.err));
    s3_writer_free(small); /* nothing was sent of it */
    struct s3_writer *large = writer_of(&store, LIMIT);
    assert_true(write_many(large, S3_PART_MIN_BYTES + 1, &store.err));
    s3_writer_free(large);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "POST "), 1);
    assert_int_equal(fake_s3_count(&store, "PUT /uploads/staging/k HTTP"), 0);
    assert_int_equal(fake_s3_count(&store, "DELETE /uploads/staging/k?uploadId=u1 HTTP"), 1);
    fake_server_free(&store.server);
}

static void a_put_that_fails_may_have_arrived(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_CLOSE, GONE, NULL};
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    struct s3_writer *writer = writer_of(&store, LIMIT);
    assert_true(write_many(writer, 1000, &store.err));
    assert_false(s3_writer_finish(writer, NULL, NULL, &store.err));
    s3_writer_free(writer);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "DELETE /uploads/staging/k HTTP"), 1);
    fake_server_free(&store.server);
}

static void a_completion_whose_answer_was_lost_counts(void **state) {
    (void)state;
    static const char *const sizes[] = {FAKE_REPLY("200 OK", "5242881\r\nETag: \"e-2\"", ""),
                                        FAKE_REPLY("200 OK", "7\r\nETag: \"e-2\"", "")};
    for (size_t i = 0; i < 2; i++) {
        const char *const answers[] = {CREATED, PART_TAKEN("p1"), PART_TAKEN("p2"), CUT, sizes[i], GONE, GONE, NULL};
        struct s3_object object = {0};
        struct fake_s3 store;
        fake_s3_start(&store, answers);
        struct s3_writer *writer = writer_of(&store, LIMIT);
        assert_true(write_many(writer, S3_PART_MIN_BYTES + 1, &store.err));
        assert_int_equal(s3_writer_finish(writer, NULL, &object, &store.err), i == 0);
        s3_writer_free(writer);
        assert_string_equal(object.etag, i == 0 ? "e-2" : "");
        fake_s3_stop(&store);
        assert_int_equal(fake_s3_count(&store, "DELETE"), i == 0 ? 0 : 2);
        fake_server_free(&store.server);
    }
}

static void the_length_is_bounded(void **state) {
    (void)state;
    static const char *const answers[] = {PART_TAKEN("e"), NULL};
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    struct s3_writer *writer = writer_of(&store, 10);
    assert_true(s3_writer_write(writer, "0123456789", 10, &store.err));
    assert_false(s3_writer_write(writer, "x", 1, &store.err));
    assert_int_equal(store.err.code, ERROR_FILE_TOO_LARGE);
    s3_writer_free(writer);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "HTTP"), 0);
    fake_server_free(&store.server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_part_size_grows_with_the_object),
        cmocka_unit_test(what_fits_into_a_part_is_put_whole),
        cmocka_unit_test(a_longer_one_goes_in_parts),
        cmocka_unit_test(a_part_that_fails_is_sent_again),
        cmocka_unit_test(a_failure_leaves_nothing),
        cmocka_unit_test(what_is_given_up_leaves_nothing),
        cmocka_unit_test(a_put_that_fails_may_have_arrived),
        cmocka_unit_test(a_completion_whose_answer_was_lost_counts),
        cmocka_unit_test(the_length_is_bounded),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
