#include "tests/unit/api/exchange.h"

static struct exchange get(const char *path, const char *query) {
    return (struct exchange){.method = "GET", .path = path, .query = query};
}

static void bad_values_are_named(void **state) {
    exchange_expect(*state, get("/s3/params", NULL), 422, "{\"field\":\"filename\"");
    exchange_expect(*state, get("/s3/params", "filename=a&type=x"), 422, "media type");
    exchange_expect(*state, get("/s3/params", "filename=a&metadata[b%20c]=d"), 422, "{\"field\":\"metadata\"");
    exchange_expect(*state, get("/s3/params", "filename=%zz"), 422, "filename");
}

static void errors_are_also_in_companions_words(void **state) {
    exchange_expect(*state, get("/s3/params", NULL), 422, "\"error\":\"see errors\",\"message\":\"see errors\"}");
    exchange_expect(*state, get("/s3/nothing", NULL), 404, "\"message\":\"there is no such path\"}");
    exchange_expect(*state, get("//s3/sign", NULL), 405, "\"error\":\"allowed here: POST, OPTIONS\"");
    struct exchange exchange = get("/files/x/nothing", NULL);
    exchange_run(*state, &exchange);
    assert_null(strstr(exchange.sent.data, "\"message\""));
    exchange_free(&exchange);
}

static void nothing_is_signed_before_its_record(void **state) {
    exchange_expect(*state, get("/s3/params", "filename=a.txt&type=text/plain"), 503, "DATABASE_UNAVAILABLE");
    exchange_expect(*state, get("//s3/params", "filename=a.txt"), 503, "\"message\":\"The database is not available\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_values_are_named),
        cmocka_unit_test(errors_are_also_in_companions_words),
        cmocka_unit_test(nothing_is_signed_before_its_record),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
