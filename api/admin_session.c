#include "api/admin_session.h"

#include "api/cookie.h"
#include "api/csrf.h"
#include "api/response.h"
#include "common/crypto.h"
#include "common/encode.h"
#include "common/xalloc.h"

#include <string.h>
#include <strings.h>

#define COOKIE_NAME "sluice_admin"
#define SECURE_PREFIX "__Secure-"

enum { TOKEN_RANDOM_SIZE = 32 };

/* Proxies that end TLS say so by X-Forwarded-Proto, or Forwarded (RFC 7239). Whoever sends it himself harms nobody but his own
 * cookie. */
bool admin_session_came_by_tls(const struct config *config, const struct request *request) {
    if (config->tls_cert_file != NULL && *config->tls_cert_file != '\0') {
        return true;
    }
    const char *proto = request_header(request, "X-Forwarded-Proto");
    const char *forwarded = request_header(request, "Forwarded");
    return (proto != NULL && strncasecmp(proto, "https", 5) == 0) ||
           (forwarded != NULL && strcasestr(forwarded, "proto=https") != NULL);
}

static bool is_loopback(const struct request *request) {
    static const char *const hosts[] = {"localhost", "127.", "[::1]"};
    const char *host = request_header(request, "Host");
    for (size_t i = 0; host != NULL && i < sizeof hosts / sizeof hosts[0]; i++) {
        if (strncasecmp(host, hosts[i], strlen(hosts[i])) == 0) {
            return true;
        }
    }
    return false;
}

bool admin_session_is_secure(const struct config *config, const struct request *request) {
    if (strcmp(config->admin_cookie_secure, "auto") != 0) {
        return strcmp(config->admin_cookie_secure, "always") == 0;
    }
    return admin_session_came_by_tls(config, request) || !is_loopback(request);
}

static const char *cookie_name(const struct config *config, const struct request *request) {
    return admin_session_is_secure(config, request) ? SECURE_PREFIX COOKIE_NAME : COOKIE_NAME;
}

bool admin_session_token(const struct config *config, const struct request *request, char ret_token[ADMIN_TOKEN_SIZE]) {
    unsigned char bytes[TOKEN_RANDOM_SIZE];
    size_t length = 0;
    const char *value = cookie_find(request_header(request, "Cookie"), cookie_name(config, request), &length);
    if (value == NULL || length != ADMIN_TOKEN_SIZE - 1) {
        return false;
    }
    memcpy(ret_token, value, length);
    ret_token[length] = '\0';
    return decode_hex(ret_token, bytes, sizeof bytes);
}

void admin_session_cookie(const struct config *config, const struct request *request, const char *token,
                          struct buf *out) {
    buf_printf(out, "%s=%s; Path=/admin; HttpOnly; SameSite=Strict", cookie_name(config, request),
               token == NULL ? "" : token);
    if (admin_session_is_secure(config, request)) {
        buf_append_text(out, "; Secure");
    }
    if (token == NULL) {
        buf_append_text(out, "; Max-Age=0");
    }
}

static void set_cookie(const struct config *config, struct request *request, const char *token) {
    _cleanup_(buf_free) struct buf cookie = {0};
    admin_session_cookie(config, request, token, &cookie);
    response_header(request, "Set-Cookie", buf_text(&cookie));
}

static void add_hash(struct db_params *params, const char *token) {
    unsigned char hash[SHA256_SIZE];
    sha256_of(token, strlen(token), hash);
    db_param_bytes(params, hash, sizeof hash);
}

bool admin_session_start(struct db *db, const struct config *config, struct request *request, const char *key_id,
                         struct error *err) {
    unsigned char random[TOKEN_RANDOM_SIZE];
    char token[ADMIN_TOKEN_SIZE];
    random_bytes(random, sizeof random);
    encode_hex(random, sizeof random, token);
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    add_hash(&params, token);
    db_param_text(&params, key_id);
    db_param_int(&params, config->admin_session_s);
    if (!db_run(db, SQL_ADMIN_SESSION_START, &params, &result, err)) {
        return false;
    }
    if (db_rows(result) == 0) {
        return error_set(err, ERROR_UNAUTHORIZED, "the key was revoked");
    }
    set_cookie(config, request, token);
    return true;
}

static bool find(struct db *db, const struct config *config, const char *token, struct db_result **ret_result,
                 struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    add_hash(&params, token);
    db_param_int(&params, config->admin_idle_s);
    return db_run(db, SQL_ADMIN_SESSION_FIND, &params, ret_result, err);
}

static bool note_use(struct db *db, const char *token, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    add_hash(&params, token);
    return db_execute(db, SQL_ADMIN_SESSION_USED, &params, err);
}

static bool no_session(struct error *err) {
    return error_set(err, ERROR_UNAUTHORIZED, "log in at /admin/login, or send Authorization: Bearer KEY");
}

bool admin_session_enter(struct db *db, const struct config *config, struct request *request, char **ret_scopes,
                         struct error *err) {
    char token[ADMIN_TOKEN_SIZE];
    _cleanup_(db_result_freep) struct db_result *row = NULL;
    if (!admin_session_token(config, request, token)) {
        return no_session(err);
    }
    if (!find(db, config, token, &row, err)) {
        return false;
    }
    if (db_rows(row) == 0) {
        return no_session(err);
    }
    if (db_bool(row, 0, 3) && !note_use(db, token, err)) {
        return false;
    }
    struct principal *principal = &request->principal;
    snprintf(principal->key_id, sizeof principal->key_id, "%s", db_text(row, 0, 0));
    snprintf(principal->owner_id, sizeof principal->owner_id, "%s", db_text(row, 0, 1));
    *ret_scopes = xstrdup(db_text(row, 0, 2));
    request->has_session = request->csrf_needed = true;
    csrf_token_make(token, strlen(token), request->csrf_token);
    return true;
}

bool admin_session_drop(struct db *db, const struct config *config, const struct request *request, struct error *err) {
    char token[ADMIN_TOKEN_SIZE];
    _cleanup_(db_params_free) struct db_params params = {0};
    if (!admin_session_token(config, request, token)) {
        return true;
    }
    add_hash(&params, token);
    return db_execute(db, SQL_ADMIN_SESSION_END, &params, err);
}

bool admin_session_end(struct db *db, const struct config *config, struct request *request, struct error *err) {
    bool dropped = admin_session_drop(db, config, request, err);
    if (dropped) {
        set_cookie(config, request, NULL);
    }
    return dropped;
}
