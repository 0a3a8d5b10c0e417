#include "tests/unit/vectors.h"

#include "common/encode.h"
#include "common/sigv4_signer.h"

#include <pthread.h>
#include <string.h>

enum { PAIRS_MAX = 24 };

static json_t *vectors;

/* [[name, value], …] as pairs. */
static size_t pairs_of(const json_t *list, struct sigv4_pair ret_pairs[PAIRS_MAX]) {
    size_t i = 0;
    json_t *pair = NULL;
    json_array_foreach (list, i, pair) {
        ret_pairs[i] =
            (struct sigv4_pair){json_string_value(json_array_get(pair, 0)), json_string_value(json_array_get(pair, 1))};
    }
    return json_array_size(list);
}

static struct sigv4_signer *signer_of(const json_t *test) {
    const struct sigv4_credentials credentials = {json_text(vectors, "access_key"), json_text(vectors, "secret_key"),
                                                  json_text(test, "token")};
    return sigv4_signer_new(&credentials, json_text(test, "region"), "s3");
}

struct vector {
    struct sigv4_pair query[PAIRS_MAX];
    struct sigv4_pair headers[PAIRS_MAX];
    struct sigv4_request request;
    char body_hash[SHA256_HEX_SIZE];
    char amz_date[CLOCK_AMZ_SIZE];
    int64_t now_ms;
};

static void load_vector(const json_t *test, struct vector *vector) {
    const char *body = json_text(test, "body");
    vector->now_ms = json_integer_value(json_object_get(vectors, "now_ms"));
    clock_format_amz(vector->now_ms, vector->amz_date);
    sha256_hex_of(body, strlen(body), vector->body_hash);
    vector->request = (struct sigv4_request){
        .method = json_text(test, "method"),
        .path = json_text(test, "path"),
        .query = vector->query,
        .query_count = pairs_of(json_object_get(test, "query"), vector->query),
        .headers = vector->headers,
        .header_count = pairs_of(json_object_get(test, "headers"), vector->headers),
        .payload_hash = SIGV4_UNSIGNED_PAYLOAD,
    };
    vector->headers[vector->request.header_count++] = (struct sigv4_pair){"Host", "s3.example.com"};
}

static void test_query_form_agrees_with_botocore(void **state) {
    (void)state;
    size_t i = 0;
    json_t *test = NULL;
    json_array_foreach (json_object_get(vectors, "cases"), i, test) {
        struct vector vector = {0};
        load_vector(test, &vector);
        _cleanup_(sigv4_signer_freep) struct sigv4_signer *signer = signer_of(test);
        _cleanup_(buf_free) struct buf url = {0};
        buf_append_text(&url, "https://s3.example.com");
        sigv4_path(vector.request.path, false, &url);
        buf_append_char(&url, '?');
        sigv4_presign(signer, &vector.request, vector.now_ms, json_integer_value(json_object_get(test, "expires_s")),
                      &url);
        assert_string_equal(url.data, json_text(test, "url"));
    }
    assert_true(i >= 200);
}

static void test_header_form_agrees_with_botocore(void **state) {
    (void)state;
    size_t i = 0;
    json_t *test = NULL;
    json_array_foreach (json_object_get(vectors, "cases"), i, test) {
        struct vector vector = {0};
        load_vector(test, &vector);
        _cleanup_(sigv4_signer_freep) struct sigv4_signer *signer = signer_of(test);
        _cleanup_(buf_free) struct buf canonical = {0};
        _cleanup_(buf_free) struct buf text = {0};
        _cleanup_(buf_free) struct buf authorization = {0};
        vector.request.payload_hash = vector.body_hash;
        vector.headers[vector.request.header_count++] = (struct sigv4_pair){"x-amz-date", vector.amz_date};
        vector.headers[vector.request.header_count++] = (struct sigv4_pair){"X-Amz-Content-SHA256", vector.body_hash};
        if (sigv4_session_token(signer) != NULL) {
            vector.headers[vector.request.header_count++] =
                (struct sigv4_pair){"x-amz-security-token", sigv4_session_token(signer)};
        }
        sigv4_canonical_request(&vector.request, &canonical);
        sigv4_string_to_sign(vector.amz_date, json_text(test, "region"), "s3", canonical.data, canonical.length, &text);
        assert_string_equal(text.data, json_text(test, "string_to_sign"));
        sigv4_authorization(signer, &vector.request, vector.now_ms, &authorization);
        assert_string_equal(authorization.data, json_text(test, "authorization"));
    }
}

/* The signature that a signer gives at a time, without a cached key. */
static void fresh_signature(const char *region, int64_t now_ms, char ret_signature[SHA256_HEX_SIZE]) {
    unsigned char key[SHA256_SIZE];
    char amz_date[CLOCK_AMZ_SIZE];
    clock_format_amz(now_ms, amz_date);
    sigv4_signing_key("secret", amz_date, region, "s3", key);
    sigv4_signature(key, "policy", 6, ret_signature);
}

static void test_key_follows_the_day(void **state) {
    (void)state;
    const struct sigv4_credentials credentials = {"access", "secret", ""};
    _cleanup_(sigv4_signer_freep) struct sigv4_signer *signer = sigv4_signer_new(&credentials, "r", "s3");
    const int64_t midnight_ms = 1795132800000; /* 2026-11-20T00:00:00Z */
    const int64_t times[] = {midnight_ms - 1, midnight_ms, midnight_ms + 86399999, midnight_ms - 1, midnight_ms};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char expected[SHA256_HEX_SIZE];
        char signature[SHA256_HEX_SIZE];
        fresh_signature("r", times[i], expected);
        sigv4_sign_policy(signer, "policy", 6, times[i], signature);
        assert_string_equal(signature, expected);
    }
    assert_null(sigv4_session_token(signer));
}

static void *sign_often(void *context) {
    struct sigv4_signer *signer = context;
    size_t wrong = 0;
    for (int64_t i = 0; i < 2000; i++) {
        char expected[SHA256_HEX_SIZE];
        char signature[SHA256_HEX_SIZE];
        int64_t now_ms = 1795132800000 + i % 3 * 86400000;
        sigv4_sign_policy(signer, "policy", 6, now_ms, signature);
        fresh_signature("r", now_ms, expected);
        wrong += strcmp(signature, expected) != 0;
    }
    return (void *)wrong;
}

static void test_threads_may_share_a_signer(void **state) {
    (void)state;
    const struct sigv4_credentials credentials = {"access", "secret", NULL};
    _cleanup_(sigv4_signer_freep) struct sigv4_signer *signer = sigv4_signer_new(&credentials, "r", "s3");
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, sign_often, signer), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        void *wrong = NULL;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
}

static int load(void **state) {
    (void)state;
    vectors = read_json(TEST_VECTORS "/sigv4.json");
    return vectors == NULL;
}

static int unload(void **state) {
    (void)state;
    json_decref(vectors);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query_form_agrees_with_botocore),
        cmocka_unit_test(test_header_form_agrees_with_botocore),
        cmocka_unit_test(test_key_follows_the_day),
        cmocka_unit_test(test_threads_may_share_a_signer),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
