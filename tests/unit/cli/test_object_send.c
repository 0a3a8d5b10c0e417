#include "cli/object_send.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void check(int status, const char *body, enum error_code code, const char *message) {
    struct http_reply reply = {.status = status};
    struct error err = {0};
    buf_append_text(&reply.body, body);
    assert_false(object_problem(&reply, &err));
    assert_int_equal(err.code, code);
    assert_string_equal(err.message, message);
    http_reply_free(&reply);
}

static void the_stores_code_is_told(void **state) {
    (void)state;
    check(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>", ERROR_STORE_DENIED,
          "the store answered 403 AccessDenied");
    check(412, "<Error><Code>PreconditionFailed</Code></Error>", ERROR_STORE_PRECONDITION,
          "the store answered 412 PreconditionFailed");
    check(503, "<Error><Code>SlowDown</Code></Error>", ERROR_STORE_UNAVAILABLE, "the store answered 503 SlowDown");
    check(400, "<Error><Code>EntityTooLarge</Code></Error>", ERROR_STORE_ERROR,
          "the store answered 400 EntityTooLarge");
}

static void a_reply_that_is_no_s3_is_told_by_its_status(void **state) {
    (void)state;
    check(404, "", ERROR_STORE_NOT_FOUND, "the store answered 404");
    check(502, "<html>bad gateway", ERROR_STORE_UNAVAILABLE, "the store answered 502");
    check(418, "{\"code\":1}", ERROR_STORE_ERROR, "the store answered 418");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stores_code_is_told),
        cmocka_unit_test(a_reply_that_is_no_s3_is_told_by_its_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
