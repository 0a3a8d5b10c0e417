#include "api/dispatch.h"

#include "api/access_log.h"
#include "api/admin_page.h"
#include "api/csrf.h"
#include "api/media_type.h"
#include "api/response.h"
#include "api/signer_path.h"
#include "api/token_check.h"
#include "common/clock.h"

#include <string.h>

enum { IGNORED_BODY_MAX = 65536 }; /* of routes that look at none */

static void add_cors_headers(const struct cors *cors, struct request *request) {
    const char *allowed = cors_allowed_origin(cors, request_header(request, "Origin"));
    if (cors_varies(cors)) {
        response_header(request, "Vary", "Origin");
    }
    if (allowed != NULL) {
        response_header(request, "Access-Control-Allow-Origin", allowed);
        response_header(request, "Access-Control-Expose-Headers", CORS_EXPOSED_HEADERS);
    }
}

/* OPTIONS, also as the preflight of a page's request. */
static void answer_options(struct request *request) {
    response_header(request, "Allow", buf_text(&request->match.allowed));
    if (request_header(request, "Access-Control-Request-Method") != NULL) {
        response_header(request, "Access-Control-Allow-Methods", buf_text(&request->match.allowed));
        response_header(request, "Access-Control-Allow-Headers", CORS_ALLOWED_HEADERS);
        response_header(request, "Access-Control-Max-Age", CORS_MAX_AGE_S);
    }
    response_send(request, 204, NULL, NULL, 0);
}

/* What kind of route the path leads to, before one is looked for. */
static bool read_path(struct request *request, struct request_path *path, struct error *err) {
    if (!request_path_parse(request->raw_path, path, err)) {
        return false;
    }
    request->is_admin = admin_page_is_of(path);
    request->token = signer_path_enter(path);
    request->is_for_signer = signer_path_is(path);
    return true;
}

static bool find_route(const struct dispatch *dispatch, struct request *request, const struct request_path *path,
                       struct error *err) {
    router_match(dispatch->routes, dispatch->route_count, request->method, path, &request->match);
    if (request->match.route != NULL ||
        (strcmp(request->method, "OPTIONS") == 0 && request->match.allowed.length > 0)) {
        return true;
    }
    if (request->match.allowed.length == 0) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such path");
    }
    response_header(request, "Allow", buf_text(&request->match.allowed));
    return error_set(err, ERROR_METHOD_NOT_ALLOWED, "allowed here: %s", buf_text(&request->match.allowed));
}

/* The body of a JSON route, parsed; its fields are read by request->reader. */
static bool read_json(struct request *request, struct error *err) {
    const struct route *route = request->match.route;
    const char *type = request_header(request, "Content-Type");
    if (type != NULL && !media_type_is_json(type)) {
        return error_set(err, ERROR_UNSUPPORTED_MEDIA_TYPE, "the body must be application/json");
    }
    if (!request->framing.chunked && request->framing.length < 0) {
        return error_set(err, ERROR_LENGTH_REQUIRED, "Content-Length is missing");
    }
    if (!request_read_body(request, route->body_limit, err) ||
        !json_parse(buf_text(&request->body), request->body.length, JSON_MAX_DEPTH, &request->json, err)) {
        return false;
    }
    json_reader_start(&request->reader, request->json);
    return json_reader_ok(&request->reader) ||
           error_set(err, ERROR_VALIDATION_FAILED, "the body must be a JSON object");
}

/* The fields of a form stay text: they are looked up when they are asked for. */
static bool read_fields(struct request *request, struct error *err) {
    const char *type = request_header(request, "Content-Type");
    if (type != NULL && !media_type_is_fields(type)) {
        return read_json(request, err);
    }
    return request_read_body(request, request->match.route->body_limit, err) &&
           (strlen(buf_text(&request->body)) == request->body.length ||
            error_set(err, ERROR_BAD_REQUEST, "the body has a NUL"));
}

static bool read_body(struct request *request, struct error *err) {
    switch (request->match.route->body) {
    case BODY_JSON:
        return read_json(request, err);
    case BODY_NONE:
        return request_read_body(request, IGNORED_BODY_MAX, err);
    case BODY_FIELDS:
        return read_fields(request, err);
    case BODY_ANY:
    case BODY_FORM:
        break;
    }
    return true;
}

/* While draining, only those are answered who ask how it goes. */
static bool admit(struct api *api, struct request *request, struct error *err) {
    if (!atomic_load(&api->draining)) {
        return true;
    }
    request->response.close = true;
    return request->match.route->scope == SCOPE_NONE ||
           error_set(err, ERROR_SHUTTING_DOWN, "the server is shutting down");
}

/* Who it is, and whether they may. A token in the path stands for a key. */
static bool recognize(struct api *api, struct request *request, struct error *err) {
    enum scope scope = request->match.route->scope;
    if (request->token == NULL) {
        return auth_check(api->auth, request, scope, err);
    }
    return token_check(api, request, err) &&
           (scope == SCOPE_UPLOAD || error_set(err, ERROR_FORBIDDEN, "a token may upload, and nothing else"));
}

/* … and whether they come too often. */
static bool identify(struct api *api, struct request *request, struct error *err) {
    bool known = recognize(api, request, err);
    return caller_rate_check(&api->rate, request, known, err);
}

static bool serve(const struct dispatch *dispatch, struct request *request, struct request_path *path,
                  struct error *err) {
    if (!http_framing_of(request->headers, request->header_count, &request->framing, err)) {
        request->response.close = true;
        return false;
    }
    request->response.close |= request->framing.chunked; /* civetweb leaves trailers behind, for the next request */
    bool parsed = read_path(request, path, err);
    if (!request->is_admin) { /* no page of another origin may read those */
        add_cors_headers(dispatch->api->cors, request);
    }
    if (!parsed || !find_route(dispatch, request, path, err)) {
        return false;
    }
    const struct route *route = request->match.route;
    if (route == NULL) {
        answer_options(request);
        return true;
    }
    if (!admit(dispatch->api, request, err) || !identify(dispatch->api, request, err) || !read_body(request, err) ||
        !csrf_check(request, err)) {
        return false;
    }
    return route->handler(dispatch->api, request, err);
}

/* An answer that broke off must not look whole: the connection ends. */
static void answer_failure(struct api *api, struct request *request, const struct error *err) {
    if (request->response.status == 0) {
        if (!request->is_admin || !admin_page_refuse(api, request, err)) {
            response_problem(request, err);
        }
    } else {
        request->response.close = true;
        request->response.code = err->code;
    }
}

void dispatch_request(void *context, struct request *request) {
    const struct dispatch *dispatch = context;
    int64_t started_us = clock_monotonic_us();
    request_take_id(request);
    trusted_proxies_find_client(dispatch->api->proxies, request);
    request->response.close = !http_framing_persistent(request->headers, request->header_count, request->http_1_0);
    _cleanup_(request_path_free) struct request_path path = {0};
    struct error error = {0};
    bool served = serve(dispatch, request, &path, &error);
    if (served && request->response.status == 0) {
        served = error_set(&error, ERROR_INTERNAL, "the handler gave no answer");
    }
    if (!served) {
        answer_failure(dispatch->api, request, &error);
    }
    access_log_request(request, served ? NULL : &error, clock_monotonic_us() - started_us);
}

void dispatch_refusal(void *context, struct request *request, const struct error *err) {
    (void)context;
    request_take_id(request);
    response_problem(request, err);
    access_log_request(request, err, 0);
}
