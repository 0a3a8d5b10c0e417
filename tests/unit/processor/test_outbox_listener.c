#include "processor/outbox_listener.h"

#include "../common/fake_redis.h"

#include "common/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SUBSCRIBED "*3\r\n$9\r\nsubscribe\r\n$13\r\nsluice:outbox\r\n:1\r\n"
#define MESSAGE "*3\r\n$7\r\nmessage\r\n$13\r\nsluice:outbox\r\n$0\r\n\r\n"

static bool hears_within(struct outbox_listener *listener, int64_t timeout_ms) {
    bool has_heard = false;
    for (int64_t end_ms = clock_monotonic_ms() + timeout_ms; !has_heard && clock_monotonic_ms() < end_ms;) {
        has_heard = outbox_listener_heard(listener);
        clock_sleep_ms(2);
    }
    return has_heard;
}

static void it_connects_and_hears(void **state) {
    (void)state;
    static const char *const replies[] = {SUBSCRIBED MESSAGE, NULL};
    struct fake_server server;
    struct outbox_listener listener;
    fake_server_start(&server, replies, fake_redis_serve);
    _cleanup_(freep) char *url = xasprintf("redis://127.0.0.1:%d", server.port);
    outbox_listener_open(&listener, url);
    assert_false(outbox_listener_heard(&listener));
    assert_true(outbox_listener_descriptor(&listener, 1) >= 0);
    assert_true(hears_within(&listener, 5000));
    assert_false(outbox_listener_heard(&listener));
    outbox_listener_close(&listener);
    _cleanup_(freep) char *commands = fake_redis_stop(&server, NULL);
    assert_string_equal(commands, "SUBSCRIBE sluice:outbox\n");
}

static void without_redis_it_tries_now_and_then(void **state) {
    (void)state;
    struct outbox_listener listener;
    outbox_listener_open(&listener, "redis://127.0.0.1:1");
    assert_int_equal(outbox_listener_descriptor(&listener, 1), -1);
    assert_true(listener.redis.is_down);
    int64_t next_ms = listener.next_try_ms;
    assert_true(next_ms > 1);
    assert_int_equal(outbox_listener_descriptor(&listener, next_ms - 1), -1);
    assert_int_equal(listener.next_try_ms, next_ms);
    assert_int_equal(outbox_listener_descriptor(&listener, next_ms), -1);
    assert_true(listener.next_try_ms > next_ms);
    assert_false(outbox_listener_heard(&listener));
    outbox_listener_close(&listener);
}

static void a_url_that_is_none_is_never_heard(void **state) {
    (void)state;
    struct outbox_listener listener;
    outbox_listener_open(&listener, "http://127.0.0.1");
    assert_true(listener.redis.is_down);
    assert_int_equal(outbox_listener_descriptor(&listener, 1), -1);
    assert_false(outbox_listener_heard(&listener));
    outbox_listener_close(&listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_connects_and_hears),
        cmocka_unit_test(without_redis_it_tries_now_and_then),
        cmocka_unit_test(a_url_that_is_none_is_never_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
