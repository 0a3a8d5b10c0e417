#include "tests/unit/api/exchange.h"

static void what_is_no_id_is_no_medium(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/media/x"}, 404, "NOT_FOUND");
    exchange_expect(*state, (struct exchange){.method = "POST", .path = "/media/x_01/retry"}, 404, "NOT_FOUND");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/users/a%2fb"}, 404, "NOT_FOUND");
}

static void ids_of_generated_images_are_looked_up(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/media/gen_1"}, 503, "DATABASE_UNAVAILABLE");
}

static void ids_that_become_keys_are_checked(void **state) {
    exchange_expect(
        *state,
        (struct exchange){.method = "POST", .path = "/users/%2e%2e/avatar/upload", .body = "{\"filename\":\"a.png\"}"},
        422, "VALIDATION_FAILED");
    exchange_expect(*state, (struct exchange){.method = "POST", .path = "/generations/a%20b/media", .body = "{}"}, 422,
                    "VALIDATION_FAILED");
}

static void so_many_images_at_once(void **state) {
    static const char path[] = "/generations/g/media";
    exchange_expect(*state, (struct exchange){.method = "POST", .path = path, .body = "{\"count\":101}"}, 422, "count");
    exchange_expect(*state, (struct exchange){.method = "POST", .path = path, .body = "{\"count\":0}"}, 422, "count");
    exchange_expect(*state,
                    (struct exchange){.method = "POST", .path = path, .body = "{\"content_type\":\"text/html\"}"}, 415,
                    "UNSUPPORTED_TYPE");
    exchange_expect(*state, (struct exchange){.method = "POST", .path = path, .body = "{\"count\":2}"}, 503,
                    "DATABASE_UNAVAILABLE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_id_is_no_medium),
        cmocka_unit_test(ids_of_generated_images_are_looked_up),
        cmocka_unit_test(ids_that_become_keys_are_checked),
        cmocka_unit_test(so_many_images_at_once),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
