#include "common/db_result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Rows of one column, as the server would send them; NULL is SQL NULL. */
static struct db_result *rows_of(const char *const *values, size_t count) {
    PGresult *rows = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    char name[] = "column";
    PGresAttDesc column = {.name = name};
    assert_int_equal(PQsetResultAttrs(rows, 1, &column), 1);
    for (size_t i = 0; i < count; i++) {
        char text[64] = "";
        snprintf(text, sizeof text, "%s", values[i] == NULL ? "" : values[i]);
        int length = values[i] == NULL ? -1 : (int)strlen(text);
        assert_int_equal(PQsetvalue(rows, (int)i, 0, values[i] == NULL ? NULL : text, length), 1);
    }
    return db_result_new(rows);
}

static void values_come_as_what_they_are_asked_for(void **state) {
    (void)state;
    static const char *const values[] = {"text", "-9223372036854775808", "t", "f", ""};
    _cleanup_(db_result_freep) struct db_result *result = rows_of(values, 5);
    assert_int_equal(db_rows(result), 5);
    assert_string_equal(db_text(result, 0, 0), "text");
    assert_true(db_int(result, 1, 0) == INT64_MIN);
    assert_true(db_bool(result, 2, 0));
    assert_false(db_bool(result, 3, 0));
    assert_string_equal(db_text(result, 4, 0), "");
    assert_int_equal(db_int(result, 0, 0), 0);
}

static void null_has_its_stand_ins(void **state) {
    (void)state;
    static const char *const values[] = {NULL};
    _cleanup_(db_result_freep) struct db_result *result = rows_of(values, 1);
    assert_true(db_is_null(result, 0, 0));
    assert_null(db_text(result, 0, 0));
    assert_int_equal(db_int(result, 0, 0), 0);
    assert_false(db_bool(result, 0, 0));
}

static void no_rows(void **state) {
    (void)state;
    _cleanup_(db_result_freep) struct db_result *result = rows_of(NULL, 0);
    assert_int_equal(db_rows(result), 0);
    db_result_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_as_what_they_are_asked_for),
        cmocka_unit_test(null_has_its_stand_ins),
        cmocka_unit_test(no_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
