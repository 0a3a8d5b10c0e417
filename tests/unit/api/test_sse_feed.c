#include "api/sse_hub_private.h"

#include "common/clock.h"
#include "common/xalloc.h"
#include "tests/unit/api/exchange.h"

#include <sys/epoll.h>
#include <sys/socket.h>

/* A hub without a thread, with one stream. */
struct bench {
    struct sse_hub hub;
    struct sse_stream *stream;
    int client;
};

static void set_up(struct bench *bench, const struct api *api) {
    int ends[2];
    *bench = (struct bench){.hub = {.api = api, .epoll = epoll_create1(EPOLL_CLOEXEC)}};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    bench->client = ends[1];
    bench->stream = xcalloc(1, sizeof *bench->stream);
    bench->stream->socket = ends[0];
    bench->stream->owner_id = xstrdup("ann");
    sse_stream_prepare(bench->stream, 1000);
    sse_feed_watch_socket(&bench->hub, bench->stream, EPOLL_CTL_ADD);
    assert_false(bench->stream->has_ended);
}

static void tear_down(struct bench *bench) {
    sse_stream_free(bench->stream);
    close(bench->client);
    close(bench->hub.epoll);
}

static uint32_t events_of(const struct bench *bench) {
    struct epoll_event event = {0};
    return epoll_wait(bench->hub.epoll, &event, 1, 0) == 1 ? event.events : 0;
}

static void room_is_waited_for_only_while_something_waits(void **state) {
    struct bench bench;
    char bytes[4096] = {0};
    set_up(&bench, *state);
    assert_int_equal(events_of(&bench), 0);
    while (!sse_stream_is_waiting(bench.stream)) {
        sse_feed_send(&bench.hub, bench.stream, bytes, sizeof bytes);
    }
    while (recv(bench.client, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
    assert_true((events_of(&bench) & EPOLLOUT) != 0);
    assert_false(bench.stream->has_ended);
    tear_down(&bench);
}

static void too_much_that_waits_ends_the_stream(void **state) {
    struct bench bench;
    char bytes[4096] = {0};
    set_up(&bench, *state);
    for (int i = 0; i < 1000 && !bench.stream->has_ended; i++) {
        sse_feed_send(&bench.hub, bench.stream, bytes, sizeof bytes);
    }
    assert_true(bench.stream->has_ended);
    tear_down(&bench);
}

static int start(void **state) {
    static struct exchange_api made;
    setenv("SLUICE_SSE_BUFFER_BYTES", "65536", 1);
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
        cmocka_unit_test(room_is_waited_for_only_while_something_waits),
        cmocka_unit_test(too_much_that_waits_ends_the_stream),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
