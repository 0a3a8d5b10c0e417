#include "common/clock.h"
#include "common/pool.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { THREADS = 8, ROUNDS = 500 };

static int first_item, second_item;
static void *const two_items[] = {&first_item, &second_item};

static void the_item_used_last_is_used_again(void **state) {
    (void)state;
    struct pool *pool = pool_new(two_items, 2);
    void *one = pool_take(pool, 0);
    void *other = pool_take(pool, 0);
    assert_true(one != other);
    pool_give(pool, other);
    pool_give(pool, one);
    assert_ptr_equal(pool_take(pool, 0), one);
    pool_free(pool);
}

static void an_empty_pool_is_waited_for_so_long(void **state) {
    (void)state;
    struct pool *pool = pool_new(two_items, 1);
    assert_non_null(pool_take(pool, 0));
    assert_null(pool_take(pool, 0));
    int64_t started_ms = clock_monotonic_ms();
    assert_null(pool_take(pool, 50));
    assert_true(clock_monotonic_ms() - started_ms >= 49);
    pool_give(pool, &first_item);
    assert_ptr_equal(pool_take(pool, 0), &first_item);
    pool_free(pool);
}

struct taker {
    struct pool *pool;
    _Atomic int *ticket; /* counts those that got the item */
    int place;
    _Atomic pid_t id; /* of the thread, once it is about to take */
    pthread_t thread;
};

static void *take_and_note(void *context) {
    struct taker *taker = context;
    taker->id = gettid();
    void *item = pool_take(taker->pool, 10000);
    taker->place = atomic_fetch_add(taker->ticket, 1);
    pool_give(taker->pool, item);
    return NULL;
}

/* Whether the thread sleeps, which it does nowhere but in the pool's queue. */
static bool is_queued(pid_t id) {
    char path[64];
    char line[512] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)id);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    const char *name_end = strrchr(line, ')');
    return name_end != NULL && name_end[2] == 'S';
}

static void wait_until_queued(const struct taker *taker) {
    int64_t deadline_ms = clock_monotonic_ms() + 10000;
    while (taker->id == 0 || !is_queued(taker->id)) {
        assert_true(clock_monotonic_ms() < deadline_ms);
        clock_sleep_ms(1);
    }
}

static void items_go_to_those_who_waited_longest(void **state) {
    (void)state;
    struct pool *pool = pool_new(two_items, 1);
    void *item = pool_take(pool, 0);
    _Atomic int ticket = 0;
    struct taker takers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        takers[i] = (struct taker){.pool = pool, .ticket = &ticket};
        assert_int_equal(pthread_create(&takers[i].thread, NULL, take_and_note, &takers[i]), 0);
        wait_until_queued(&takers[i]);
    }
    pool_give(pool, item);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(takers[i].thread, NULL);
        assert_int_equal(takers[i].place, i);
    }
    pool_free(pool);
}

static _Atomic int holders[2];
static _Atomic int shared_at_once;

static void *borrow_often(void *context) {
    for (int round = 0; round < ROUNDS; round++) {
        void *item = pool_take(context, round % 3 == 0 ? 1 : 10000);
        if (item != NULL) {
            _Atomic int *held = &holders[item == &first_item ? 0 : 1];
            shared_at_once += atomic_fetch_add(held, 1);
            atomic_fetch_sub(held, 1);
            pool_give(context, item);
        }
    }
    return NULL;
}

static void no_item_is_ever_held_twice_or_lost(void **state) {
    (void)state;
    struct pool *pool = pool_new(two_items, 2);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, borrow_often, pool), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(shared_at_once, 0);
    assert_non_null(pool_take(pool, 0));
    assert_non_null(pool_take(pool, 0));
    assert_null(pool_take(pool, 0));
    pool_free(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_item_used_last_is_used_again),
        cmocka_unit_test(an_empty_pool_is_waited_for_so_long),
        cmocka_unit_test(items_go_to_those_who_waited_longest),
        cmocka_unit_test(no_item_is_ever_held_twice_or_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
