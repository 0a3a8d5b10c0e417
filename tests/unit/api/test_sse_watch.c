#include "api/sse_watch.h"

#include "common/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int64_t waited_ms(struct sse_watches *watches, struct sse_watch *watch, int64_t timeout_ms) {
    int64_t started_ms = clock_monotonic_ms();
    sse_watches_wait(watches, watch, timeout_ms);
    return clock_monotonic_ms() - started_ms;
}

static void news_wakes_those_it_concerns(void **state) {
    (void)state;
    struct sse_watches watches;
    struct sse_watch mine = {.owner_id = "ann", .file_id = "f"};
    struct sse_watch other = {.owner_id = "bob", .file_id = "f"};
    const struct outbox_change change = {.owner_id = (char *)"ann", .file_id = (char *)"f"};
    sse_watches_init(&watches);
    sse_watches_add(&watches, &mine);
    sse_watches_add(&watches, &other);
    assert_int_equal(sse_watches_count(&watches), 2);
    sse_watches_notify(&watches, &change);
    assert_true(waited_ms(&watches, &mine, 10000) < 5000);
    assert_true(waited_ms(&watches, &other, 30) >= 29);
    assert_true(waited_ms(&watches, &mine, 30) >= 29);
    sse_watches_notify(&watches, NULL);
    assert_true(waited_ms(&watches, &other, 10000) < 5000);
    sse_watches_remove(&watches, &mine);
    sse_watches_remove(&watches, &other);
    assert_int_equal(sse_watches_count(&watches), 0);
    sse_watches_destroy(&watches);
}

struct late {
    struct sse_watches *watches;
};

static void *notify_later(void *context) {
    const struct late *late = context;
    clock_sleep_ms(30);
    sse_watches_notify(late->watches, NULL);
    return NULL;
}

static void news_that_comes_later_ends_the_wait(void **state) {
    (void)state;
    struct sse_watches watches;
    struct sse_watch watch = {.owner_id = "ann", .file_id = "f"};
    struct late late = {&watches};
    pthread_t thread;
    sse_watches_init(&watches);
    sse_watches_add(&watches, &watch);
    assert_int_equal(pthread_create(&thread, NULL, notify_later, &late), 0);
    assert_true(waited_ms(&watches, &watch, 10000) < 5000);
    pthread_join(thread, NULL);
    sse_watches_remove(&watches, &watch);
    sse_watches_destroy(&watches);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(news_wakes_those_it_concerns),
        cmocka_unit_test(news_that_comes_later_ends_the_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
