#include "api/sse_hub.h"

#include "common/clock.h"
#include "common/xalloc.h"
#include "tests/unit/api/exchange.h"

#include <sys/socket.h>

enum { PLACES = 2 };

static struct sse_stream *connected(int *ret_client) {
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    struct sse_stream *stream = xcalloc(1, sizeof *stream);
    stream->socket = ends[0];
    stream->scope = SSE_OWNER;
    stream->owner_id = xstrdup("ann");
    stream->position.seen = xstrdup("5:5:");
    stream->opened_ms = stream->spoken_ms = clock_monotonic_ms();
    *ret_client = ends[1];
    return stream;
}

static void there_are_so_many_places(void **state) {
    struct sse_hub *hub = ((struct api *)*state)->hub;
    struct error err = {0};
    assert_true(sse_hub_enter(hub, "ann", &err) && sse_hub_enter(hub, "ann", &err));
    assert_false(sse_hub_enter(hub, "ann", &err));
    assert_int_equal(err.code, ERROR_OVERLOADED);
    sse_hub_leave(hub, "ann");
    assert_true(sse_hub_enter(hub, "ann", &err));
    sse_hub_leave(hub, "ann");
    sse_hub_leave(hub, "ann");
}

/* Nothing works behind this API, and a client that goes gives its place back all the same. */
static void a_client_that_leaves_gives_its_place_back(void **state) {
    struct sse_hub *hub = ((struct api *)*state)->hub;
    struct error err = {0};
    for (int i = 0; i < 2 * PLACES; i++) {
        int64_t until_ms = clock_monotonic_ms() + 20000;
        while (!sse_hub_enter(hub, "ann", &err)) {
            assert_true(clock_monotonic_ms() < until_ms);
            clock_sleep_ms(5);
        }
        int client = -1;
        sse_hub_add(hub, connected(&client));
        close(client);
    }
}

static void the_end_ends_streams_and_waiting(void **state) {
    struct sse_hub *hub = ((struct api *)*state)->hub;
    struct error err = {0};
    int client = -1;
    int64_t until_ms = clock_monotonic_ms() + 20000;
    while (!sse_hub_enter(hub, "ann", &err)) {
        assert_true(clock_monotonic_ms() < until_ms);
        clock_sleep_ms(5);
    }
    sse_hub_add(hub, connected(&client));
    struct sse_watch watch = {.owner_id = "ann", .file_id = "f"};
    sse_hub_watch(hub, &watch);
    sse_hub_announce(hub);
    sse_hub_stop(hub);
    int64_t started_ms = clock_monotonic_ms();
    sse_hub_wait(hub, &watch, 10000);
    assert_true(clock_monotonic_ms() - started_ms < 5000);
    sse_hub_unwatch(hub, &watch);
    char bytes[100];
    ssize_t length = 1;
    while (length > 0) {
        length = recv(client, bytes, sizeof bytes, 0);
    }
    assert_int_equal(length, 0);
    close(client);
}

static int start(void **state) {
    static struct exchange_api made;
    setenv("SLUICE_SSE_MAX", "2", 1);
    made = exchange_api_new();
    *state = made.api;
    return 0;
}

static int stop(void **state) {
    struct exchange_api made = {.api = *state};
    made.config = (struct config *)made.api->config;
    exchange_api_free(&made);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_so_many_places),
        cmocka_unit_test(a_client_that_leaves_gives_its_place_back),
        cmocka_unit_test(the_end_ends_streams_and_waiting),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
