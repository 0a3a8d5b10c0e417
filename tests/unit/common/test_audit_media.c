#include "common/audit_media.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ALBUM "0190a000-0000-7000-8000-00000000000a"

static void variants_are_looked_up_by_their_file(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    const char *const keys[] = {"thumbnails/" ALBUM "/small.webp", "files/a"};
    _cleanup_(db_result_freep) struct db_result *used = NULL;
    struct error err = {0};
    assert_true(audit_used_variants(db, keys, 2, &used, &err));
    assert_int_equal(db_rows(used), 0);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "prepare VARIANTS_OF_OBJECTS\nrun VARIANTS_OF_OBJECTS\n");
}

static void files_of_no_pattern_are_not_adopted(void **state) {
    (void)state;
    static const char *const answers[] = {NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    const char *const keys[] = {"files/x/a.jpg", "thumbnails/a/small.webp"};
    bool adopted[2] = {true, true};
    struct error err = {0};
    assert_true(audit_adopt(db, "uploads", false, keys, 2, adopted, &err));
    assert_false(adopted[0] || adopted[1]);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "");
}

static void a_dry_run_takes_it_back(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_ERROR("22021"), FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    const char *const keys[] = {"albums/" ALBUM "/media/a.jpg"};
    bool adopted[1] = {false};
    struct error err = {0};
    assert_false(audit_adopt(db, "uploads", true, keys, 1, adopted, &err));
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_non_null(strstr(requests, "run MEDIA_ADOPT\n"));
    assert_non_null(strstr(requests, "ROLLBACK\n"));
    assert_null(strstr(requests, "COMMIT"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_are_looked_up_by_their_file),
        cmocka_unit_test(files_of_no_pattern_are_not_adopted),
        cmocka_unit_test(a_dry_run_takes_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
