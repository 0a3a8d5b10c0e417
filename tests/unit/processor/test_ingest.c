#include "processor/ingest.h"

#include "common/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A source of so many wake-ups, which need no database; it keeps count of what is asked of it. */
struct fake_source {
    size_t has, taken, settled;
    bool fails_take, fails_settle;
};

static bool take(void *context, struct redis_elements *ret_elements, struct error *err) {
    struct fake_source *fake = context;
    fake->taken++;
    if (fake->fails_take) {
        return error_set(err, ERROR_SQS_UNAVAILABLE, "away");
    }
    ret_elements->items = xcalloc(fake->has + 1, sizeof *ret_elements->items);
    ret_elements->count = fake->has;
    return true;
}

static bool settle(void *context, size_t count, struct error *err) {
    struct fake_source *fake = context;
    if (fake->fails_settle) {
        return error_set(err, ERROR_REDIS_UNAVAILABLE, "gone");
    }
    fake->settled += count;
    fake->has = 0;
    return true;
}

static bool run(struct fake_source *fake, struct ingest_tally *ret_tally, struct error *err) {
    struct step_tools tools = {0};
    const struct ingest_source source = {.context = fake, .take = take, .settle = settle};
    _cleanup_(ingest_freep) struct ingest *ingest = ingest_new(&source, "uploads", NULL, &tools);
    return ingest_run(ingest, NULL, NULL, ret_tally, err);
}

static void what_had_its_effect_is_settled(void **state) {
    (void)state;
    struct fake_source fake = {.has = 3};
    struct ingest_tally tally;
    struct error err = {0};
    assert_true(run(&fake, &tally, &err));
    assert_int_equal(tally.taken, 3);
    assert_int_equal(tally.counted, 0);
    assert_int_equal(fake.settled, 3);
}

static void nothing_is_settled_when_there_is_nothing(void **state) {
    (void)state;
    struct fake_source fake = {.fails_settle = true};
    struct ingest_tally tally;
    struct error err = {0};
    assert_true(run(&fake, &tally, &err));
    assert_int_equal(tally.taken, 0);
}

static void a_source_that_is_away_is_told(void **state) {
    (void)state;
    struct fake_source fake = {.has = 3, .fails_take = true};
    struct ingest_tally tally;
    struct error err = {0};
    assert_false(run(&fake, &tally, &err));
    assert_int_equal(err.code, ERROR_SQS_UNAVAILABLE);
    assert_int_equal(fake.settled, 0);
}

/* The effect is committed all the same, and the tally says so. */
static void what_could_not_be_settled_was_taken(void **state) {
    (void)state;
    struct fake_source fake = {.has = 2, .fails_settle = true};
    struct ingest_tally tally;
    struct error err = {0};
    assert_false(run(&fake, &tally, &err));
    assert_int_equal(err.code, ERROR_REDIS_UNAVAILABLE);
    assert_int_equal(tally.taken, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_had_its_effect_is_settled),
        cmocka_unit_test(nothing_is_settled_when_there_is_nothing),
        cmocka_unit_test(a_source_that_is_away_is_told),
        cmocka_unit_test(what_could_not_be_settled_was_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
