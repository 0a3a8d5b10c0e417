#include "common/clock.h"
#include "common/redis_subscriber.h"
#include "fake_redis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SUBSCRIBED "*3\r\n$9\r\nsubscribe\r\n$2\r\nch\r\n:1\r\n"
#define MESSAGE "*3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$0\r\n\r\n"

static struct redis_subscriber *subscribe(struct fake_server *server, const char *const *replies) {
    fake_server_start(server, replies, fake_redis_serve);
    _cleanup_(freep) char *url = xasprintf("redis://127.0.0.1:%d", server->port);
    struct redis_subscriber *subscriber = NULL;
    assert_true(redis_subscriber_new(url, "ch", 300, &subscriber, NULL));
    return subscriber;
}

/* Messages that have come within a while; the connection's end counts as `ended`. */
static size_t receive(struct redis_subscriber *subscriber, size_t wanted, bool *ret_ended) {
    size_t total = 0;
    *ret_ended = false;
    for (int tries = 0; total < wanted && tries < 500 && !*ret_ended; tries++) {
        size_t messages = 0;
        struct error err = {0};
        *ret_ended = !redis_subscriber_read(subscriber, &messages, &err);
        total += *ret_ended ? 0 : messages;
        clock_sleep_ms(2);
    }
    return total;
}

static void messages_are_counted(void **state) {
    (void)state;
    static const char *const replies[] = {SUBSCRIBED MESSAGE MESSAGE, NULL};
    struct fake_server server;
    struct error err = {0};
    bool has_ended = false;
    struct redis_subscriber *subscriber = subscribe(&server, replies);
    assert_int_equal(redis_subscriber_descriptor(subscriber), -1);
    assert_true(redis_subscriber_open(subscriber, &err));
    assert_true(redis_subscriber_descriptor(subscriber) >= 0);
    assert_int_equal(receive(subscriber, 2, &has_ended), 2);
    assert_false(has_ended);
    redis_subscriber_free(subscriber);
    _cleanup_(freep) char *commands = fake_redis_stop(&server, NULL);
    assert_string_equal(commands, "SUBSCRIBE ch\n");
}

static void a_lost_connection_is_noticed_and_made_again(void **state) {
    (void)state;
    static const char *const replies[] = {SUBSCRIBED, SUBSCRIBED MESSAGE, NULL};
    struct fake_server server;
    struct error err = {0};
    bool has_ended = false;
    struct redis_subscriber *subscriber = subscribe(&server, replies);
    assert_true(redis_subscriber_open(subscriber, &err));
    shutdown(redis_subscriber_descriptor(subscriber), SHUT_RDWR);
    assert_int_equal(receive(subscriber, 1, &has_ended), 0);
    assert_true(has_ended);
    assert_int_equal(redis_subscriber_descriptor(subscriber), -1);
    assert_true(redis_subscriber_open(subscriber, &err));
    assert_int_equal(receive(subscriber, 1, &has_ended), 1);
    redis_subscriber_free(subscriber);
    free(fake_redis_stop(&server, NULL));
}

static void nobody_there_is_an_error(void **state) {
    (void)state;
    struct redis_subscriber *subscriber = NULL;
    struct error err = {0};
    assert_true(redis_subscriber_new("redis://127.0.0.1:1", "ch", 300, &subscriber, &err));
    assert_false(redis_subscriber_open(subscriber, &err));
    assert_int_equal(err.code, ERROR_REDIS_UNAVAILABLE);
    redis_subscriber_free(subscriber);
    assert_false(redis_subscriber_new("http://x", "ch", 300, &subscriber, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_counted),
        cmocka_unit_test(a_lost_connection_is_noticed_and_made_again),
        cmocka_unit_test(nobody_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
