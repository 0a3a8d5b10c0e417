#include "fake_redis.h"

#include "common/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_move_stops_counting_at_nil(void **state) {
    (void)state;
    static const char *const replies[] = {"$1\r\na\r\n", "$0\r\n\r\n", "$-1\r\n", "$-1\r\n", ":5\r\n", NULL};
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, replies);
    struct error err = {0};
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    assert_true(redis_move(redis, "from", "to", 4, &elements, &err));
    assert_int_equal(elements.count, 2);
    assert_string_equal(buf_text(&elements.items[0]), "a");
    assert_int_equal(elements.items[1].length, 0);
    int64_t length = 0;
    assert_true(redis_list_length(redis, "from", &length, &err));
    assert_int_equal(length, 5);
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_string_equal(commands, "LMOVE from to LEFT RIGHT\nLMOVE from to LEFT RIGHT\nLMOVE from to LEFT RIGHT\n"
                                  "LMOVE from to LEFT RIGHT\nLLEN from\n");
}

static void what_was_moved_before_a_loss_is_not_forgotten(void **state) {
    (void)state;
    static const char *const replies[] = {"$1\r\na\r\n", FAKE_CLOSE, FAKE_CLOSE, NULL};
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, replies);
    struct error err = {0};
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    assert_true(redis_move(redis, "from", "to", 3, &elements, &err));
    assert_int_equal(elements.count, 1);
    _cleanup_(redis_elements_free) struct redis_elements none = {0};
    assert_false(redis_move(redis, "from", "to", 3, &none, &err));
    assert_int_equal(none.count, 0);
    assert_int_equal(redis_generation(redis), 2);
    free(fake_redis_stop(&server, redis));
}

static void error_replies_leave_no_reply_unread(void **state) {
    (void)state;
    static const char *const replies[] = {"-OOM no\r\n", "-OOM no\r\n", ":1\r\n", "$1\r\nb\r\n", "+PONG\r\n", NULL};
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, replies);
    struct error err = {0};
    _cleanup_(redis_elements_free) struct redis_elements none = {0};
    assert_false(redis_move(redis, "from", "to", 2, &none, &err));
    assert_string_equal(err.message, "LMOVE: OOM no");
    _cleanup_(redis_elements_free) struct redis_elements one = {0};
    assert_true(redis_move(redis, "from", "to", 2, &one, &err));
    assert_int_equal(one.count, 1);
    assert_true(redis_ping(redis, &err));
    assert_int_equal(redis_generation(redis), 1);
    free(fake_redis_stop(&server, redis));
}

static void a_wait_may_be_longer_than_the_timeout(void **state) {
    (void)state;
    static const char *const replies[] = {"$2\r\nhi\r\n", "$-1\r\n", "*-1\r\n", "$-1\r\n", "*0\r\n", NULL};
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, replies);
    struct error err = {0};
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    assert_true(redis_move_wait(redis, "from", "to", 1500, &elements, &err));
    assert_int_equal(elements.count, 1);
    redis_elements_free(&elements);
    assert_true(redis_move_wait(redis, "from", "to", 25, &elements, &err));
    assert_int_equal(elements.count, 0);
    assert_true(redis_move_wait(redis, "from", "to", 60000, &elements, &err));
    assert_int_equal(elements.count, 0);
    assert_true(redis_move_wait(redis, "from", "to", 0, &elements, &err));
    assert_int_equal(elements.count, 0);
    assert_false(redis_move_wait(redis, "from", "to", 1, &elements, &err));
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_string_equal(commands, "BLMOVE from to LEFT RIGHT 1.500\nBLMOVE from to LEFT RIGHT 0.025\n"
                                  "BLMOVE from to LEFT RIGHT 60.000\nLMOVE from to LEFT RIGHT\n"
                                  "BLMOVE from to LEFT RIGHT 0.001\n");
}

static void a_lost_wait_ends_after_its_time_and_the_timeout(void **state) {
    (void)state;
    static const char *const replies[] = {FAKE_SILENCE, NULL};
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, replies);
    struct error err = {0};
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    int64_t started_ms = clock_monotonic_ms();
    assert_false(redis_move_wait(redis, "from", "to", 200, &elements, &err));
    assert_in_range(clock_monotonic_ms() - started_ms, 490, 5000);
    free(fake_redis_stop(&server, redis));
}

static void ranges_and_drops(void **state) {
    (void)state;
    static const char *const replies[] = {
        "*2\r\n$1\r\na\r\n$1\r\nb\r\n", "*0\r\n", "*1\r\n:1\r\n", "$1\r\na\r\n", "+OK\r\n", "$-1\r\n", NULL};
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, replies);
    struct error err = {0};
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    assert_true(redis_range(redis, "list", 10, &elements, &err));
    assert_int_equal(elements.count, 2);
    assert_string_equal(buf_text(&elements.items[1]), "b");
    redis_elements_free(&elements);
    assert_true(redis_range(redis, "list", 10, &elements, &err));
    assert_true(redis_range(redis, "list", 0, &elements, &err));
    assert_false(redis_range(redis, "list", 10, &elements, &err));
    assert_false(redis_range(redis, "list", 10, &elements, &err));
    assert_int_equal(elements.count, 0);
    assert_true(redis_drop_head(redis, "list", 3, &err));
    assert_false(redis_drop_head(redis, "list", 3, &err));
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_string_equal(commands, "LRANGE list 0 9\nLRANGE list 0 9\nLRANGE list 0 9\nLRANGE list 0 9\n"
                                  "LTRIM list 3 -1\nLTRIM list 3 -1\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_move_stops_counting_at_nil),
        cmocka_unit_test(what_was_moved_before_a_loss_is_not_forgotten),
        cmocka_unit_test(error_replies_leave_no_reply_unread),
        cmocka_unit_test(a_wait_may_be_longer_than_the_timeout),
        cmocka_unit_test(a_lost_wait_ends_after_its_time_and_the_timeout),
        cmocka_unit_test(ranges_and_drops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
