#include "common/dead_replay.h"

#include "fake_postgres.h"
#undef FAKE_ERROR
#include "fake_redis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool replay(const char *answer, size_t *ret_count, struct error *err) {
    const char *const answers[] = {FAKE_OK, answer, NULL};
    static const char *const replies[] = {NULL};
    struct fake_server database;
    struct fake_server server;
    struct db *db = fake_postgres_start(&database, answers, 0);
    struct redis *redis = fake_redis_start(&server, replies);
    bool is_done = dead_replay(db, redis, "events", 1, INT64_MAX, 10, ret_count, err);
    free(fake_redis_stop(&server, redis));
    free(fake_postgres_stop(&database, db));
    return is_done;
}

static void none_is_fine(void **state) {
    (void)state;
    struct error error = {0};
    size_t count = 5;
    assert_true(replay(FAKE_OK, &count, &error));
    assert_int_equal(count, 0);
}

/* The canned row has no second column: an event without bytes is not put on the list. */
static void what_has_no_bytes_stays(void **state) {
    (void)state;
    struct error error = {0};
    size_t count = 5;
    assert_false(replay(FAKE_ROW, &count, &error));
    assert_int_equal(error.code, ERROR_DATABASE_ERROR);
    assert_int_equal(count, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_fine),
        cmocka_unit_test(what_has_no_bytes_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
