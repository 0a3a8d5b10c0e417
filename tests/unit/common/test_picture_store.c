#include "common/picture_store.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool written(const char *const *answers, char **ret_requests, struct error *err) {
    static const struct variant_spec small = {.name = "small", .side_px = 240};
    const struct picture_result result = {.is_known = true,
                                          .picture = {.width = 300, .height = 200},
                                          .variants = {{&small, 240, 160, 99}},
                                          .variant_count = 1};
    const struct picture_entry entry = {"0190a000-0000-7000-8000-000000000001", "g_1", &result};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    bool good = picture_store_write(db, &entry, 1, err);
    *ret_requests = fake_postgres_stop(&server, db);
    return good;
}

static void pictures_are_written_in_one_statement(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(freep) char *requests = NULL;
    assert_true(written((const char *const[]){FAKE_OK, FAKE_OK, NULL}, &requests, &err));
    assert_string_equal(requests, "prepare PICTURES_WRITE\nrun PICTURES_WRITE\n");
}

static void a_refusal_is_told(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(freep) char *requests = NULL;
    assert_false(written((const char *const[]){FAKE_OK, FAKE_ERROR("23514"), NULL}, &requests, &err));
    assert_int_equal(err.code, ERROR_DATABASE_ERROR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_written_in_one_statement),
        cmocka_unit_test(a_refusal_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
