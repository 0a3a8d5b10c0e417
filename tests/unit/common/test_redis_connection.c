#include "fake_redis.h"

#include "common/clock.h"
#include "common/retry_gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct redis *start(struct fake_server *server, const char *const *replies, const char *credentials,
                           const char *path) {
    fake_server_start(server, replies, fake_redis_serve);
    _cleanup_(freep) char *url = xasprintf("redis://%s@127.0.0.1:%d%s", credentials, server->port, path);
    struct redis *redis = NULL;
    assert_true(redis_new(url, 300, &redis, NULL));
    return redis;
}

static void a_new_connection_introduces_itself(void **state) {
    (void)state;
    static const char *const replies[] = {"+OK\r\n", "+OK\r\n", "+PONG\r\n", NULL};
    struct fake_server server;
    struct error err = {0};
    struct redis *redis = start(&server, replies, "queue:p%40ss", "/3");
    assert_int_equal(redis_generation(redis), 0);
    assert_true(redis_ping(redis, &err));
    assert_int_equal(redis_generation(redis), 1);
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_string_equal(commands, "AUTH queue p@ss\nSELECT 3\nPING\n");
}

static void the_password_is_never_told(void **state) {
    (void)state;
    static const char *const replies[] = {"-ERR unknown command `AUTH`, with args beginning with: `secret`\r\n", NULL};
    struct fake_server server;
    struct error err = {0};
    struct redis *redis = start(&server, replies, ":secret", "");
    assert_false(redis_ping(redis, &err));
    assert_int_equal(err.code, ERROR_REDIS_UNAVAILABLE);
    assert_string_equal(err.message, "AUTH: refused (ERR)");
    free(fake_redis_stop(&server, redis));
}

static void what_is_safe_to_repeat_is_repeated_once(void **state) {
    (void)state;
    static const char *const replies[] = {"+PONG\r\n", FAKE_CLOSE, "$1\r\na\r\n", FAKE_CLOSE, FAKE_CLOSE, NULL};
    struct fake_server server;
    struct error err = {0};
    struct redis *redis = fake_redis_start(&server, replies);
    _cleanup_(buf_free) struct buf value = {0};
    bool found = false;
    assert_true(redis_ping(redis, &err));
    assert_true(redis_get(redis, "k", &value, &found, &err) && found);
    assert_int_equal(redis_generation(redis), 2);
    assert_false(redis_get(redis, "k", &value, &found, &err));
    assert_int_equal(err.code, ERROR_REDIS_UNAVAILABLE);
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_string_equal(commands, "PING\nGET k\nGET k\nGET k\nGET k\n");
}

static void a_push_is_not_repeated(void **state) {
    (void)state;
    static const char *const replies[] = {"+PONG\r\n", FAKE_CLOSE, ":1\r\n", NULL};
    struct fake_server server;
    struct error err = {0};
    struct redis *redis = fake_redis_start(&server, replies);
    assert_true(redis_ping(redis, &err));
    assert_false(redis_push(redis, "list", "x", 1, &err));
    assert_true(redis_push(redis, "list", "y", 1, &err));
    assert_int_equal(redis_generation(redis), 2);
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_string_equal(commands, "PING\nRPUSH list x\nRPUSH list y\n");
}

/* Answers one PING, closes at once, then is a plain fake. */
static void serve_one_and_close(struct fake_server *server, FILE *input, int output) {
    server->serve = fake_redis_serve;
    _cleanup_(buf_free) struct buf command = {0};
    if (fake_redis_read_command(input, &command)) {
        fake_server_send(input, output, "+PONG\r\n", 7);
    }
}

static void a_connection_closed_while_idle_costs_nothing(void **state) {
    (void)state;
    static const char *const replies[] = {":1\r\n", NULL};
    struct fake_server server;
    fake_server_start(&server, replies, serve_one_and_close);
    _cleanup_(freep) char *url = xasprintf("redis://127.0.0.1:%d", server.port);
    struct redis *redis = NULL;
    struct error err = {0};
    assert_true(redis_new(url, 300, &redis, &err));
    assert_true(redis_ping(redis, &err));
    clock_sleep_ms(50); /* the close arrives; nothing outside shows it */
    assert_true(redis_push(redis, "list", "y", 1, &err));
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_int_equal(server.connections, 2);
    assert_string_equal(commands, "RPUSH list y\n");
}

static void silence_ends_with_the_timeout(void **state) {
    (void)state;
    static const char *const replies[] = {"+PONG\r\n", FAKE_SILENCE, NULL};
    struct fake_server server;
    struct error err = {0};
    struct redis *redis = fake_redis_start(&server, replies);
    assert_true(redis_ping(redis, &err));
    int64_t started_ms = clock_monotonic_ms();
    assert_false(redis_ping(redis, &err));
    assert_string_equal(err.message, "PING: no answer in time");
    assert_in_range(clock_monotonic_ms() - started_ms, 290, 5000);
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_string_equal(commands, "PING\nPING\n");
}

static void bytes_that_are_no_protocol_end_the_connection(void **state) {
    (void)state;
    static const char *const replies[] = {"HTTP/1.1 400 Bad Request\r\n\r\n", "+PONG\r\n", NULL};
    struct fake_server server;
    struct error err = {0};
    struct redis *redis = fake_redis_start(&server, replies);
    assert_false(redis_push(redis, "list", "x", 1, &err));
    assert_true(redis_ping(redis, &err));
    free(fake_redis_stop(&server, redis));
    assert_int_equal(server.connections, 2);
}

static void a_server_that_cannot_write_is_left(void **state) {
    (void)state;
    static const char *const replies[] = {"-READONLY You can't write against a read only replica.\r\n",
                                          "-LOADING Redis is loading the dataset in memory\r\n", ":1\r\n", NULL};
    struct fake_server server;
    struct error err = {0};
    struct redis *redis = fake_redis_start(&server, replies);
    assert_false(redis_push(redis, "list", "x", 1, &err));
    assert_int_equal(err.code, ERROR_REDIS_UNAVAILABLE);
    assert_false(redis_push(redis, "list", "x", 1, &err));
    assert_true(redis_push(redis, "list", "x", 1, &err));
    assert_int_equal(redis_generation(redis), 3);
    free(fake_redis_stop(&server, redis));
}

static void a_server_that_is_down_is_not_asked_all_the_time(void **state) {
    (void)state;
    int port = 0;
    int listener = fake_server_bind(&port);
    _cleanup_(freep) char *url = xasprintf("redis://:secret@127.0.0.1:%d", port);
    _cleanup_(redis_freep) struct redis *redis = NULL;
    struct error err = {0};
    assert_true(redis_new(url, 300, &redis, &err));
    assert_false(redis_ping(redis, &err));
    assert_string_equal(err.message, "cannot connect: Connection refused");
    assert_false(redis_ping(redis, &err));
    assert_string_equal(err.message, "cannot connect: an attempt failed a moment ago");
    assert_int_equal(redis_generation(redis), 0);
    close(listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_connection_introduces_itself),
        cmocka_unit_test(the_password_is_never_told),
        cmocka_unit_test(what_is_safe_to_repeat_is_repeated_once),
        cmocka_unit_test(a_push_is_not_repeated),
        cmocka_unit_test(a_connection_closed_while_idle_costs_nothing),
        cmocka_unit_test(silence_ends_with_the_timeout),
        cmocka_unit_test(bytes_that_are_no_protocol_end_the_connection),
        cmocka_unit_test(a_server_that_cannot_write_is_left),
        cmocka_unit_test(a_server_that_is_down_is_not_asked_all_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
