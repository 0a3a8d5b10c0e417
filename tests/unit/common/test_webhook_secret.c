#include "tests/unit/vectors.h"

#include "common/webhook_secret.h"

#include <string.h>

static const char endpoint_id[] = "01a1f94e-2f62-7be1-aa0a-b163f5cce02f";

/* The first two are those that the implementations of Standard Webhooks test themselves with. */
static void signatures_are_those_of_the_standard(void **state) {
    (void)state;
    _cleanup_(json_freep) json_t *vectors = read_json(TEST_VECTORS "/webhooks.json");
    assert_int_equal(json_array_size(vectors), 4);
    for (size_t i = 0; i < json_array_size(vectors); i++) {
        const json_t *vector = json_array_get(vectors, i);
        const char *body = json_text(vector, "body");
        _cleanup_(buf_free) struct buf signatures = {0};
        assert_true(webhook_sign(json_text(vector, "secret"), json_text(vector, "id"),
                                 json_integer_value(json_object_get(vector, "timestamp")), body, strlen(body),
                                 &signatures));
        assert_string_equal(buf_text(&signatures), json_text(vector, "signature"));
    }
}

static void two_secrets_sign_one_after_the_other(void **state) {
    (void)state;
    char one[WEBHOOK_SECRET_SIZE];
    char two[WEBHOOK_SECRET_SIZE];
    webhook_secret_new(one);
    webhook_secret_new(two);
    assert_string_not_equal(one, two);
    assert_int_equal(strlen(one), WEBHOOK_SECRET_SIZE - 1);
    _cleanup_(buf_free) struct buf signatures = {0};
    assert_true(webhook_sign(one, "evt_1", 1, "{}", 2, &signatures));
    size_t length = signatures.length;
    assert_true(webhook_sign(two, "evt_1", 1, "{}", 2, &signatures));
    assert_int_equal(signatures.length, 2 * length + 1);
    assert_memory_equal(signatures.data + length, " v1,", 4);
    assert_false(webhook_sign("whsec_short", "evt_1", 1, "{}", 2, &signatures));
    assert_false(webhook_sign("", "evt_1", 1, "{}", 2, &signatures));
}

static void expect_unusable(const char *stored, const char *key, const char *id) {
    char secret[WEBHOOK_SECRET_SIZE];
    struct error err = {0};
    assert_false(webhook_secret_open(stored, key, id, secret, &err));
    assert_int_equal(err.code, ERROR_WEBHOOK_SECRET_UNUSABLE);
}

static void a_sealed_secret_needs_its_key_and_its_endpoint(void **state) {
    (void)state;
    char secret[WEBHOOK_SECRET_SIZE];
    char opened[WEBHOOK_SECRET_SIZE];
    char stored[WEBHOOK_SEALED_SIZE];
    char again[WEBHOOK_SEALED_SIZE];
    struct error err = {0};
    webhook_secret_new(secret);
    webhook_secret_seal(secret, "master", endpoint_id, stored);
    webhook_secret_seal(secret, "master", endpoint_id, again);
    assert_string_not_equal(stored, again);
    assert_null(strstr(stored, secret + strlen("whsec_")));
    assert_true(webhook_secret_open(stored, "master", endpoint_id, opened, &err));
    assert_string_equal(opened, secret);
    expect_unusable(stored, "Master", endpoint_id);
    expect_unusable(stored, "", endpoint_id);
    expect_unusable(stored, "master", "01a1f94e-2f62-7be1-aa0a-b163f5cce02e");
    stored[20] = stored[20] == 'A' ? 'B' : 'A';
    expect_unusable(stored, "master", endpoint_id);
    expect_unusable("", "master", endpoint_id);
    expect_unusable("sealed1:", "master", endpoint_id);
}

static void without_a_key_secrets_are_stored_as_they_are(void **state) {
    (void)state;
    char secret[WEBHOOK_SECRET_SIZE];
    char opened[WEBHOOK_SECRET_SIZE];
    char stored[WEBHOOK_SEALED_SIZE];
    struct error err = {0};
    webhook_secret_new(secret);
    webhook_secret_seal(secret, "", endpoint_id, stored);
    assert_string_equal(stored, secret);
    assert_true(webhook_secret_open(stored, "a key that was set later", endpoint_id, opened, &err));
    assert_string_equal(opened, secret);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_of_the_standard),
        cmocka_unit_test(two_secrets_sign_one_after_the_other),
        cmocka_unit_test(a_sealed_secret_needs_its_key_and_its_endpoint),
        cmocka_unit_test(without_a_key_secrets_are_stored_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
