#include "api/jwt_claims.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { NOW_S = 1000000, LEEWAY_S = 30 };

static const struct jwt_rules any = {.audience = "", .issuer = "", .leeway_s = LEEWAY_S};
static const struct jwt_rules strict = {.audience = "sluice", .issuer = "https://id.example", .leeway_s = LEEWAY_S};

static bool claims_of(const char *json, const struct jwt_rules *rules, struct jwt_claims *claims) {
    struct error err = {0};
    bool is_good = jwt_claims_read(json, strlen(json), rules, NOW_S, claims, &err);
    assert_true(is_good || err.code == ERROR_UNAUTHORIZED);
    return is_good;
}

static bool holds(const char *json, const struct jwt_rules *rules) {
    struct jwt_claims claims;
    return claims_of(json, rules, &claims);
}

static void what_a_good_token_says(void **state) {
    (void)state;
    struct jwt_claims claims;
    assert_true(
        claims_of("{\"sub\":\"al\xc3\xafx\",\"exp\":1000600,\"scope\":\"openid read  upload reader\",\"more\":[1]}",
                  &any, &claims));
    assert_string_equal(claims.subject, "al\xc3\xafx");
    assert_int_equal(claims.scopes, SCOPE_READ | SCOPE_UPLOAD);
    assert_int_equal(claims.expires_at_s, 1000600);
    assert_true(claims_of("{\"sub\":\"a\",\"exp\":1000600.75,\"iat\":999999.5,\"scope\":\"admin\"}", &any, &claims));
    assert_int_equal(claims.expires_at_s, 1000600);
    assert_int_equal(claims.scopes, SCOPE_ADMIN);
    assert_true(claims_of("{\"sub\":\"a\",\"exp\":1000600}", &any, &claims));
    assert_int_equal(claims.scopes, 0);
    assert_true(claims_of("{\"sub\":\"a\",\"exp\":1000600,\"scope\":\"upload,read\"}", &any, &claims));
    assert_int_equal(claims.scopes, 0);
}

static void times_are_kept_to_the_second(void **state) {
    (void)state;
    static const struct {
        const char *claims;
        bool holds;
    } cases[] = {
        {"\"exp\":999971", true},
        {"\"exp\":999970", false}, /* with the leeway it ends now */
        {"\"exp\":1", false},
        {"\"exp\":0", false},
        {"\"exp\":-1", false},
        {"\"nbf\":1", false}, /* without an end */
        {"\"exp\":null", false},
        {"\"exp\":\"1000600\"", false},
        {"\"exp\":true", false},
        {"\"exp\":[1000600]", false},
        {"\"exp\":1e300", false},
        {"\"exp\":9223372036854775807", false},
        {"\"exp\":253402300799", true},
        {"\"exp\":1000600,\"nbf\":1000030", true},
        {"\"exp\":1000600,\"nbf\":1000031", false},
        {"\"exp\":1000600,\"nbf\":\"0\"", false},
        {"\"exp\":1000600,\"nbf\":-5", false},
        {"\"exp\":1000600,\"iat\":1000030", true},
        {"\"exp\":1000600,\"iat\":1000031", false},
        {"\"exp\":1000600,\"iat\":{}", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char json[200];
        snprintf(json, sizeof json, "{\"sub\":\"a\",%s}", cases[i].claims);
        if (holds(json, &any) != cases[i].holds) {
            fail_msg("%s", json);
        }
    }
}

static void audience_and_issuer_count_when_they_are_set(void **state) {
    (void)state;
    static const struct {
        const char *claims;
        bool holds;
    } cases[] = {
        {"\"aud\":\"sluice\",\"iss\":\"https://id.example\"", true},
        {"\"aud\":[\"other\",\"sluice\"],\"iss\":\"https://id.example\"", true},
        {"\"aud\":\"Sluice\",\"iss\":\"https://id.example\"", false},
        {"\"aud\":\"sluice2\",\"iss\":\"https://id.example\"", false},
        {"\"aud\":[],\"iss\":\"https://id.example\"", false},
        {"\"aud\":[1,[\"sluice\"],{\"sluice\":1}],\"iss\":\"https://id.example\"", false},
        {"\"aud\":{\"sluice\":true},\"iss\":\"https://id.example\"", false},
        {"\"iss\":\"https://id.example\"", false},
        {"\"aud\":\"sluice\"", false},
        {"\"aud\":\"sluice\",\"iss\":\"https://id.example/\"", false},
        {"\"aud\":\"sluice\",\"iss\":[\"https://id.example\"]", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char json[200];
        snprintf(json, sizeof json, "{\"sub\":\"a\",\"exp\":1000600,%s}", cases[i].claims);
        if (holds(json, &strict) != cases[i].holds) {
            fail_msg("%s", json);
        }
        assert_true(holds(json, &any));
    }
}

static void a_subject_must_be_able_to_be_an_owner(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "null",         "1",        "true",        "[\"a\"]",     "{\"a\":1}",   "\"\"",
        "\"a\\u0000\"", "\"a\\n\"", "\"\\u007f\"", "\"\\u0085\"", "\"\\u009f\"", "\"\xff\"",
    };
    char json[800];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(json, sizeof json, "{\"exp\":1000600,\"sub\":%s}", wrong[i]);
        assert_false(holds(json, &any));
    }
    assert_false(holds("{\"exp\":1000600}", &any));
    for (int length = 255; length <= 256; length++) {
        snprintf(json, sizeof json, "{\"exp\":1000600,\"sub\":\"%0*d\"}", length, 0);
        assert_int_equal(holds(json, &any), length == 255);
    }
    assert_true(holds("{\"exp\":1000600,\"sub\":\"auth0|5f7c\\u00e4 ' ../x\"}", &any));
}

static void claims_that_are_no_object_or_come_twice(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        "null",
        "[]",
        "\"sub\"",
        "{\"sub\":\"a\",\"exp\":1000600}x",
        "{\"sub\":\"a\",\"exp\":1000600,\"sub\":\"b\"}",
        "{\"sub\":\"a\",\"exp\":1,\"exp\":1000600}",
        "{\"sub\":\"a\",\"exp\":1000600,\"scope\":[\"read\"]}",
        "{\"sub\":\"a\",\"exp\":1000600,\"scope\":7}",
        "{\"sub\":\"a\",\"exp\":1000600,\"x\":[[[[[[[[1]]]]]]]]}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(holds(wrong[i], &any));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_good_token_says),
        cmocka_unit_test(times_are_kept_to_the_second),
        cmocka_unit_test(audience_and_issuer_count_when_they_are_set),
        cmocka_unit_test(a_subject_must_be_able_to_be_an_owner),
        cmocka_unit_test(claims_that_are_no_object_or_come_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
