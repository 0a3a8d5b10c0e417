#include "tests/unit/vectors.h"

#include "common/encode.h"
#include "common/s3_presign.h"

#include <string.h>

enum { POLICY_MAX = 4096, METADATA_MAX = 4 };

static json_t *vectors;

static int64_t number(const json_t *test, const char *name) {
    return json_integer_value(json_object_get(test, name));
}

/* An absent size is -1. */
static int64_t size_of_case(const json_t *test) {
    return json_object_get(test, "size") == NULL ? -1 : number(test, "size");
}

static const unsigned char *sha256_of_case(const json_t *test, unsigned char ret_sha256[SHA256_SIZE]) {
    const char *text = json_text(test, "sha256");
    if (text == NULL) {
        return NULL;
    }
    assert_true(decode_base64(text, ret_sha256, SHA256_SIZE));
    return ret_sha256;
}

/* The members of "metadata" as fields with a prefix before their names; the caller frees the names. */
static size_t metadata_of_case(const json_t *test, const char *prefix, struct s3_field ret_fields[METADATA_MAX]) {
    size_t count = 0;
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach (json_object_get(test, "metadata"), name, value) {
        char text[64];
        snprintf(text, sizeof text, "%s%s", prefix, name);
        ret_fields[count++] = (struct s3_field){strdup(text), json_string_value(value)};
    }
    return count;
}

static void free_metadata(struct s3_field *fields, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free((void *)(uintptr_t)fields[i].name);
    }
}

static struct s3_presign *presign_of(const json_t *test) {
    const json_t *store = json_object_get(json_object_get(vectors, "stores"), json_text(test, "store"));
    const struct s3_config config = {
        .endpoint = json_text(store, "endpoint"),
        .region = json_text(store, "region"),
        .bucket = json_text(vectors, "bucket"),
        .access_key = json_text(vectors, "access_key"),
        .secret_key = json_text(vectors, "secret_key"),
        .session_token = json_text(store, "token"),
        .path_style = json_is_true(json_object_get(store, "path_style")),
    };
    struct s3_presign *presign = NULL;
    struct error err = {0};
    if (!s3_presign_new(&config, &presign, &err)) {
        fail_msg("%s", err.message);
    }
    return presign;
}

static const char *field(const struct s3_signed *request, const char *name) {
    for (size_t i = 0; i < request->field_count; i++) {
        if (strcmp(request->fields[i].name, name) == 0) {
            return request->fields[i].value;
        }
    }
    return NULL;
}

static void sign_get(struct s3_presign *presign, const json_t *test, int64_t now_ms, struct s3_signed *ret_signed) {
    const struct s3_presign_get get = {
        .key = json_text(test, "key"),
        .version_id = json_text(test, "version_id"),
        .response_content_type = json_text(test, "response_content_type"),
        .response_content_disposition = json_text(test, "response_content_disposition"),
        .response_cache_control = json_text(test, "response_cache_control"),
        .expires_s = number(test, "expires_s"),
    };
    s3_presign_get(presign, &get, now_ms, ret_signed);
    assert_string_equal(ret_signed->method, "GET");
    assert_int_equal(ret_signed->field_count, 0);
}

static void sign_put(struct s3_presign *presign, const json_t *test, int64_t now_ms, struct s3_signed *ret_signed) {
    unsigned char sha256[SHA256_SIZE];
    struct s3_field metadata[METADATA_MAX];
    size_t metadata_count = metadata_of_case(test, "x-amz-meta-", metadata);
    const struct s3_presign_put put = {
        .key = json_text(test, "key"),
        .content_type = json_text(test, "content_type"),
        .size = size_of_case(test),
        .if_none_match = json_is_true(json_object_get(test, "if_none_match")),
        .sha256 = sha256_of_case(test, sha256),
        .headers = metadata,
        .header_count = metadata_count,
        .expires_s = number(test, "expires_s"),
    };
    s3_presign_put(presign, &put, now_ms, ret_signed);
    assert_string_equal(ret_signed->method, "PUT");
    if (put.content_type != NULL) {
        assert_string_equal(field(ret_signed, "Content-Type"), put.content_type);
    }
    assert_int_equal(field(ret_signed, "Content-Length") != NULL, put.size >= 0);
    assert_int_equal(field(ret_signed, "If-None-Match") != NULL, put.if_none_match);
    assert_int_equal(field(ret_signed, "x-amz-checksum-sha256") != NULL, put.sha256 != NULL);
    free_metadata(metadata, metadata_count);
}

static void sign_part(struct s3_presign *presign, const json_t *test, int64_t now_ms, struct s3_signed *ret_signed) {
    unsigned char sha256[SHA256_SIZE];
    const struct s3_presign_part part = {
        .key = json_text(test, "key"),
        .upload_id = json_text(test, "upload_id"),
        .part_number = (int)number(test, "part_number"),
        .size = size_of_case(test),
        .sha256 = sha256_of_case(test, sha256),
        .expires_s = number(test, "expires_s"),
    };
    s3_presign_part(presign, &part, now_ms, ret_signed);
}

/* The policy of a form; the length of its base64 text tells that of its JSON. */
static json_t *policy_of(const char *base64) {
    unsigned char json[POLICY_MAX];
    size_t length = strlen(base64);
    size_t padding = (base64[length - 1] == '=' ? 1U : 0U) + (base64[length - 2] == '=' ? 1U : 0U);
    size_t json_length = length / 4 * 3 - padding;
    struct error err = {0};
    json_t *policy = NULL;
    assert_true(json_length <= sizeof json && decode_base64(base64, json, json_length));
    assert_true(json_parse((const char *)json, json_length, JSON_MAX_DEPTH, &policy, &err));
    return policy;
}

static bool has_condition(const json_t *conditions, const json_t *wanted) {
    size_t i = 0;
    json_t *condition = NULL;
    json_array_foreach (conditions, i, condition) {
        if (json_equal(condition, wanted) != 0) {
            return true;
        }
    }
    return false;
}

/* Both policies demand the same; order and white space are free. */
static void expect_same_policy(const char *left_text, const char *right_text) {
    _cleanup_(json_freep) json_t *left = policy_of(left_text);
    _cleanup_(json_freep) json_t *right = policy_of(right_text);
    const json_t *conditions = json_object_get(left, "conditions");
    size_t i = 0;
    json_t *condition = NULL;
    assert_int_equal(json_array_size(conditions), json_array_size(json_object_get(right, "conditions")));
    json_array_foreach (conditions, i, condition) {
        if (!has_condition(json_object_get(right, "conditions"), condition)) {
            fail_msg("botocore has no condition %zu of %s", i, left_text);
        }
    }
    assert_int_equal(clock_parse(json_text(left, "expiration")), clock_parse(json_text(right, "expiration")));
}

static void sign_post(struct s3_presign *presign, const json_t *test, int64_t now_ms, struct s3_signed *ret_signed) {
    unsigned char sha256[SHA256_SIZE];
    struct s3_field metadata[METADATA_MAX];
    size_t metadata_count = metadata_of_case(test, "", metadata);
    const struct s3_presign_post post = {
        .key = json_text(test, "key"),
        .content_type = json_text(test, "content_type"),
        .size = size_of_case(test),
        .minimum_size = number(test, "minimum_size"),
        .maximum_size = number(test, "maximum_size"),
        .sha256 = sha256_of_case(test, sha256),
        .success_status = (int)number(test, "success_status"),
        .fields = metadata,
        .field_count = metadata_count,
        .expires_s = number(test, "expires_s"),
    };
    s3_presign_post(presign, &post, now_ms, ret_signed);
    free_metadata(metadata, metadata_count);
}

static void expect_form(const struct s3_signed *request, const json_t *test, int64_t now_ms) {
    const json_t *store = json_object_get(json_object_get(vectors, "stores"), json_text(test, "store"));
    json_t *fields = json_object_get(test, "fields");
    unsigned char key[SHA256_SIZE];
    char amz_date[CLOCK_AMZ_SIZE];
    char signature[SHA256_HEX_SIZE];
    const char *name = NULL;
    json_t *value = NULL;
    assert_int_equal(request->field_count, json_object_size(fields));
    json_object_foreach (fields, name, value) {
        assert_non_null(field(request, name));
        if (strcmp(name, "policy") != 0 && strcmp(name, "x-amz-signature") != 0) {
            assert_string_equal(field(request, name), json_string_value(value));
        }
    }
    const char *policy = field(request, "policy");
    expect_same_policy(policy, json_text(fields, "policy"));
    clock_format_amz(now_ms, amz_date);
    sigv4_signing_key(json_text(vectors, "secret_key"), amz_date, json_text(store, "region"), "s3", key);
    sigv4_signature(key, policy, strlen(policy), signature);
    assert_string_equal(field(request, "x-amz-signature"), signature);
    sigv4_signature(key, json_text(fields, "policy"), strlen(json_text(fields, "policy")), signature);
    assert_string_equal(json_text(fields, "x-amz-signature"), signature);
    assert_string_equal(request->fields[0].name, "key");
}

static void check_case(const json_t *test, int64_t now_ms) {
    _cleanup_(s3_presign_freep) struct s3_presign *presign = presign_of(test);
    _cleanup_(s3_signed_free) struct s3_signed request = {0};
    const char *kind = json_text(test, "kind");
    if (strcmp(kind, "get") == 0) {
        sign_get(presign, test, now_ms, &request);
    } else if (strcmp(kind, "put") == 0) {
        sign_put(presign, test, now_ms, &request);
    } else if (strcmp(kind, "part") == 0) {
        sign_part(presign, test, now_ms, &request);
    } else {
        sign_post(presign, test, now_ms, &request);
        expect_form(&request, test, now_ms);
    }
    assert_string_equal(request.url, json_text(test, "url"));
    assert_int_equal(request.expires_at_ms, now_ms + 1000 * number(test, "expires_s"));
}

static void test_agrees_with_botocore(void **state) {
    (void)state;
    size_t i = 0;
    json_t *test = NULL;
    json_array_foreach (json_object_get(vectors, "cases"), i, test) {
        check_case(test, number(vectors, "now_ms"));
    }
    assert_true(i >= 200);
}

static struct s3_presign *simple_presign(void) {
    const struct s3_config config = {.endpoint = "http://store:9000",
                                     .region = "us-east-1",
                                     .bucket = "uploads",
                                     .access_key = "access",
                                     .secret_key = "secret",
                                     .path_style = true};
    struct s3_presign *presign = NULL;
    assert_true(s3_presign_new(&config, &presign, NULL));
    return presign;
}

static void test_any_request_can_be_signed(void **state) {
    (void)state;
    _cleanup_(s3_presign_freep) struct s3_presign *presign = simple_presign();
    _cleanup_(s3_signed_free) struct s3_signed create = {0};
    _cleanup_(s3_signed_free) struct s3_signed list = {0};
    s3_presign_any(presign, "POST", "a b", (const struct s3_field[]){{"uploads", ""}}, 1, 60, 1999, &create);
    s3_presign_any(presign, "GET", NULL, NULL, 0, 60, 0, &list);
    assert_string_equal(create.method, "POST");
    assert_non_null(strstr(create.url, "http://store:9000/uploads/a%20b?X-Amz-Algorithm="));
    assert_non_null(strstr(create.url, "&uploads=&X-Amz-Signature="));
    assert_int_equal(create.expires_at_ms, 61000); /* the signature's time is 1 s, not 1.999 */
    assert_non_null(strstr(list.url, "http://store:9000/uploads?X-Amz-Algorithm="));
}

static void test_too_many_metadata_are_left_out(void **state) {
    (void)state;
    _cleanup_(s3_presign_freep) struct s3_presign *presign = simple_presign();
    _cleanup_(s3_signed_free) struct s3_signed request = {0};
    struct s3_field metadata[S3_PRESIGN_METADATA_MAX + 5];
    for (size_t i = 0; i < sizeof metadata / sizeof metadata[0]; i++) {
        metadata[i] = (struct s3_field){"x-amz-meta-a", "b"};
    }
    const struct s3_presign_put put = {.key = "k",
                                       .size = -1,
                                       .headers = metadata,
                                       .header_count = sizeof metadata / sizeof metadata[0],
                                       .expires_s = 1};
    s3_presign_put(presign, &put, 0, &request);
    assert_int_equal(request.field_count, S3_PRESIGN_METADATA_MAX);
}

static void test_bad_endpoint_is_refused(void **state) {
    (void)state;
    const struct s3_config config = {.endpoint = "ftp://x", .bucket = "uploads"};
    struct s3_presign *presign = NULL;
    struct error err = {0};
    assert_false(s3_presign_new(&config, &presign, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    s3_presign_free(NULL);
}

static int load(void **state) {
    (void)state;
    vectors = read_json(TEST_VECTORS "/presign.json");
    return vectors == NULL;
}

static int unload(void **state) {
    (void)state;
    json_decref(vectors);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees_with_botocore),
        cmocka_unit_test(test_any_request_can_be_signed),
        cmocka_unit_test(test_too_many_metadata_are_left_out),
        cmocka_unit_test(test_bad_endpoint_is_refused),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
