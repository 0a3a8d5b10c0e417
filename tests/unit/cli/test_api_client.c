#include "cli/api_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void check(int status, const char *body, enum error_code code, const char *message) {
    struct http_reply reply = {.status = status};
    struct error err = {0};
    buf_append_text(&reply.body, body);
    assert_false(api_problem(&reply, &err));
    assert_int_equal(err.code, code);
    assert_string_equal(err.message, message);
    http_reply_free(&reply);
}

static void a_problem_becomes_an_error_of_its_code(void **state) {
    (void)state;
    check(404, "{\"code\":\"NOT_FOUND\",\"detail\":\"no such file\"}", ERROR_NOT_FOUND, "NOT_FOUND: no such file");
    check(401, "{\"code\":\"UNAUTHORIZED\"}", ERROR_UNAUTHORIZED, "UNAUTHORIZED: the API gave no detail");
}

static void the_first_complaint_is_told(void **state) {
    (void)state;
    check(422,
          "{\"code\":\"VALIDATION_FAILED\",\"detail\":\"invalid\","
          "\"errors\":[{\"field\":\"filename\",\"message\":\"is required\"},{\"field\":\"x\",\"message\":\"y\"}]}",
          ERROR_VALIDATION_FAILED, "VALIDATION_FAILED: filename is required");
}

static void what_is_no_problem_document_is_told_by_its_status(void **state) {
    (void)state;
    check(502, "<html>bad gateway", ERROR_BAD_REQUEST, "the API answered 502");
    check(500, "[]", ERROR_INTERNAL, "problem: the API gave no detail");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_becomes_an_error_of_its_code),
        cmocka_unit_test(the_first_complaint_is_told),
        cmocka_unit_test(what_is_no_problem_document_is_told_by_its_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
