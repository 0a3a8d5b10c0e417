#include "api/admin_page.h"

#include "api/response.h"
#include "api/web_assets.h"
#include "common/encode.h"

#include <string.h>

bool admin_page_is_of(const struct request_path *path) {
    return path->count > 0 && strcmp(path->segments[0], "admin") == 0;
}

bool admin_page_is_part(const struct request *request) {
    const char *htmx = request_header(request, "HX-Request");
    return htmx != NULL && strcmp(htmx, "true") == 0;
}

bool admin_page_wants_json(const struct request *request) {
    const char *accept = request_header(request, "Accept");
    return accept != NULL && strstr(accept, "application/json") != NULL;
}

bool admin_page_is_wanted(const struct request *request) {
    const char *accept = request_header(request, "Accept");
    return admin_page_is_part(request) || (accept != NULL && strstr(accept, "text/html") != NULL);
}

bool admin_page_is_next(const char *path) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./?=&%";
    size_t home = sizeof ADMIN_HOME - 1;
    return strncmp(path, ADMIN_HOME, home) == 0 && strchr("/?", path[home]) != NULL &&
           strspn(path, plain) == strlen(path) && strstr(path, "//") == NULL && strstr(path, "..") == NULL;
}

/* Scripts, styles and connections from here only, none of them within a page; pictures also from the store. */
static void add_policy(const struct config *config, struct request *request) {
    static const char fixed[] = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                                " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; img-src 'self' data:";
    struct s3_endpoint store = {0};
    struct error ignored = {0};
    _cleanup_(buf_free) struct buf policy = {0};
    buf_append_text(&policy, fixed);
    if (s3_endpoint_parse(api_public_endpoint(config), config->s3_bucket, config->s3_path_style, &store, &ignored)) {
        buf_printf(&policy, " %s://%s", store.scheme, store.host);
        s3_endpoint_free(&store);
    }
    response_header(request, "Content-Security-Policy", buf_text(&policy));
}

static void add_headers(const struct config *config, struct request *request) {
    static const char *const headers[][2] = {
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "same-origin"}, /* with no-referrer, browsers would send forms with Origin: null */
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"X-Frame-Options", "DENY"},
        {"Vary", "Accept, Cookie, HX-Request"},
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        response_header(request, headers[i][0], headers[i][1]);
    }
    add_policy(config, request);
}

static void add_values(const struct request *request, json_t *values) {
    json_set_text(values, "csrf_token", request->csrf_token);
    json_set_text(values, "owner", request->principal.owner_id);
    json_set_bool(values, "has_session", request->has_session);
}

bool admin_page_send(struct api *api, struct request *request, int status, const char *name, json_t *values,
                     struct error *err) {
    _cleanup_(json_freep) json_t *owned = values;
    _cleanup_(buf_free) struct buf html = {0};
    if (web_templates[0].name == NULL) {
        return error_set(err, ERROR_NOT_FOUND, "sluice-api was built without npm, and so without pages");
    }
    add_values(request, owned);
    if (!html_template_fill(web_templates, name, owned, &html, err)) {
        return false;
    }
    add_headers(api->config, request);
    response_send(request, status, "text/html; charset=utf-8", buf_text(&html), html.length);
    return true;
}

void admin_page_redirect(struct request *request, const char *location) {
    response_header(request, "Location", location);
    response_header(request, "Cache-Control", "no-store");
    response_send(request, 303, NULL, NULL, 0);
}

/* Back to the page that was asked for, once there is a login. */
static void send_to_login(struct request *request) {
    _cleanup_(buf_free) struct buf here = {0};
    _cleanup_(buf_free) struct buf login = {0};
    buf_append_text(&here, request->raw_path);
    if (*request->query != '\0') {
        buf_printf(&here, "?%s", request->query);
    }
    buf_append_text(&login, ADMIN_HOME "/login");
    if (strcmp(request->method, "GET") == 0 && !admin_page_is_part(request) && admin_page_is_next(buf_text(&here)) &&
        strcmp(buf_text(&here), ADMIN_HOME) != 0) {
        buf_append_text(&login, "?next=");
        encode_uri(&login, here.data, here.length, true);
    }
    if (!admin_page_is_part(request)) {
        admin_page_redirect(request, buf_text(&login));
        return;
    }
    response_header(request, "HX-Redirect", buf_text(&login));
    response_send(request, 401, NULL, NULL, 0);
}

/* The page that a form was on; NULL: it does not say. Only the path counts, so that it cannot lead elsewhere. */
static const char *page_of_form(const struct request *request) {
    const char *referer = request_header(request, "Referer");
    const char *authority = referer == NULL ? NULL : strstr(referer, "://");
    const char *path = authority == NULL ? NULL : strchr(authority + 3, '/');
    return path != NULL && admin_page_is_next(path) ? path : NULL;
}

bool admin_page_refuse(struct api *api, struct request *request, const struct error *err) {
    struct error failed = {0};
    const struct error_info *info = error_info(err->code);
    if (!admin_page_is_wanted(request)) {
        return false;
    }
    if (err->code == ERROR_UNAUTHORIZED && request->match.route != NULL && request->match.route->scope == SCOPE_ADMIN) {
        request->response.code = err->code;
        send_to_login(request);
        return true;
    }
    json_t *values = json_object();
    bool tell = info->http_status < 500 && err->message[0] != '\0';
    json_set_text(values, "title", info->title);
    json_set_text(values, "message", tell ? err->message : "");
    json_set_text(values, "back", page_of_form(request));
    json_set_text(values, "code", info->name);
    json_set_text(values, "request_id", request->id);
    int status = response_begin_problem(request, err);
    return admin_page_send(api, request, status, "error", values, &failed);
}
