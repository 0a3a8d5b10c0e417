#include "api/auth.h"

#include "api/admin_session.h"
#include "api/csrf.h"
#include "api/jwt.h"
#include "api/quota.h"
#include "common/api_key.h"
#include "common/clock.h"
#include "common/encode.h"
#include "common/listen.h"
#include "common/xalloc.h"

#include <string.h>
#include <strings.h>

enum { POOL_TIMEOUT_MS = 3000 };

struct auth {
    const struct config *config;
    bool required;
    struct jwt *jwt;                  /* NULL: no tokens */
    char csrf_token[CSRF_TOKEN_SIZE]; /* of those who need no login */
    char *events_key;                 /* "": the events route is closed */
    char *events_basic; /* the same as an Authorization header, for stores whose webhook has nothing but a URL */
    struct db_pool *database;
    struct key_cache *cache;
};

/* What an HTTP client makes of http://events:KEY@host/events/s3 (RFC 7617). */
static char *basic_of(const char *events_key) {
    _cleanup_(buf_free) struct buf pair = {0};
    _cleanup_(buf_free) struct buf header = {0};
    buf_printf(&pair, "events:%s", events_key);
    buf_append_text(&header, "Basic ");
    encode_base64(&header, (const unsigned char *)pair.data, pair.length);
    return buf_take(&header);
}

bool auth_new(const struct config *config, struct db_pool *database, struct auth **ret_auth, struct error *err) {
    struct listen_address address;
    if (!listen_parse(config->listen, &address, err)) {
        return error_prefix(err, "SLUICE_LISTEN");
    }
    bool required = strcmp(config->auth, "required") == 0;
    if (!required && !address.is_loopback) {
        return error_set(err, ERROR_CONFIG, "SLUICE_AUTH=none needs SLUICE_LISTEN on a loopback address, not %s",
                         address.text);
    }
    _cleanup_(jwt_freep) struct jwt *jwt = NULL;
    if (!jwt_new(config, &jwt, err)) {
        return false;
    }
    struct auth *auth = xcalloc(1, sizeof *auth);
    unsigned char secret[SHA256_SIZE];
    random_bytes(secret, sizeof secret);
    csrf_token_make(secret, sizeof secret, auth->csrf_token);
    auth->config = config;
    auth->required = required;
    auth->jwt = take_ptr(jwt);
    auth->events_key = xstrdup(config->events_key);
    auth->events_basic = basic_of(config->events_key);
    auth->database = database;
    auth->cache = key_cache_new();
    *ret_auth = auth;
    return true;
}

void auth_free(struct auth *auth) {
    if (auth != NULL) {
        key_cache_free(auth->cache);
        jwt_free(auth->jwt);
        free(auth->events_key);
        free(auth->events_basic);
        free(auth);
    }
}

const char *auth_bearer(const char *header) {
    if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0) {
        return NULL;
    }
    const char *token = header + 7 + strspn(header + 7, " ");
    return *token == '\0' || strpbrk(token, " \t") != NULL ? NULL : token;
}

unsigned auth_scopes(const char *list) {
    return scope_mask(list, ',');
}

/* The columns of API_KEY_FIND. */
static void read_principal(const struct db_result *row, struct principal *ret_principal) {
    const char *types = db_text(row, 0, 7);
    *ret_principal = (struct principal){
        .scopes = auth_scopes(db_text(row, 0, 2)),
        .quota = {db_int(row, 0, 3), db_int(row, 0, 4)},
        .rate_limit = db_int(row, 0, 5),
        .max_file_bytes = db_int(row, 0, 6),
    };
    snprintf(ret_principal->key_id, sizeof ret_principal->key_id, "%s", db_text(row, 0, 0));
    snprintf(ret_principal->owner_id, sizeof ret_principal->owner_id, "%s", db_text(row, 0, 1));
    snprintf(ret_principal->types, sizeof ret_principal->types, "%s", types == NULL ? "" : types);
}

static bool query_key(struct db *db, const unsigned char hash[SHA256_SIZE], bool *ret_good,
                      struct principal *ret_principal, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_bytes(&params, hash, SHA256_SIZE);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_API_KEY_FIND, &params, &result, err)) {
        return false;
    }
    *ret_good = db_rows(result) == 1;
    if (!*ret_good) {
        return true;
    }
    read_principal(result, ret_principal);
    _cleanup_(db_params_free) struct db_params used = {0};
    db_param_text(&used, ret_principal->key_id);
    return db_execute(db, SQL_API_KEY_USED, &used, err);
}

static bool find_key(struct auth *auth, const char *key, const unsigned char hash[SHA256_SIZE], bool *ret_good,
                     struct principal *ret_principal, struct error *err) {
    struct db *db = NULL;
    *ret_good = false;
    if (!api_key_valid(key)) {
        return true;
    }
    if (!db_pool_take(auth->database, POOL_TIMEOUT_MS, &db, err)) {
        return false;
    }
    bool found = query_key(db, hash, ret_good, ret_principal, err);
    db_pool_give(auth->database, db);
    if (found) {
        quota_fill(auth->config, ret_principal);
        key_cache_put(auth->cache, hash, clock_monotonic_ms(), *ret_good ? ret_principal : NULL);
    }
    return found;
}

/* A token that is no good leaves its reason in err. */
static bool find_token(struct auth *auth, const char *token, const unsigned char hash[SHA256_SIZE],
                       struct principal *ret_principal, struct error *err) {
    struct jwt_claims claims;
    struct db *db = NULL;
    int64_t now_ms = clock_now_ms();
    if (!jwt_check(auth->jwt, token, now_ms, &claims, err) ||
        !db_pool_take(auth->database, POOL_TIMEOUT_MS, &db, err)) {
        return false;
    }
    struct principal principal = {.scopes = claims.scopes, .rate_limit = -1};
    memcpy(principal.owner_id, claims.subject, sizeof principal.owner_id);
    bool found = usage_find_limits(db, principal.owner_id, &principal.quota, err);
    db_pool_give(auth->database, db);
    if (found) {
        int64_t left_ms = (claims.expires_at_s + auth->config->jwt_leeway_s) * 1000 - now_ms;
        quota_fill(auth->config, &principal);
        key_cache_put_for(auth->cache, hash, clock_monotonic_ms(), left_ms, &principal);
        *ret_principal = principal;
    }
    return found;
}

/* Hashed first, so that neither length nor content of the key shows in the time taken. */
static bool same_secret(const char *left, const char *right) {
    unsigned char left_hash[SHA256_SIZE];
    unsigned char right_hash[SHA256_SIZE];
    sha256_of(left, strlen(left), left_hash);
    sha256_of(right, strlen(right), right_hash);
    return bytes_equal(left_hash, right_hash, SHA256_SIZE);
}

static bool check_events_key(const struct auth *auth, const char *header, struct error *err) {
    const char *token = auth_bearer(header);
    if (*auth->events_key == '\0') {
        return error_set(err, ERROR_FORBIDDEN, "this route is closed: SLUICE_EVENTS_KEY is not set");
    }
    bool by_bearer = token != NULL && same_secret(token, auth->events_key);
    if (!by_bearer && (header == NULL || !same_secret(header, auth->events_basic))) {
        return error_set(err, ERROR_UNAUTHORIZED, "the events key is missing or wrong");
    }
    return true;
}

/* Keys have no dot, tokens have two. */
static bool look_up(struct auth *auth, const char *token, bool *ret_good, struct principal *ret_principal,
                    struct error *err) {
    unsigned char hash[SHA256_SIZE];
    api_key_hash(token, hash);
    if (key_cache_get(auth->cache, hash, clock_monotonic_ms(), ret_good, ret_principal)) {
        return true;
    }
    if (auth->jwt == NULL || strchr(token, '.') == NULL) {
        return find_key(auth, token, hash, ret_good, ret_principal, err);
    }
    *ret_good = find_token(auth, token, hash, ret_principal, err);
    return *ret_good;
}

static bool check_credentials(struct auth *auth, const char *token, struct principal *ret_principal,
                              struct error *err) {
    if (token == NULL) {
        return error_set(err, ERROR_UNAUTHORIZED, "Authorization: Bearer and a key are missing");
    }
    bool good = false;
    struct principal principal = {0};
    if (!look_up(auth, token, &good, &principal, err)) {
        return false;
    }
    if (!good) {
        return error_set(err, ERROR_UNAUTHORIZED, "the key is unknown or was revoked");
    }
    *ret_principal = principal;
    return true;
}

/* Without logins, who may reach the port may do anything; but pages of other sites, which reach it through a browser, may not. */
static bool enter_unasked(const struct auth *auth, enum scope scope, struct request *request, struct error *err) {
    request->principal = (struct principal){
        .owner_id = "dev", .scopes = SCOPE_UPLOAD | SCOPE_READ | SCOPE_ADMIN, .quota = {-1, -1}, .rate_limit = -1};
    quota_fill(auth->config, &request->principal);
    if (scope != SCOPE_ADMIN) {
        return true;
    }
    if (!csrf_host_is_local(request)) {
        return error_set(err, ERROR_FORBIDDEN,
                         "with SLUICE_AUTH=none the admin pages are at an address or at localhost only");
    }
    memcpy(request->csrf_token, auth->csrf_token, sizeof request->csrf_token);
    request->csrf_needed = csrf_is_browser(request);
    return true;
}

static bool enter_session(struct auth *auth, struct request *request, struct error *err) {
    char token[ADMIN_TOKEN_SIZE];
    struct db *db = NULL;
    _cleanup_(freep) char *scopes = NULL;
    if (!admin_session_token(auth->config, request, token)) {
        return error_set(err, ERROR_UNAUTHORIZED, "log in at /admin/login, or send Authorization: Bearer KEY");
    }
    if (!db_pool_take(auth->database, POOL_TIMEOUT_MS, &db, err)) {
        return false;
    }
    struct principal *principal = &request->principal;
    bool entered = admin_session_enter(db, auth->config, request, &scopes, err) &&
                   usage_find_limits(db, principal->owner_id, &principal->quota, err);
    db_pool_give(auth->database, db);
    if (entered) {
        principal->scopes = auth_scopes(scopes);
        quota_fill(auth->config, principal); /* but no rate: pages look again and again */
    }
    return entered;
}

static bool check_scope(const struct principal *principal, enum scope scope, struct error *err) {
    return (principal->scopes & scope) != 0 ||
           error_set(err, ERROR_FORBIDDEN, "the key lacks the scope %s", scope_name(scope));
}

bool auth_check(struct auth *auth, struct request *request, enum scope scope, struct error *err) {
    if (scope == SCOPE_NONE) {
        return true;
    }
    const char *header = request_header(request, "Authorization");
    if (scope == SCOPE_EVENTS) {
        return check_events_key(auth, header, err);
    }
    if (!auth->required) {
        return enter_unasked(auth, scope, request, err);
    }
    if (header == NULL && scope == SCOPE_ADMIN && request->is_admin) {
        return enter_session(auth, request, err);
    }
    const char *token = auth_bearer(header);
    request->response.challenge = token == NULL ? NULL : "invalid_token";
    if (!check_credentials(auth, token, &request->principal, err)) {
        return false;
    }
    bool may = check_scope(&request->principal, scope, err);
    request->response.challenge = may ? NULL : "insufficient_scope";
    return may;
}

/* Sessions are those of keys: they end when the key is revoked. */
bool auth_log_in(struct auth *auth, const char *key, struct principal *ret_principal, struct error *err) {
    if (key != NULL && !api_key_valid(key)) {
        return error_set(err, ERROR_UNAUTHORIZED, "the key is unknown or was revoked");
    }
    return check_credentials(auth, key, ret_principal, err) && check_scope(ret_principal, SCOPE_ADMIN, err);
}

bool auth_is_required(const struct auth *auth) {
    return auth->required;
}
