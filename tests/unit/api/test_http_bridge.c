#include "api/http_bridge.h"

#include "common/buf.h"

#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct passed {
    struct buf bytes;
    bool fails;
};

static bool collect(void *context, const void *bytes, size_t length) {
    struct passed *passed = context;
    buf_append(&passed->bytes, bytes, length);
    return !passed->fails;
}

static void what_the_hub_writes_is_passed_on_until_it_closes(void **state) {
    (void)state;
    int here = -1;
    int hub = http_bridge_open(&here);
    assert_true(hub >= 0 && here >= 0);
    assert_int_equal(send(hub, "data: 1\n\n", 9, 0), 9);
    close(hub);
    struct passed passed = {0};
    http_bridge_run(here, -1, collect, &passed);
    assert_string_equal(buf_text(&passed.bytes), "data: 1\n\n");
    buf_free(&passed.bytes);
    close(here);
}

static void it_ends_when_nothing_can_be_written(void **state) {
    (void)state;
    int here = -1;
    int hub = http_bridge_open(&here);
    assert_int_equal(send(hub, "a", 1, 0), 1);
    struct passed passed = {.fails = true};
    http_bridge_run(here, -1, collect, &passed);
    assert_int_equal(passed.bytes.length, 1);
    buf_free(&passed.bytes);
    close(here);
    char byte = 0;
    assert_int_equal(recv(hub, &byte, 1, 0), 0); /* the hub sees it */
    close(hub);
}

static void it_ends_when_the_client_leaves(void **state) {
    (void)state;
    int client[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, client), 0);
    close(client[1]);
    int here = -1;
    int hub = http_bridge_open(&here);
    struct passed passed = {0};
    http_bridge_run(here, client[0], collect, &passed); /* returns, though the hub says nothing */
    assert_int_equal(passed.bytes.length, 0);
    close(client[0]);
    close(here);
    close(hub);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_hub_writes_is_passed_on_until_it_closes),
        cmocka_unit_test(it_ends_when_nothing_can_be_written),
        cmocka_unit_test(it_ends_when_the_client_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
