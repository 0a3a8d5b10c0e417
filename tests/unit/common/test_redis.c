#include "fake_redis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void values_may_hold_any_bytes(void **state) {
    (void)state;
    static const char *const replies[] = {"+OK\r\n", "$3\r\na\rb\r\n", "$-1\r\n", "$0\r\n\r\n",
                                          ":1\r\n",  "+PONG\r\n",      NULL};
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, replies);
    struct error err = {0};
    _cleanup_(buf_free) struct buf value = {0};
    bool found = false;
    assert_true(redis_set_expiring(redis, "key", "a\rb", 3, 60, &err));
    assert_true(redis_get(redis, "key", &value, &found, &err) && found);
    assert_string_equal(buf_text(&value), "a\rb");
    assert_true(redis_get(redis, "other", &value, &found, &err));
    assert_false(found);
    assert_string_equal(buf_text(&value), "a\rb");
    assert_true(redis_get(redis, "empty", &value, &found, &err) && found);
    assert_int_equal(value.length, 0);
    assert_true(redis_delete(redis, "key", &err));
    assert_true(redis_ping(redis, &err));
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_string_equal(commands, "SETEX key 60 a\rb\nGET key\nGET other\nGET empty\nDEL key\nPING\n");
}

/* It is not copied, and more than a socket takes at once. */
static void a_large_value_arrives_whole(void **state) {
    (void)state;
    enum { SIZE = 4 << 20 };
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, (const char *const[]){"+OK\r\n", "+PONG\r\n", NULL});
    struct error err = {0};
    _cleanup_(freep) char *value = xcalloc(SIZE + 1, 1);
    for (size_t i = 0; i < SIZE; i++) {
        value[i] = (char)('a' + i % 23);
    }
    assert_true(redis_set_expiring(redis, "key", value, SIZE, 60, &err));
    assert_true(redis_ping(redis, &err));
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    _cleanup_(freep) char *expected = xasprintf("SETEX key 60 %s\nPING\n", value);
    assert_string_equal(commands, expected);
}

static void a_large_value_for_a_server_that_is_gone_is_a_failure(void **state) {
    (void)state;
    enum { SIZE = 8 << 20 };
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, (const char *const[]){"+PONG\r\n", FAKE_CLOSE, FAKE_CLOSE, NULL});
    struct error err = {0};
    _cleanup_(freep) char *value = xcalloc(SIZE, 1);
    assert_true(redis_ping(redis, &err));
    assert_false(redis_set_expiring(redis, "key", value, SIZE, 60, &err));
    assert_int_equal(err.code, ERROR_REDIS_UNAVAILABLE);
    free(fake_redis_stop(&server, redis));
}

static void no_reply_is_taken_for_what_it_is_not(void **state) {
    (void)state;
    static const char *const odd[] = {":1\r\n", "*1\r\n$1\r\na\r\n", "*-1\r\n", "$4\r\nPONG\r\n", "+QUEUED\r\n", NULL};
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, odd);
    struct error err = {0};
    _cleanup_(buf_free) struct buf value = {0};
    bool found = false;
    assert_false(redis_get(redis, "k", &value, &found, &err));
    assert_int_equal(err.code, ERROR_REDIS_UNAVAILABLE);
    assert_false(redis_get(redis, "k", &value, &found, &err));
    assert_false(redis_delete(redis, "k", &err));
    assert_false(redis_ping(redis, &err));
    assert_false(redis_set_expiring(redis, "k", "v", 1, 1, &err));
    assert_int_equal(redis_generation(redis), 1);
    free(fake_redis_stop(&server, redis));
}

static void an_error_reply_is_a_failure_and_is_not_tried_again(void **state) {
    (void)state;
    static const char *const replies[] = {"-OOM command not allowed\r\n", "+PONG\r\n", NULL};
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, replies);
    struct error err = {0};
    assert_false(redis_set_expiring(redis, "k", "v", 1, 1, &err));
    assert_int_equal(err.code, ERROR_REDIS_UNAVAILABLE);
    assert_string_equal(err.message, "SETEX: OOM command not allowed");
    assert_true(redis_ping(redis, &err));
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_string_equal(commands, "SETEX k 1 v\nPING\n");
}

static void a_script_is_sent_whole_only_when_it_is_not_known(void **state) {
    (void)state;
    static const char *const replies[] = {"-NOSCRIPT No matching script.\r\n", ":7\r\n", ":8\r\n", "$1\r\n9\r\n", NULL};
    static const char *const words[] = {"list", "worker"};
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, replies);
    struct error err = {0};
    int64_t number = 0;
    assert_true(redis_script(redis, "return 1", 1, words, 2, &number, &err));
    assert_int_equal(number, 7);
    assert_true(redis_script(redis, "return 1", 1, words, 2, &number, &err));
    assert_int_equal(number, 8);
    assert_false(redis_script(redis, "return 1", 1, words, 2, &number, &err));
    assert_int_equal(number, 8);
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_string_equal(commands, "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 1 list worker\n"
                                  "EVAL return 1 1 list worker\n"
                                  "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 1 list worker\n"
                                  "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 1 list worker\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_may_hold_any_bytes),
        cmocka_unit_test(a_large_value_arrives_whole),
        cmocka_unit_test(a_large_value_for_a_server_that_is_gone_is_a_failure),
        cmocka_unit_test(no_reply_is_taken_for_what_it_is_not),
        cmocka_unit_test(an_error_reply_is_a_failure_and_is_not_tried_again),
        cmocka_unit_test(a_script_is_sent_whole_only_when_it_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
