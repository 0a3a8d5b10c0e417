#include "fake_redis.h"

#include "common/event_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void names(void **state) {
    (void)state;
    _cleanup_(freep) char *own_list = event_queue_own_list("sluice:events", "host-1-7");
    assert_string_equal(own_list, "sluice:events:worker:host-1-7");
}

static void an_empty_element_only_wakes(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf element = {0};
    assert_true(event_queue_is_wake_up(&element));
    buf_append_char(&element, '{');
    assert_false(event_queue_is_wake_up(&element));
}

/* What follows the script in the n-th command. */
static void assert_arguments(const char *commands, int n, const char *expected) {
    const char *line = commands;
    for (int i = 0; i < n; i++) {
        line = strchr(line, '\n') + 1;
    }
    const char *arguments = line + strlen("EVALSHA ") + 41;
    assert_memory_equal(line, "EVALSHA ", 8);
    assert_int_equal(strcspn(arguments, "\n"), strlen(expected));
    assert_memory_equal(arguments, expected, strlen(expected));
}

/* That the scripts do what they say is shown against a real Redis, by the integration tests. */
static void scripts_get_their_keys_and_arguments(void **state) {
    (void)state;
    static const char *const replies[] = {":1\r\n", ":1\r\n", ":2\r\n", ":3\r\n", ":9\r\n",
                                          ":4\r\n", ":5\r\n", ":1\r\n", NULL};
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, replies);
    struct error err = {0};
    int64_t moved = 0;
    assert_true(event_queue_wake(redis, "ev", &err));
    assert_true(event_queue_beat(redis, "ev", "w1", &err));
    assert_true(event_queue_release(redis, "ev", "w1", &moved, &err));
    assert_int_equal(moved, 2);
    assert_true(event_queue_release_dead(redis, "ev", 30, &moved, &err));
    assert_int_equal(moved, 3);
    assert_true(event_queue_push(redis, "ev", "{}", 2, &err));
    assert_true(event_queue_move(redis, "ev", "ev:worker:w1", 64, &moved, &err));
    assert_int_equal(moved, 4);
    assert_true(event_queue_alive(redis, "ev", 90, &moved, &err));
    assert_int_equal(moved, 5);
    bool is_found = false;
    assert_true(event_queue_find(redis, "ev", "x", true, &is_found, &err));
    assert_true(is_found);
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_arguments(commands, 5, "2 ev ev:worker:w1 64");
    assert_arguments(commands, 6, "1 ev:workers 90");
    assert_arguments(commands, 7, "2 ev ev:workers x 1 ev:worker:");
    assert_arguments(commands, 0, "1 ev");
    assert_arguments(commands, 1, "1 ev:workers w1");
    assert_arguments(commands, 2, "3 ev ev:workers ev:worker:w1 w1");
    assert_arguments(commands, 3, "2 ev ev:workers 30 ev:worker:");
    assert_non_null(strstr(commands, "\nRPUSH ev {}\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(an_empty_element_only_wakes),
        cmocka_unit_test(scripts_get_their_keys_and_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
