#include "api/sse_stream.h"

#include "common/xalloc.h"

#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { LIMIT = 100000 };

static struct sse_stream *connected(int *ret_client) {
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    struct sse_stream *stream = xcalloc(1, sizeof *stream);
    stream->socket = ends[0];
    sse_stream_prepare(stream, 1000);
    *ret_client = ends[1];
    return stream;
}

static size_t drain(int client, char *last) {
    char piece[65536];
    size_t total = 0;
    ssize_t length = 0;
    while ((length = recv(client, piece, sizeof piece, MSG_DONTWAIT)) > 0) {
        total += (size_t)length;
        *last = piece[length - 1];
    }
    return total;
}

static void what_the_socket_does_not_take_is_kept_in_order(void **state) {
    (void)state;
    int client = -1;
    _cleanup_(sse_stream_freep) struct sse_stream *stream = connected(&client);
    enum sse_end reason = SSE_SHUTDOWN;
    _cleanup_(freep) char *bytes = xcalloc(1, LIMIT);
    memset(bytes, 'a', LIMIT);
    size_t sent = 0;
    while (!sse_stream_is_waiting(stream)) {
        assert_true(sse_stream_send(stream, bytes, 30000, LIMIT, 1, &reason));
        sent += 30000;
    }
    assert_true(sse_stream_send(stream, "z", 1, LIMIT, 2, &reason));
    assert_int_equal(stream->waiting_since_ms, 1);
    size_t received = 0;
    char last = '-';
    for (int i = 0; i < 100 && (received < sent + 1); i++) {
        received += drain(client, &last);
        assert_true(sse_stream_flush(stream, 3, &reason));
    }
    assert_int_equal(received, sent + 1);
    assert_int_equal(last, 'z');
    assert_false(sse_stream_is_waiting(stream));
    close(client);
}

static void a_client_that_reads_nothing_is_slow(void **state) {
    (void)state;
    int client = -1;
    _cleanup_(sse_stream_freep) struct sse_stream *stream = connected(&client);
    enum sse_end reason = SSE_SHUTDOWN;
    char bytes[5000] = {0};
    bool is_taken = true;
    for (int i = 0; i < 1000 && is_taken; i++) {
        is_taken = sse_stream_send(stream, bytes, sizeof bytes, LIMIT, 1, &reason);
    }
    assert_false(is_taken);
    assert_int_equal(reason, SSE_CLIENT_SLOW);
    close(client);
}

static void a_client_that_left_is_noticed(void **state) {
    (void)state;
    int client = -1;
    _cleanup_(sse_stream_freep) struct sse_stream *stream = connected(&client);
    enum sse_end reason = SSE_SHUTDOWN;
    assert_true(sse_stream_listen(stream));
    assert_int_equal(send(client, "hello", 5, 0), 5);
    assert_true(sse_stream_listen(stream));
    close(client);
    assert_false(sse_stream_listen(stream));
    assert_false(sse_stream_send(stream, "x", 1, LIMIT, 1, &reason));
    assert_int_equal(reason, SSE_CLIENT_LEFT);
}

static bool follows(enum sse_scope scope, const char *owner, const char *id, const struct outbox_change *change) {
    const struct sse_stream stream = {.scope = scope, .owner_id = (char *)owner, .id = (char *)id};
    return sse_stream_follows(&stream, change);
}

static void a_stream_follows_its_own_only(void **state) {
    (void)state;
    const struct outbox_change change = {.owner_id = (char *)"ann", .file_id = (char *)"f", .album_id = (char *)"a"};
    const struct outbox_change loose = {.owner_id = (char *)"ann", .file_id = (char *)"f"};
    assert_true(follows(SSE_FILE, "ann", "f", &change));
    assert_false(follows(SSE_FILE, "ann", "g", &change));
    assert_false(follows(SSE_FILE, "bob", "f", &change));
    assert_true(follows(SSE_ALBUM, "ann", "a", &change));
    assert_false(follows(SSE_ALBUM, "bob", "a", &change));
    assert_false(follows(SSE_ALBUM, "ann", "a", &loose));
    assert_true(follows(SSE_OWNER, "ann", NULL, &change));
    assert_false(follows(SSE_OWNER, "bob", NULL, &change));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_socket_does_not_take_is_kept_in_order),
        cmocka_unit_test(a_client_that_reads_nothing_is_slow),
        cmocka_unit_test(a_client_that_left_is_noticed),
        cmocka_unit_test(a_stream_follows_its_own_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
