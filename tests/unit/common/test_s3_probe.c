#include "tests/unit/common/fake_s3.h"

#include "common/s3_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void every_answer_is_kept(void **state) {
    (void)state;
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nDate: Fri, 20 Nov 2026 12:34:56 GMT\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", FAKE_ERROR("403 Forbidden", "SignatureDoesNotMatch"), NULL};
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    struct s3_probe probe = {0};
    assert_true(s3_probe_bucket(store.client, &probe, &store.err));
    assert_int_equal(probe.status, 200);
    assert_string_equal(probe.code, "");
    assert_true(probe.date_ms == 1795178096000);
    assert_true(s3_probe_bucket(store.client, &probe, &store.err));
    assert_true(probe.date_ms == 0);
    assert_true(s3_probe_bucket(store.client, &probe, &store.err));
    assert_int_equal(probe.status, 403);
    assert_string_equal(probe.code, "SignatureDoesNotMatch");
    assert_false(s3_probe_bucket(store.client, &probe, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_UNAVAILABLE);
    fake_s3_stop(&store);
    assert_true(fake_s3_count(&store, "GET /uploads?list-type=2&max-keys=1 HTTP/1.1") >= 3);
    fake_server_free(&store.server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
