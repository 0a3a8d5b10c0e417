/* A request line, `METHOD /path?query`: its route in the real table, its query, its id, and the cursors of its pages. */
#include "api/cursor.h"
#include "api/request.h"
#include "api/routes.h"
#include "tests/fuzz/fuzz.h"

static void check_query(struct request *request) {
    static const char *const names[] = {"limit", "cursor", "status", "wait", "a", ""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct error err = {0};
        _cleanup_(freep) char *value = NULL;
        if (!request_query(request, names[i], &value, &err)) {
            require(err.code == ERROR_VALIDATION_FAILED && value == NULL, "a broken parameter fails validation");
            require_utf8(err.message, "its message is UTF-8");
            continue;
        }
        int64_t number = 0;
        bool is_number = request_query_int(request, names[i], 1, 1000, 50, &number, &err);
        require(!is_number || (number >= 1 && number <= 1000), "a number is within its limits");
        if (value != NULL) {
            require_utf8(value, "a parameter is UTF-8");
        } else {
            require(is_number && number == 50, "an absent parameter has its default");
        }
    }
}

/* A parameter that is appended is found, as it was before it was encoded. */
static void check_appended(const char *query, const char *value) {
    struct error err = {0};
    _cleanup_(buf_free) struct buf longer = {0};
    _cleanup_(freep) char *found = NULL;
    buf_printf(&longer, "%s&fuzz-appended=", query);
    encode_uri(&longer, value, strlen(value), false);
    struct request request = {.query = longer.data};
    if (strstr(query, "fuzz-appended") == NULL && utf8_valid(value, strlen(value))) {
        require(request_query(&request, "fuzz-appended", &found, &err) && found != NULL, "a parameter is found");
        require_same(found, value, "a parameter is what was sent");
    }
}

static void check_cursor(const char *text) {
    char id[ID_TEXT_SIZE];
    char cursor[CURSOR_SIZE];
    char again[ID_TEXT_SIZE];
    if (cursor_parse(text, id)) {
        require(id_valid(id), "a cursor holds an id");
        cursor_make(id, cursor);
        require(cursor_parse(cursor, again), "a cursor that is made can be read");
        require_same(again, id, "cursor_parse(cursor_make(x)) is x");
    }
}

static void check_file_id(struct request *request) {
    char id[ID_TEXT_SIZE];
    struct error err = {0};
    if (request->match.route == NULL || strncmp(request->match.route->pattern, "/files/{", 8) != 0) {
        return;
    }
    if (request_file_id(request, id, &err)) {
        require(id_valid(id) && strspn(id, "0123456789abcdef-") == strlen(id), "a file's id is lower case");
    } else {
        require(err.code == ERROR_NOT_FOUND, "what is no id is not found");
    }
}

static bool is_known(const struct route_match *match) {
    return match->route != NULL || match->allowed.length > 0;
}

static void check_route(struct request *request) {
    struct error err = {0};
    struct request_path path = {0};
    struct route_match twin = {0};
    if (!request_path_parse(request->raw_path, &path, &err)) {
        return;
    }
    router_match(routes, route_count, request->method, &path, &request->match);
    router_match(routes, route_count, "GET", &path, &twin);
    const struct route *route = request->match.route;
    require(strcmp(request->method, "HEAD") != 0 || route == twin.route, "HEAD finds the route of GET");
    require(is_known(&request->match) == is_known(&twin), "a path is known or not, whatever the method");
    size_t parameters = 0;
    for (const char *c = route == NULL ? "" : route->pattern; *c != '\0'; c++) {
        parameters += *c == '{' ? 1 : 0;
    }
    for (size_t i = 0; i < parameters; i++) {
        require_utf8(request->match.parameters[i], "a parameter of a path is there, and UTF-8");
    }
    check_file_id(request);
    route_match_free(&twin);
    request_path_free(&path);
}

static void check_id(const char *sent) {
    const struct http_header header = {"x-request-ID", sent};
    struct request request = {.headers = &header, .header_count = 1};
    request_take_id(&request);
    size_t length = strlen(request.id);
    require(length > 0 && length < REQUEST_ID_SIZE, "a request has an id");
    for (const char *c = request.id; *c != '\0'; c++) {
        require((unsigned char)*c > ' ' && (unsigned char)*c < 0x7f && *c != '"', "a request's id is safe in a log");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    _cleanup_(freep) char *text = text_of(bytes, length);
    check_cursor(text);
    check_id(text);
    char *rest = text;
    const char *method = next_piece(&rest, ' ');
    const char *path = next_piece(&rest, '?');
    struct request request = {
        .method = method, .raw_path = path != NULL ? path : "", .query = rest != NULL ? rest : ""};
    check_query(&request);
    check_appended(request.query, request.raw_path);
    check_cursor(request.query);
    check_route(&request);
    request_free(&request);
    return 0;
}
