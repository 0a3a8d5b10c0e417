#include "api/auth.h"
#include "common/xalloc.h"
#include "tests/unit/api/exchange.h"
#include "tests/unit/api/token.h"

static void a_bearer_token_is_found(void **state) {
    (void)state;
    assert_string_equal(auth_bearer("Bearer abc"), "abc");
    assert_string_equal(auth_bearer("bearer   abc"), "abc");
    static const char *const wrong[] = {NULL,        "",           "Bearer",    "Bearer ",
                                        "Basic abc", "Bearer a b", "Bearerabc", " Bearer abc"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_null(auth_bearer(wrong[i]));
    }
}

static void scopes_are_read_from_their_list(void **state) {
    (void)state;
    assert_int_equal(auth_scopes("upload,read"), SCOPE_UPLOAD | SCOPE_READ);
    assert_int_equal(auth_scopes("admin"), SCOPE_ADMIN);
    assert_int_equal(auth_scopes(""), SCOPE_NONE);
    assert_int_equal(auth_scopes("reads,rea,,events,none"), SCOPE_NONE);
}

static struct auth *made_on(struct db_pool *database, const char *mode, const char *listen, const char *events_key,
                            struct error *err) {
    static struct config config; /* stays as long as each of them */
    config = (struct config){.auth = (char *)mode,
                             .listen = (char *)listen,
                             .events_key = (char *)events_key,
                             .jwt_secret = (char *)TOKEN_SECRET,
                             .jwt_jwks_file = (char *)"",
                             .jwt_audience = (char *)"",
                             .jwt_issuer = (char *)"",
                             .quota_bytes = 77,
                             .rate_limit = 66};
    struct auth *auth = NULL;
    return auth_new(&config, database, &auth, err) ? auth : NULL;
}

static struct auth *made(const char *mode, const char *listen, const char *events_key, struct error *err) {
    return made_on(NULL, mode, listen, events_key, err);
}

static bool check(struct auth *auth, const char *authorization, enum scope scope, struct request *request,
                  struct error *err) {
    struct http_header header = {"Authorization", authorization};
    *request = (struct request){.headers = &header, .header_count = authorization == NULL ? 0 : 1};
    return auth_check(auth, request, scope, err);
}

static void no_auth_is_for_loopback_only(void **state) {
    (void)state;
    struct error error = {0};
    assert_null(made("none", "0.0.0.0:8080", "", &error));
    assert_int_equal(error.code, ERROR_CONFIG);
    _cleanup_(auth_freep) struct auth *open = made("required", "0.0.0.0:8080", "", &error);
    assert_non_null(open);
    _cleanup_(auth_freep) struct auth *local = made("none", "127.0.0.1:8080", "", &error);
    assert_non_null(local);
    struct request request;
    assert_true(check(local, NULL, SCOPE_ADMIN, &request, &error));
    assert_string_equal(request.principal.owner_id, "dev");
    assert_int_equal(request.principal.quota.max_bytes, 77);
    assert_int_equal(request.principal.quota.max_pending, 0);
    assert_int_equal(request.principal.rate_limit, 66);
}

static void a_key_is_required_and_must_look_like_one(void **state) {
    (void)state;
    struct error error = {0};
    _cleanup_(auth_freep) struct auth *auth = made("required", "127.0.0.1:8080", "", &error);
    struct request request;
    assert_true(check(auth, NULL, SCOPE_NONE, &request, &error));
    static const char *const wrong[] = {NULL, "Bearer x", "Basic x", "Bearer sluice_short"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(check(auth, wrong[i], SCOPE_READ, &request, &error));
        assert_int_equal(error.code, ERROR_UNAUTHORIZED);
        bool has_token = i % 2 == 1; /* nobody is told that a token is wrong who sent none */
        assert_true((request.response.challenge != NULL) == has_token);
    }
}

/* A token that is good goes on to the database, for the limits of its owner; all others end before it. */
static void tokens_are_looked_at_before_their_owner(void **state) {
    (void)state;
    struct error error = {0};
    _cleanup_(db_pool_freep) struct db_pool *none =
        db_pool_new("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2", "test", 1, 1000);
    _cleanup_(auth_freep) struct auth *auth = made_on(none, "required", "127.0.0.1:8080", "", &error);
    static const struct {
        const char *header, *claims, *secret;
        enum error_code code;
    } cases[] = {
        {"{\"alg\":\"HS256\"}", "{\"sub\":\"a\",\"exp\":9999999999}", TOKEN_SECRET, ERROR_DATABASE_UNAVAILABLE},
        {"{\"alg\":\"HS256\"}", "{\"sub\":\"a\",\"exp\":1}", TOKEN_SECRET, ERROR_UNAUTHORIZED},
        {"{\"alg\":\"HS256\"}", "{\"sub\":\"a\",\"exp\":9999999999}", "another one, as long as that",
         ERROR_UNAUTHORIZED},
        {"{\"alg\":\"none\"}", "{\"sub\":\"a\",\"exp\":9999999999}", TOKEN_SECRET, ERROR_UNAUTHORIZED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request request;
        _cleanup_(freep) char *token = token_make(cases[i].header, cases[i].claims, cases[i].secret);
        _cleanup_(freep) char *header = xasprintf("Bearer %s", token);
        assert_false(check(auth, header, SCOPE_READ, &request, &error));
        assert_int_equal(error.code, cases[i].code);
        assert_string_equal(request.principal.owner_id, "");
    }
}

static struct request admin_request(struct http_header *headers, size_t count) {
    return (struct request){.is_admin = true, .headers = headers, .header_count = count};
}

static void admin_pages_ask_for_a_key_or_a_session(void **state) {
    (void)state;
    struct config config = {.auth = (char *)"required",
                            .listen = (char *)"127.0.0.1:8080",
                            .events_key = (char *)"",
                            .admin_cookie_secure = (char *)"auto"};
    struct error error = {0};
    struct auth *made_auth = NULL;
    assert_true(auth_new(&config, NULL, &made_auth, &error));
    _cleanup_(auth_freep) struct auth *auth = made_auth;
    assert_true(auth_is_required(auth));
    struct http_header headers[] = {
        {"Host", "localhost"}, {"Cookie", "sluice_admin=short"}, {"Authorization", "Bearer x"}};
    for (size_t count = 1; count <= 3; count++) {
        struct request request = admin_request(headers, count);
        assert_false(auth_check(auth, &request, SCOPE_ADMIN, &error));
        assert_int_equal(error.code, ERROR_UNAUTHORIZED);
    }
    struct principal principal;
    assert_false(auth_log_in(auth, "no key", &principal, &error));
    assert_int_equal(error.code, ERROR_UNAUTHORIZED);
}

static void without_logins_browsers_still_need_a_token(void **state) {
    (void)state;
    struct error error = {0};
    _cleanup_(auth_freep) struct auth *local = made("none", "127.0.0.1:8080", "", &error);
    struct http_header headers[] = {{"Host", "127.0.0.1:8080"}, {"Origin", "http://127.0.0.1:8080"}};
    struct request program = admin_request(headers, 1);
    assert_true(auth_check(local, &program, SCOPE_ADMIN, &error));
    assert_false(program.csrf_needed);
    assert_int_equal(strlen(program.csrf_token), CSRF_TOKEN_SIZE - 1);
    struct request browser = admin_request(headers, 2);
    assert_true(auth_check(local, &browser, SCOPE_ADMIN, &error));
    assert_true(browser.csrf_needed);
    assert_string_equal(browser.csrf_token, program.csrf_token);
    headers[0].value = "evil.example:8080";
    assert_false(auth_check(local, &browser, SCOPE_ADMIN, &error));
    assert_int_equal(error.code, ERROR_FORBIDDEN);
}

static void the_events_route_is_closed_without_its_key(void **state) {
    (void)state;
    struct error error = {0};
    _cleanup_(auth_freep) struct auth *closed = made("none", "127.0.0.1:8080", "", &error);
    struct request request;
    assert_false(check(closed, "Bearer ", SCOPE_EVENTS, &request, &error));
    assert_int_equal(error.code, ERROR_FORBIDDEN);
    _cleanup_(auth_freep) struct auth *open = made("none", "127.0.0.1:8080", "key", &error);
    assert_false(check(open, NULL, SCOPE_EVENTS, &request, &error));
    assert_int_equal(error.code, ERROR_UNAUTHORIZED);
    assert_true(check(open, "Bearer key", SCOPE_EVENTS, &request, &error));
}

/* As an HTTP client makes it of http://events:key@host/. */
static void the_events_key_may_come_as_basic(void **state) {
    (void)state;
    struct error error = {0};
    _cleanup_(auth_freep) struct auth *open = made("none", "127.0.0.1:8080", "key", &error);
    struct request request;
    assert_true(check(open, "Basic ZXZlbnRzOmtleQ==", SCOPE_EVENTS, &request, &error));
    assert_false(check(open, "Basic ZXZlbnRzOmtleX==", SCOPE_EVENTS, &request, &error));
    assert_false(check(open, "Basic a2V5", SCOPE_EVENTS, &request, &error));
    _cleanup_(auth_freep) struct auth *closed = made("none", "127.0.0.1:8080", "", &error);
    assert_false(check(closed, "Basic ZXZlbnRzOg==", SCOPE_EVENTS, &request, &error));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bearer_token_is_found),
        cmocka_unit_test(scopes_are_read_from_their_list),
        cmocka_unit_test(no_auth_is_for_loopback_only),
        cmocka_unit_test(a_key_is_required_and_must_look_like_one),
        cmocka_unit_test(tokens_are_looked_at_before_their_owner),
        cmocka_unit_test(admin_pages_ask_for_a_key_or_a_session),
        cmocka_unit_test(without_logins_browsers_still_need_a_token),
        cmocka_unit_test(the_events_route_is_closed_without_its_key),
        cmocka_unit_test(the_events_key_may_come_as_basic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
