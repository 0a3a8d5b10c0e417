#include "api/multipart_find.h"
#include "tests/unit/api/exchange.h"

static void a_key_must_be_named(void **state) {
    struct error error = {0};
    struct request request = {.query = "", .match.parameters = {"upload"}};
    _cleanup_(multipart_free) struct multipart multipart = {0};
    assert_false(multipart_find(*state, &request, &multipart, &error));
    assert_int_equal(error.code, ERROR_VALIDATION_FAILED);
    json_reader_free(&request.reader);
}

static void it_is_looked_up_in_the_database(void **state) {
    struct error error = {0};
    struct request request = {.query = "key=a%20b", .match.parameters = {"upload"}};
    _cleanup_(multipart_free) struct multipart found = {0};
    assert_false(multipart_find(*state, &request, &found, &error));
    assert_int_equal(error.code, ERROR_DATABASE_UNAVAILABLE);
    assert_string_equal(found.key, "a b");
    _cleanup_(multipart_free) struct multipart bound = {0};
    assert_false(multipart_bind(*state, &request, "key", "upload", &bound, &error));
    assert_int_equal(error.code, ERROR_DATABASE_UNAVAILABLE);
    assert_null(bound.record);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_must_be_named),
        cmocka_unit_test(it_is_looked_up_in_the_database),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
