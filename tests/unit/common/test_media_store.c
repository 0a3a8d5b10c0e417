#include "common/media_store.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ALBUM "0190a000-0000-7000-8000-00000000000a"

static const struct media_home album = {MEDIA_ALBUM, ALBUM, "owner"};

static void nothing_is_made_in_an_album_that_is_not_the_owners(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    int64_t first = 0;
    assert_false(media_enter(db, &album, 1, &first, &err));
    assert_int_equal(err.code, ERROR_ALBUM_NOT_FOUND);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_non_null(strstr(requests, "run ALBUM_HOLD\nROLLBACK\n"));
}

static void an_album_that_is_not_empty_stays(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    bool deleted = true;
    assert_true(album_delete(db, "owner", ALBUM, &deleted, &err));
    assert_false(deleted);
    free(fake_postgres_stop(&server, db));
}

/* Only what no record has is looked at: duplicates of an event cost nothing here. */
static void known_arrivals_are_not_adopted(void **state) {
    (void)state;
    static const char *const answers[] = {NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    const struct file_arrival arrivals[] = {{.bucket = "b", .object_key = "albums/" ALBUM "/media/a.jpg"},
                                            {.bucket = "b", .object_key = "files/x/a.jpg"}};
    enum file_arrival_effect effects[] = {ARRIVAL_KNOWN, ARRIVAL_UNKNOWN};
    assert_true(media_adopt(db, arrivals, 2, effects, &err));
    assert_int_equal(effects[1], ARRIVAL_UNKNOWN);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "");
}

static void freeing_accepts_nothing(void **state) {
    (void)state;
    struct albums albums = {0};
    albums_free(&albums);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_made_in_an_album_that_is_not_the_owners),
        cmocka_unit_test(an_album_that_is_not_empty_stays),
        cmocka_unit_test(known_arrivals_are_not_adopted),
        cmocka_unit_test(freeing_accepts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
