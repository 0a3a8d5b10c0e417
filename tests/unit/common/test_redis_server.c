#include "fake_redis.h"

#include "common/redis_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_line_of_info_is_found_by_its_whole_name(void **state) {
    (void)state;
    static const char info[] = "# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n\r\n# Other\r\nempty:\r\n";
    char value[REDIS_INFO_VALUE_SIZE];
    redis_info_value(info, "maxmemory_policy", value);
    assert_string_equal(value, "allkeys-lru");
    redis_info_value(info, "maxmemory", value);
    assert_string_equal(value, "0");
    redis_info_value(info, "memory", value);
    assert_string_equal(value, "");
    redis_info_value(info, "empty", value);
    assert_string_equal(value, "");
    redis_info_value("", "maxmemory", value);
    assert_string_equal(value, "");
}

static void a_value_that_is_too_long_is_no_value(void **state) {
    (void)state;
    char info[200] = "a:";
    char value[REDIS_INFO_VALUE_SIZE];
    memset(info + 2, 'x', REDIS_INFO_VALUE_SIZE);
    redis_info_value(info, "a", value);
    assert_string_equal(value, "");
    info[1 + REDIS_INFO_VALUE_SIZE] = '\0';
    redis_info_value(info, "a", value);
    assert_int_equal(strlen(value), REDIS_INFO_VALUE_SIZE - 1);
}

static void info_and_clock_are_asked_for(void **state) {
    (void)state;
    static const char *const replies[] = {"$3\r\na:b\r\n",
                                          "+OK\r\n",
                                          "*2\r\n$10\r\n1795000000\r\n$6\r\n123456\r\n",
                                          "*2\r\n$1\r\nx\r\n$1\r\n1\r\n",
                                          "*0\r\n",
                                          "-LOADING\r\n",
                                          NULL};
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, replies);
    _cleanup_(buf_free) struct buf info = {0};
    struct error err = {0};
    int64_t now_ms = 0;
    assert_true(redis_info(redis, &info, &err));
    assert_string_equal(buf_text(&info), "a:b");
    assert_false(redis_info(redis, &info, &err));
    assert_true(redis_clock_ms(redis, &now_ms, &err));
    assert_true(now_ms == 1795000000123);
    assert_false(redis_clock_ms(redis, &now_ms, &err));
    assert_false(redis_clock_ms(redis, &now_ms, &err));
    assert_false(redis_clock_ms(redis, &now_ms, &err));
    assert_int_equal(err.code, ERROR_REDIS_UNAVAILABLE);
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_memory_equal(commands, "INFO\nINFO\nTIME\n", 15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_of_info_is_found_by_its_whole_name),
        cmocka_unit_test(a_value_that_is_too_long_is_no_value),
        cmocka_unit_test(info_and_clock_are_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
