#include "common/file_mark.h"

#include "fake_both.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FILE_ID "01931234-5678-7abc-8def-0123456789ab"
#define OBJECT "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nETag: \"tag\"\r\nConnection: close\r\n\r\n"

static bool look(const char *reply, const char *const *answers, enum file_mark_effect *ret_effect, struct error *err) {
    const char *const replies[] = {reply, NULL};
    struct fake_both both;
    fake_both_start(&both, replies, answers);
    bool is_good = file_mark_look(both.db, both.store.client, FILE_ID, "files/a", ret_effect, err);
    free(fake_both_stop(&both));
    fake_server_free(&both.store.server);
    return is_good;
}

static void the_database_compares(void **state) {
    (void)state;
    struct error err = {0};
    enum file_mark_effect effect = MARK_TAKEN_OFF;
    assert_true(look(OBJECT, (const char *const[]){FAKE_OK, FAKE_ROW, NULL}, &effect, &err));
    assert_int_equal(effect, MARK_SET);
    assert_true(look(OBJECT, (const char *const[]){FAKE_OK, FAKE_OK, NULL}, &effect, &err));
    assert_int_equal(effect, MARK_UNCHANGED);
}

static void what_cannot_be_looked_at_is_not_marked(void **state) {
    (void)state;
    struct error err = {0};
    enum file_mark_effect effect = MARK_SET;
    assert_true(look(FAKE_REPLY("404 Not Found", "0", ""), (const char *const[]){NULL}, &effect, &err));
    assert_int_equal(effect, MARK_UNCHANGED);
    effect = MARK_SET;
    assert_true(look(FAKE_REPLY("403 Forbidden", "0", ""), (const char *const[]){NULL}, &effect, &err));
    assert_int_equal(effect, MARK_UNCHANGED);
}

static void an_outage_is_told(void **state) {
    (void)state;
    struct error err = {0};
    enum file_mark_effect effect = MARK_SET;
    assert_false(look(FAKE_CLOSE, (const char *const[]){NULL}, &effect, &err));
    assert_int_equal(err.code, ERROR_STORE_UNAVAILABLE);
    assert_false(look(OBJECT, (const char *const[]){FAKE_OK, FAKE_FATAL("57P01"), NULL}, &effect, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_database_compares),
        cmocka_unit_test(what_cannot_be_looked_at_is_not_marked),
        cmocka_unit_test(an_outage_is_told),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
