#include "tests/unit/api/exchange.h"

static void every_route_is_complete(void **state) {
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &routes[i];
        assert_non_null(route->handler);
        assert_non_null(route->doc);
        assert_int_equal(route->pattern[0], '/');
        assert_true(route->body != BODY_JSON || route->body_limit > 0);
        assert_true(route->scope != SCOPE_NONE || strncmp(route->pattern, "/files", 6) != 0);
    }
}

static void no_route_hides_another(void **state) {
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        _cleanup_(request_path_free) struct request_path path = {0};
        _cleanup_(route_match_free) struct route_match match = {0};
        struct error error = {0};
        assert_true(request_path_parse(routes[i].pattern, &path, &error));
        router_match(routes, route_count, routes[i].method, &path, &match);
        assert_ptr_equal(match.route, &routes[i]);
    }
}

static void the_table_prints_itself(void **state) {
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    routes_dump(out);
    fclose(out);
    assert_int_equal(strncmp(text, "# Routes\n\n|", 11), 0);
    assert_non_null(strstr(text, "| GET | `/files/{id}/content` | read |"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_complete),
        cmocka_unit_test(no_route_hides_another),
        cmocka_unit_test(the_table_prints_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
