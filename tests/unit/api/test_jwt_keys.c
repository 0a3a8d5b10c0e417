#include "api/jwt_keys.h"
#include "common/xalloc.h"
#include "tests/unit/api/token.h"
#include "tests/unit/vectors.h"

static const char *const names[] = {"HS256", "RS256", "ES256"};

static struct jwt_keys *keys_of(const char *json) {
    struct error err = {0};
    struct jwt_keys *keys = jwt_keys_new();
    if (!jwt_keys_add_set(keys, json, strlen(json), &err)) {
        assert_int_equal(err.code, ERROR_CONFIG);
        jwt_keys_free(keys);
        return NULL;
    }
    return keys;
}

static struct jwt_keys *rfc_keys(void) {
    _cleanup_(buf_free) struct buf json = read_file(TEST_VECTORS "/jwt/jwks.json");
    struct jwt_keys *keys = keys_of(json.data);
    assert_non_null(keys);
    return keys;
}

static bool verify(const struct jwt_keys *keys, const char *kid, enum jwt_algorithm algorithm, const char *token) {
    struct error err = {0};
    _cleanup_(buf_free) struct buf payload = {0};
    bool is_good = jwt_keys_verify(keys, kid, algorithm, token, strlen(token), &payload, &err);
    assert_true(is_good || (err.code == ERROR_UNAUTHORIZED && payload.length == 0));
    assert_true(!is_good || payload.length > 0);
    return is_good;
}

static void algorithms_have_exact_names(void **state) {
    (void)state;
    enum jwt_algorithm algorithm = JWT_ALGORITHM_COUNT;
    for (enum jwt_algorithm i = JWT_HS256; i < JWT_ALGORITHM_COUNT; i++) {
        assert_true(jwt_algorithm_of(names[i], &algorithm));
        assert_int_equal(algorithm, i);
    }
    static const char *const wrong[] = {"", "none", "None", "hs256", "HS256 ", "HS2566", "HS512", "PS256", "EdDSA"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(jwt_algorithm_of(wrong[i], &algorithm));
    }
}

/* Each of the RFC's examples with each key and each algorithm: only its own do. */
static void examples_of_the_rfc_fit_their_keys_only(void **state) {
    (void)state;
    _cleanup_(jwt_keys_freep) struct jwt_keys *keys = rfc_keys();
    assert_int_equal(jwt_keys_count(keys), 3);
    _cleanup_(json_freep) json_t *tokens = read_json(TEST_VECTORS "/jwt/signed.json");
    assert_int_equal(json_array_size(tokens), 3);
    for (size_t i = 0; i < json_array_size(tokens); i++) {
        const json_t *entry = json_array_get(tokens, i);
        const char *token = json_text(entry, "token");
        for (size_t k = 0; k < json_array_size(tokens); k++) {
            const char *kid = json_text(json_array_get(tokens, k), "kid");
            for (enum jwt_algorithm a = JWT_HS256; a < JWT_ALGORITHM_COUNT; a++) {
                bool is_its_own = i == k && strcmp(names[a], json_text(entry, "algorithm")) == 0;
                assert_int_equal(verify(keys, kid, a, token), is_its_own);
            }
        }
        enum jwt_algorithm algorithm = JWT_HS256;
        assert_true(jwt_algorithm_of(json_text(entry, "algorithm"), &algorithm));
        assert_true(verify(keys, NULL, algorithm, token));
        assert_false(verify(keys, "unknown", algorithm, token));
        assert_false(verify(keys, "", algorithm, token));
    }
}

/* One bit of each part of the signature, and one of what is signed. */
static void a_changed_token_does_not_fit(void **state) {
    (void)state;
    _cleanup_(jwt_keys_freep) struct jwt_keys *keys = rfc_keys();
    _cleanup_(json_freep) json_t *tokens = read_json(TEST_VECTORS "/jwt/signed.json");
    for (size_t i = 0; i < json_array_size(tokens); i++) {
        const json_t *entry = json_array_get(tokens, i);
        enum jwt_algorithm algorithm = JWT_HS256;
        assert_true(jwt_algorithm_of(json_text(entry, "algorithm"), &algorithm));
        _cleanup_(freep) char *token = xstrdup(json_text(entry, "token"));
        size_t length = strlen(token);
        size_t signature = (size_t)(strrchr(token, '.') - token) + 1;
        const size_t places[] = {signature, (signature + length) / 2, length - 2, signature - 10};
        for (size_t k = 0; k < sizeof places / sizeof places[0]; k++) {
            char was = token[places[k]];
            token[places[k]] = was == 'A' ? 'B' : 'A';
            assert_false(verify(keys, json_text(entry, "kid"), algorithm, token));
            token[places[k]] = was;
        }
        token[signature] = '\0'; /* none at all */
        assert_false(verify(keys, json_text(entry, "kid"), algorithm, token));
    }
}

/* Signatures of zeros pass where the range of r and s is not looked at. */
static void zeros_are_no_signature(void **state) {
    (void)state;
    _cleanup_(jwt_keys_freep) struct jwt_keys *keys = rfc_keys();
    static const size_t lengths[JWT_ALGORITHM_COUNT] = {[JWT_HS256] = 32, [JWT_RS256] = 256, [JWT_ES256] = 64};
    for (enum jwt_algorithm a = JWT_HS256; a < JWT_ALGORITHM_COUNT; a++) {
        static const unsigned char zeros[256];
        _cleanup_(buf_free) struct buf token = {0};
        buf_printf(&token, "%s", "");
        char header[40];
        snprintf(header, sizeof header, "{\"alg\":\"%s\"}", names[a]);
        token_encode(&token, header, strlen(header));
        buf_append_text(&token, ".e30.");
        token_encode(&token, zeros, lengths[a]);
        assert_false(verify(keys, NULL, a, token.data));
    }
}

/* RFC 8725, section 2.1: a public key is no secret. */
static void the_public_key_is_no_secret(void **state) {
    (void)state;
    _cleanup_(jwt_keys_freep) struct jwt_keys *keys = rfc_keys();
    _cleanup_(json_freep) json_t *set = read_json(TEST_VECTORS "/jwt/jwks.json");
    const json_t *jwk = json_array_get(json_object_get(set, "keys"), 1);
    _cleanup_(freep) char *whole = json_to_text(jwk);
    const char *const secrets[] = {json_text(jwk, "n"), whole, ""};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        _cleanup_(freep) char *token =
            token_make("{\"alg\":\"HS256\",\"kid\":\"rfc7515-a2\"}", "{\"sub\":\"mallory\"}", secrets[i]);
        for (enum jwt_algorithm a = JWT_HS256; a < JWT_ALGORITHM_COUNT; a++) {
            assert_false(verify(keys, "rfc7515-a2", a, token));
            assert_false(verify(keys, NULL, a, token));
        }
    }
}

static void a_secret_serves_tokens_of_any_key_id_but_that_of_a_key(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(freep) char *token = token_make("{\"alg\":\"HS256\"}", "{}", TOKEN_SECRET);
    _cleanup_(jwt_keys_freep) struct jwt_keys *alone = jwt_keys_new();
    assert_true(jwt_keys_add_secret(alone, TOKEN_SECRET, &err));
    assert_true(verify(alone, NULL, JWT_HS256, token));
    assert_true(verify(alone, "whatever", JWT_HS256, token));
    assert_false(verify(alone, NULL, JWT_RS256, token));
    _cleanup_(jwt_keys_freep) struct jwt_keys *keys = rfc_keys();
    assert_true(jwt_keys_add_secret(keys, TOKEN_SECRET, &err));
    assert_int_equal(jwt_keys_count(keys), 4);
    assert_true(verify(keys, "whatever", JWT_HS256, token));
    assert_false(verify(keys, "rfc7515-a1", JWT_HS256, token));
    assert_false(verify(keys, "rfc7515-a2", JWT_HS256, token));
    assert_false(verify(keys, NULL, JWT_HS256, token)); /* two keys could be meant */
}

static void short_secrets_are_refused(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(jwt_keys_freep) struct jwt_keys *keys = jwt_keys_new();
    assert_false(jwt_keys_add_secret(keys, "0123456789abcdef0123456789abcde", &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_int_equal(jwt_keys_count(keys), 0);
}

static void sets_that_cannot_be_used_are_refused(void **state) {
    (void)state;
    static const char *const sets[] = {
        "",
        "no JSON",
        "{}",
        "[]",
        "{\"keys\":{}}",
        "{\"keys\":[]}",
        "{\"keys\":[1,null,\"x\",{}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2hvcnQ\"}]}",             /* weak */
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}", /* weak */
        "{\"keys\":[{\"kty\":\"RSA\"}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA6666666666666666666666666666666=666666666666666666666666666AA\"}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"A\"}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"\"}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":7}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}", /* on no curve */
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
        "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"y_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]"
        "}",
        "{\"keys\":[{\"kty\":\"oct\",\"use\":\"enc\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"alg\":\"HS512\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"alg\":1,\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"key_ops\":[\"sign\"],\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}",
    };
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        assert_null(keys_of(sets[i]));
    }
    _cleanup_(jwt_keys_freep) struct jwt_keys *good =
        keys_of("{\"keys\":[{\"kty\":\"oct\",\"alg\":\"HS256\",\"use\":\"sig\",\"key_ops\":[\"sign\",\"verify\"],"
                "\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}");
    assert_non_null(good);
    _cleanup_(freep) char *token = token_make("{\"alg\":\"HS256\"}", "{}", TOKEN_SECRET);
    assert_true(verify(good, NULL, JWT_HS256, token));
}

static void a_set_has_so_many_keys(void **state) {
    (void)state;
    for (int more = 0; more < 2; more++) {
        _cleanup_(buf_free) struct buf set = {0};
        buf_append_text(&set, "{\"keys\":[");
        for (int i = 0; i < JWT_KEYS_MAX + more; i++) {
            buf_printf(&set, "%s{\"kty\":\"oct\",\"kid\":\"%d\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}",
                       i == 0 ? "" : ",", i);
        }
        buf_append_text(&set, "]}");
        _cleanup_(jwt_keys_freep) struct jwt_keys *keys = keys_of(set.data);
        assert_true((keys == NULL) == (more == 1));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(algorithms_have_exact_names),
        cmocka_unit_test(examples_of_the_rfc_fit_their_keys_only),
        cmocka_unit_test(a_changed_token_does_not_fit),
        cmocka_unit_test(zeros_are_no_signature),
        cmocka_unit_test(the_public_key_is_no_secret),
        cmocka_unit_test(a_secret_serves_tokens_of_any_key_id_but_that_of_a_key),
        cmocka_unit_test(short_secrets_are_refused),
        cmocka_unit_test(sets_that_cannot_be_used_are_refused),
        cmocka_unit_test(a_set_has_so_many_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
