#include "api/jwt.h"
#include "common/clock.h"
#include "common/xalloc.h"
#include "tests/unit/api/token.h"
#include "tests/unit/vectors.h"

#define HS256 "{\"alg\":\"HS256\"}"
#define NOW_MS 1000000000
#define GOOD_CLAIMS "{\"sub\":\"alice\",\"exp\":1000600,\"scope\":\"read\"}"

static struct config settings(const char *secret, const char *jwks_file) {
    return (struct config){.jwt_secret = (char *)secret,
                           .jwt_jwks_file = (char *)jwks_file,
                           .jwt_audience = (char *)"",
                           .jwt_issuer = (char *)"",
                           .jwt_leeway_s = 30};
}

static bool check(struct jwt *jwt, const char *token, struct jwt_claims *claims) {
    struct error err = {0};
    bool is_good = jwt_check(jwt, token, NOW_MS, claims, &err);
    assert_true(is_good || err.code == ERROR_UNAUTHORIZED);
    return is_good;
}

static bool header_holds(const char *header) {
    struct error err = {0};
    struct jwt_header read;
    _cleanup_(freep) char *token = token_make(header, "{}", TOKEN_SECRET);
    bool is_good = jwt_header_read(token, &read, &err);
    assert_true(is_good || err.code == ERROR_UNAUTHORIZED);
    return is_good;
}

static void headers_that_are_refused(void **state) {
    (void)state;
    _cleanup_(json_freep) json_t *cases = read_json(TEST_VECTORS "/jwt/headers_refused.json");
    assert_true(json_array_size(cases) > 20);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        if (header_holds(json_text(json_array_get(cases, i), "header"))) {
            fail_msg("%s", json_text(json_array_get(cases, i), "why"));
        }
    }
}

static void headers_that_are_taken(void **state) {
    (void)state;
    static const char *const good[] = {
        HS256,
        "{\"alg\":\"RS256\",\"kid\":\"\"}",
        "{\"typ\":\"jwt\",\"alg\":\"ES256\",\"kid\":\"../../etc/passwd\"}", /* a name of a key, and of nothing else */
        "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"jku\":\"https://evil.example/"
        "\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(header_holds(good[i]));
    }
    for (int length = JWT_KID_MAX; length <= JWT_KID_MAX + 1; length++) {
        char header[300];
        snprintf(header, sizeof header, "{\"alg\":\"HS256\",\"kid\":\"%0*d\"}", length, 0);
        assert_int_equal(header_holds(header), length == JWT_KID_MAX);
    }
}

static void a_token_has_three_parts(void **state) {
    (void)state;
    struct error err = {0};
    struct jwt_header header;
    static const char *const wrong[] = {
        "",
        ".",
        "..",
        "eyJhbGciOiJIUzI1NiJ9",
        "eyJhbGciOiJIUzI1NiJ9.",
        "eyJhbGciOiJIUzI1NiJ9..",
        "eyJhbGciOiJIUzI1NiJ9.e30",
        "eyJhbGciOiJIUzI1NiJ9.e30.",
        "eyJhbGciOiJIUzI1NiJ9..AAAA",
        ".e30.AAAA",
        "eyJhbGciOiJIUzI1NiJ9.e30.AAAA.",
        "eyJhbGciOiJIUzI1NiJ9.e30.AAAA.AAAA.AAAA",
        "eyJhbGciOiJIUzI1NiJ9.e30.AAAA=",
        "eyJhbGciOiJIUzI1NiJ9=.e30.AAAA",
        "eyJhbGciOiJIUzI1NiJ9.e30.AA+A",
        "eyJhbGciOiJIUzI1NiJ9.e30.AA AA",
        "eyJhbGciOiJIUzI1NiJ9.e30AA.AAAA", /* no length that base64url has */
        "eyJhbGciOiJIUzI1NiJ9.e30.AAAAA",
        "eyJhbGciOiJIUzI1NiJ9A.e30.AAAA",
        "eyJhbGciOiJIUzI1NiJ9.e3.AAAA",
        "eyJhbGciOiJIUzI1NiJ.e30.AAAA", /* bits are left over */
        "eyJhbGciOiJIUzI1NiJ9.e30.AAAA\n",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(jwt_header_read(wrong[i], &header, &err));
        assert_int_equal(err.code, ERROR_UNAUTHORIZED);
    }
    assert_true(jwt_header_read("eyJhbGciOiJIUzI1NiJ9.e30.AAAA", &header, &err));
    assert_int_equal(header.algorithm, JWT_HS256);
    assert_false(header.has_kid);
}

static void a_token_may_be_so_long(void **state) {
    (void)state;
    struct error err = {0};
    struct jwt_header header;
    static const char head[] = "eyJhbGciOiJIUzI1NiJ9.e30.";
    for (size_t length = JWT_TOKEN_MAX; length <= JWT_TOKEN_MAX + 1; length++) {
        _cleanup_(freep) char *token = xcalloc(1, length + 1);
        memset(token, 'A', length);
        memcpy(token, head, sizeof head - 1);
        assert_int_equal(jwt_header_read(token, &header, &err), length == JWT_TOKEN_MAX);
    }
}

static void a_signed_token_is_taken(void **state) {
    (void)state;
    struct error err = {0};
    struct jwt_claims claims;
    const struct config config = settings(TOKEN_SECRET, "");
    _cleanup_(jwt_freep) struct jwt *jwt = NULL;
    assert_true(jwt_new(&config, &jwt, &err));
    _cleanup_(freep) char *good = token_make(HS256, GOOD_CLAIMS, TOKEN_SECRET);
    assert_true(check(jwt, good, &claims));
    assert_string_equal(claims.subject, "alice");
    assert_int_equal(claims.scopes, SCOPE_READ);
    _cleanup_(freep) char *forged = token_make(HS256, GOOD_CLAIMS, "another secret of thirty-two bytes");
    assert_false(check(jwt, forged, &claims));
    _cleanup_(freep) char *expired = token_make(HS256, "{\"sub\":\"alice\",\"exp\":999000}", TOKEN_SECRET);
    assert_false(check(jwt, expired, &claims));
    _cleanup_(freep) char *unsigned_one = token_make("{\"alg\":\"none\"}", GOOD_CLAIMS, TOKEN_SECRET);
    assert_false(check(jwt, unsigned_one, &claims));
    _cleanup_(freep) char *mislabelled = token_make("{\"alg\":\"RS256\"}", GOOD_CLAIMS, TOKEN_SECRET);
    assert_false(check(jwt, mislabelled, &claims));
}

static void without_keys_there_are_no_tokens(void **state) {
    (void)state;
    struct error err = {0};
    const struct config none = settings("", "");
    struct jwt *jwt = NULL;
    assert_true(jwt_new(&none, &jwt, &err));
    assert_null(jwt);
    const struct config short_secret = settings("secret", "");
    assert_false(jwt_new(&short_secret, &jwt, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    const struct config no_file = settings("", "/nonexistent/jwks.json");
    assert_false(jwt_new(&no_file, &jwt, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
}

static void write_set(const char *path, const char *kid) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"%s\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}",
            kid);
    fclose(file);
}

static bool is_taken_in_time(struct jwt *jwt, const char *token, bool wanted) {
    struct jwt_claims claims;
    for (int64_t end_ms = clock_monotonic_ms() + 5000; clock_monotonic_ms() < end_ms; clock_sleep_ms(50)) {
        if (check(jwt, token, &claims) == wanted) {
            return true;
        }
    }
    return false;
}

static void keys_are_read_again_when_their_file_changes(void **state) {
    (void)state;
    struct error err = {0};
    char path[] = "/tmp/sluice-test-jwks-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    write_set(path, "one");
    const struct config config = settings("", path);
    _cleanup_(jwt_freep) struct jwt *jwt = NULL;
    assert_true(jwt_new(&config, &jwt, &err));
    _cleanup_(freep) char *one = token_make("{\"alg\":\"HS256\",\"kid\":\"one\"}", GOOD_CLAIMS, TOKEN_SECRET);
    _cleanup_(freep) char *three = token_make("{\"alg\":\"HS256\",\"kid\":\"three\"}", GOOD_CLAIMS, TOKEN_SECRET);
    assert_true(is_taken_in_time(jwt, one, true));
    assert_true(is_taken_in_time(jwt, three, false));
    write_set(path, "three");
    assert_true(is_taken_in_time(jwt, three, true));
    assert_true(is_taken_in_time(jwt, one, false));
    FILE *broken = fopen(path, "we");
    fputs("{", broken);
    fclose(broken);
    clock_sleep_ms(1200);
    assert_true(is_taken_in_time(jwt, three, true)); /* the keys of before */
    assert_int_equal(unlink(path), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_that_are_refused),
        cmocka_unit_test(headers_that_are_taken),
        cmocka_unit_test(a_token_has_three_parts),
        cmocka_unit_test(a_token_may_be_so_long),
        cmocka_unit_test(a_signed_token_is_taken),
        cmocka_unit_test(without_keys_there_are_no_tokens),
        cmocka_unit_test(keys_are_read_again_when_their_file_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
