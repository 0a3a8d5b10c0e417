#include "api/admin_session.h"

#include "tests/unit/api/exchange.h"

#define TOKEN "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct request of_headers(struct http_header *headers) {
    struct request request = {.headers = headers};
    while (headers[request.header_count].name != NULL) {
        request.header_count++;
    }
    return request;
}

static bool is_secure(const char *mode, const char *host, const char *name, const char *value) {
    const struct config config = {.admin_cookie_secure = (char *)mode};
    struct http_header headers[] = {{"Host", host}, {name, value}, {NULL, NULL}};
    const struct request request = of_headers(headers);
    return admin_session_is_secure(&config, &request);
}

static void only_a_loopback_address_has_a_cookie_without_tls(void **state) {
    (void)state;
    assert_false(is_secure("auto", "127.0.0.1:8080", NULL, NULL));
    assert_false(is_secure("auto", "localhost", NULL, NULL));
    assert_false(is_secure("auto", "[::1]:8080", NULL, NULL));
    assert_true(is_secure("auto", "photos.example", NULL, NULL));
    assert_true(is_secure("auto", "192.0.2.1", NULL, NULL));
    assert_true(is_secure("auto", "localhost", "X-Forwarded-Proto", "https"));
    assert_true(is_secure("auto", "localhost", "Forwarded", "for=192.0.2.1;proto=https"));
    assert_false(is_secure("auto", "localhost", "X-Forwarded-Proto", "http"));
    const struct config own = {.admin_cookie_secure = (char *)"auto", .tls_cert_file = (char *)"cert.pem"};
    struct http_header local[] = {{"Host", "localhost"}, {NULL, NULL}};
    const struct request by_tls = of_headers(local);
    assert_true(admin_session_is_secure(&own, &by_tls));
    assert_true(is_secure("always", "localhost", NULL, NULL));
    assert_false(is_secure("never", "photos.example", "X-Forwarded-Proto", "https"));
}

static void expect_cookie(const char *host, const char *token, const char *expected) {
    const struct config config = {.admin_cookie_secure = (char *)"auto"};
    struct http_header headers[] = {{"Host", host}, {NULL, NULL}};
    const struct request request = of_headers(headers);
    _cleanup_(buf_free) struct buf cookie = {0};
    admin_session_cookie(&config, &request, token, &cookie);
    assert_string_equal(buf_text(&cookie), expected);
}

static void the_cookie_is_for_the_pages_only(void **state) {
    (void)state;
    expect_cookie("localhost", "abc", "sluice_admin=abc; Path=/admin; HttpOnly; SameSite=Strict");
    expect_cookie("photos.example", "abc", "__Secure-sluice_admin=abc; Path=/admin; HttpOnly; SameSite=Strict; Secure");
    expect_cookie("localhost", NULL, "sluice_admin=; Path=/admin; HttpOnly; SameSite=Strict; Max-Age=0");
}

static bool has_token(const char *host, const char *cookie) {
    const struct config config = {.admin_cookie_secure = (char *)"auto"};
    struct http_header headers[] = {{"Host", host}, {"Cookie", cookie}, {NULL, NULL}};
    const struct request request = of_headers(headers);
    char token[ADMIN_TOKEN_SIZE];
    return admin_session_token(&config, &request, token) && strcmp(token, TOKEN) == 0;
}

static void a_token_comes_in_the_right_cookie(void **state) {
    (void)state;
    assert_true(has_token("localhost", "sluice_admin=" TOKEN));
    assert_true(has_token("photos.example", "a=b; __Secure-sluice_admin=" TOKEN));
    assert_false(has_token("photos.example", "sluice_admin=" TOKEN));
    assert_false(has_token("localhost", "sluice_admin=" TOKEN "0"));
    assert_false(has_token("localhost", "sluice_admin=x" TOKEN));
    assert_false(has_token("localhost", "sluice_admin="));
    assert_false(has_token("localhost", "sluice_admin=" TOKEN "; sluice_admin=" TOKEN));
}

/* Without a cookie the database is not asked: here is none. */
static void without_a_cookie_nobody_is_known(void **state) {
    (void)state;
    const struct config config = {.admin_cookie_secure = (char *)"auto"};
    struct http_header headers[] = {{"Host", "localhost"}, {NULL, NULL}};
    struct request request = of_headers(headers);
    struct error error = {0};
    char *scopes = NULL;
    assert_false(admin_session_enter(NULL, &config, &request, &scopes, &error));
    assert_int_equal(error.code, ERROR_UNAUTHORIZED);
    assert_true(admin_session_drop(NULL, &config, &request, &error));
    assert_true(admin_session_end(NULL, &config, &request, &error));
    assert_non_null(strstr(buf_text(&request.response.headers), "Set-Cookie: sluice_admin=;"));
    buf_free(&request.response.headers);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_loopback_address_has_a_cookie_without_tls),
        cmocka_unit_test(the_cookie_is_for_the_pages_only),
        cmocka_unit_test(a_token_comes_in_the_right_cookie),
        cmocka_unit_test(without_a_cookie_nobody_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
