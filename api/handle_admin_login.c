/* Logging in to the admin pages with a key, and out again. */

#include "api/admin_page.h"
#include "api/admin_session.h"
#include "api/csrf.h"
#include "api/handlers.h"
#include "api/login_limit.h"
#include "api/response.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"

#include <string.h>

enum login_result { LOGIN_DONE, LOGIN_REFUSED, LOGIN_LIMITED, LOGIN_RESULT_COUNT };

void admin_login_label_metrics(void) {
    static const char *const names[LOGIN_RESULT_COUNT] = {"done", "refused", "limited"};
    metrics_label(METRIC_ADMIN_LOGINS, names, LOGIN_RESULT_COUNT);
}

/* Where to go after the login: a page of ours, or the first one. */
static const char *next_of(const char *next) {
    return next != NULL && admin_page_is_next(next) ? next : ADMIN_HOME;
}

static bool send_form(struct api *api, struct request *request, int status, const char *next, const char *problem,
                      struct error *err) {
    json_t *values = json_object();
    json_set_text(values, "title", "Log in");
    json_set_text(values, "next", next_of(next));
    json_set_text(values, "problem", problem);
    json_set_bool(values, "needs_tls",
                  admin_session_is_secure(api->config, request) && !admin_session_came_by_tls(api->config, request));
    return admin_page_send(api, request, status, "login", values, err);
}

bool handle_admin_login_page(struct api *api, struct request *request, struct error *err) {
    _cleanup_(freep) char *next = NULL;
    if (!request_query(request, "next", &next, err)) {
        return false;
    }
    if (!auth_is_required(api->auth)) {
        admin_page_redirect(request, next_of(next));
        return true;
    }
    return send_form(api, request, 200, next, NULL, err);
}

/* A session of its own for each login: whatever cookie the browser came with is worth nothing afterwards. */
static bool begin_session(struct api *api, struct request *request, const struct principal *principal,
                          struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool begun = admin_session_drop(db, api->config, request, err) &&
                 admin_session_start(db, api->config, request, principal->key_id, err);
    db_pool_give(api->database, db);
    return begun;
}

static bool refuse(struct api *api, struct request *request, const char *next, const struct error *why,
                   struct error *err) {
    metrics_increment(METRIC_ADMIN_LOGINS, LOGIN_REFUSED);
    login_limit_failed(api->logins, request->remote_address, clock_monotonic_ms());
    log_warn("admin_login_refused", log_text("from", request->remote_address), log_text("request_id", request->id));
    if (!admin_page_is_wanted(request)) {
        *err = *why;
        return false;
    }
    int status = response_begin_problem(request, why);
    const char *problem = why->code == ERROR_FORBIDDEN ? "This key has not the scope admin."
                                                       : "This is no key of this server, or it was revoked.";
    return send_form(api, request, status, next, problem, err);
}

static bool log_in(struct api *api, struct request *request, const char *key, const char *next, struct error *err) {
    struct principal principal = {0};
    if (!auth_log_in(api->auth, key, &principal, err)) {
        struct error why = *err;
        return why.code == ERROR_UNAUTHORIZED || why.code == ERROR_FORBIDDEN ? refuse(api, request, next, &why, err)
                                                                             : false;
    }
    if (!begin_session(api, request, &principal, err)) {
        return false;
    }
    metrics_increment(METRIC_ADMIN_LOGINS, LOGIN_DONE);
    log_info("admin_login", log_text("owner", principal.owner_id), log_text("key_id", principal.key_id),
             log_text("request_id", request->id));
    admin_page_redirect(request, next_of(next));
    return true;
}

/* Without the white space that comes along when it is copied from a terminal. */
static const char *trimmed(char *key) {
    static const char space[] = " \t\r\n";
    char *begin = key + strspn(key, space);
    begin[strcspn(begin, space)] = '\0';
    return begin;
}

bool handle_admin_login(struct api *api, struct request *request, struct error *err) {
    _cleanup_(freep) char *key = NULL;
    _cleanup_(freep) char *next = NULL;
    if (!csrf_same_origin(request, err) || !request_field(request, "next", &next, err) ||
        !request_field(request, "key", &key, err)) {
        return false;
    }
    if (!auth_is_required(api->auth)) {
        admin_page_redirect(request, next_of(next));
        return true;
    }
    if (!login_limit_allows(api->logins, request->remote_address, clock_monotonic_ms())) {
        metrics_increment(METRIC_ADMIN_LOGINS, LOGIN_LIMITED);
        return error_set(err, ERROR_RATE_LIMITED, "too many failed logins from this address: wait a minute");
    }
    return log_in(api, request, key == NULL ? "" : trimmed(key), next, err);
}

bool handle_admin_logout(struct api *api, struct request *request, struct error *err) {
    struct db *db = NULL;
    if (!request->has_session) {
        admin_page_redirect(request, ADMIN_HOME);
        return true;
    }
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool ended = admin_session_end(db, api->config, request, err);
    db_pool_give(api->database, db);
    if (ended) {
        admin_page_redirect(request, ADMIN_HOME "/login");
    }
    return ended;
}
