#include "processor/steps.h"

#include "../common/fake_redis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct file_job job = {.file_id = "0190"};

static struct work work_with(struct step_tools *tools, const char *content) {
    buf_append_text(&tools->content, content);
    return (struct work){.job = &job, .tools = tools, .has_content = true};
}

static void content_goes_in_with_its_time(void **state) {
    (void)state;
    struct fake_server server;
    struct error err = {0};
    struct redis *redis = fake_redis_start(&server, (const char *const[]){"+OK\r\n", NULL});
    struct step_tools tools = {.cache = redis, .cache_max_bytes = 10, .cache_ttl_s = 60};
    struct work work = work_with(&tools, "words");
    assert_true(step_cache_applies(&work));
    assert_int_equal(step_cache(&work, &err), STEP_DONE);
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_string_equal(commands, "SETEX file_content:0190 60 words\n");
    buf_free(&tools.content);
}

static void what_is_not_whole_or_not_wanted_is_left_out(void **state) {
    (void)state;
    struct step_tools tools = {.cache_max_bytes = 10};
    struct work work = {.job = &job, .tools = &tools, .has_content = false};
    assert_false(step_cache_applies(&work));
    work.has_content = true;
    tools.cache_max_bytes = 0;
    assert_false(step_cache_applies(&work));
}

/* A cache that is down fails no file, is tried again only after a while, and is known to be down. */
static void a_cache_that_is_down_fails_nothing(void **state) {
    (void)state;
    struct fake_server server;
    struct error err = {0};
    static const char refused[] = "-OOM command not allowed\r\n";
    struct redis *redis = fake_redis_start(&server, (const char *const[]){refused, refused, NULL});
    struct step_tools tools = {
        .cache = redis, .cache_max_bytes = 10, .cache_ttl_s = 60, .cache_state = {.name = "cache"}};
    struct work work = work_with(&tools, "words");
    assert_int_equal(step_cache(&work, &err), STEP_DONE);
    assert_true(tools.cache_state.is_down);
    assert_int_equal(step_cache(&work, &err), STEP_DONE);
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_string_equal(commands, "SETEX file_content:0190 60 words\n");
    buf_free(&tools.content);
}

static void content_is_forgotten(void **state) {
    (void)state;
    struct fake_server server;
    struct redis *redis = fake_redis_start(&server, (const char *const[]){":1\r\n", NULL});
    struct step_tools tools = {.cache = redis};
    step_cache_forget(&tools, "0190");
    _cleanup_(freep) char *commands = fake_redis_stop(&server, redis);
    assert_string_equal(commands, "DEL file_content:0190\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_goes_in_with_its_time),
        cmocka_unit_test(what_is_not_whole_or_not_wanted_is_left_out),
        cmocka_unit_test(a_cache_that_is_down_fails_nothing),
        cmocka_unit_test(content_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
