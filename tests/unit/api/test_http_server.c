#include "api/http_server.h"
#include "api/response.h"
#include "common/clock.h"
#include "tests/unit/api/exchange.h"

#include <arpa/inet.h>
#include <sys/socket.h>

static void answer(void *context, struct request *request) {
    (void)context;
    struct error error = {0};
    request_take_id(request);
    if (!http_framing_of(request->headers, request->header_count, &request->framing, &error) ||
        !request_read_body(request, 1000, &error)) {
        response_problem(request, &error);
        return;
    }
    request->response.close = !http_framing_persistent(request->headers, request->header_count, request->http_1_0);
    _cleanup_(buf_free) struct buf text = {0};
    buf_printf(&text, "%s %s ? %s: %s", request->method, request->raw_path, request->query, buf_text(&request->body));
    response_send(request, 200, "text/plain", text.data, text.length);
}

static void refuse(void *context, struct request *request, const struct error *err) {
    (void)context;
    request_take_id(request);
    response_problem(request, err);
}

static struct http_server *started(void) {
    const struct http_server_options options = {
        .listen = "127.0.0.1:0", .threads = 4, .request_timeout_ms = 300, .handle = answer, .refuse = refuse};
    struct http_server *server = NULL;
    struct error error = {0};
    if (!http_server_start(&options, &server, &error)) {
        fail_msg("%s", error.message);
    }
    return server;
}

/* Sends the bytes and returns all that comes until the server closes. */
static void talk(struct http_server *server, const char *bytes, struct buf *ret_answer) {
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)http_server_port(server)),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(client, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(client, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
    char piece[4096];
    ssize_t length = 0;
    while ((length = recv(client, piece, sizeof piece, 0)) > 0) {
        buf_append(ret_answer, piece, (size_t)length);
    }
    close(client);
}

static void expect(struct http_server *server, const char *bytes, const char *status, const char *text) {
    _cleanup_(buf_free) struct buf got = {0};
    talk(server, bytes, &got);
    if (strstr(buf_text(&got), status) == NULL || strstr(buf_text(&got), text) == NULL) {
        fail_msg("expected %s and %s in:\n%s", status, text, buf_text(&got));
    }
}

static void requests_reach_the_handler_undecoded(void **state) {
    (void)state;
    _cleanup_(http_server_freep) struct http_server *server = started();
    expect(server, "GET /a%2Fb/../c?q=%41 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "200 OK",
           "GET /a%2Fb/../c ? q=%41: ");
    expect(server, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", "200 OK",
           "POST /x ? : hello");
    expect(server,
           "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: "
           "close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
           "200 OK", "POST /x ? : abcde");
    expect(server, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
           "GET /1", "GET /2");
}

static void what_is_no_request_is_refused(void **state) {
    (void)state;
    _cleanup_(http_server_freep) struct http_server *server = started();
    expect(server, "nonsense\r\n\r\n", "400 Bad Request", "application/problem+json");
    expect(server, "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n folded: b\r\n\r\n", "400 Bad Request", "BAD_REQUEST");
    expect(server, "GET / HTTP/1.1\r\nAccept: x\r\n\r\n", "400 Bad Request", "Host is missing");
    expect(server, "GET / HTTP/3.0\r\n\r\n", "501 ", "NOT_IMPLEMENTED");
    expect(server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5x\r\n\r\n", "400 Bad Request", "BAD_REQUEST");
    _cleanup_(buf_free) struct buf many = {0};
    buf_append_text(&many, "GET / HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 70; i++) {
        buf_printf(&many, "X%d: a\r\n", i);
    }
    buf_append_text(&many, "Content-Length: 5\r\n\r\n");
    expect(server, many.data, "431 ", "HEADERS_TOO_LARGE");
}

static void a_body_that_does_not_come_is_given_up(void **state) {
    (void)state;
    _cleanup_(http_server_freep) struct http_server *server = started();
    int64_t started_ms = clock_monotonic_ms();
    expect(server, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel", "408 ", "REQUEST_TIMEOUT");
    assert_true(clock_monotonic_ms() - started_ms < 15000);
}

static void a_body_too_large_is_answered_before_it_is_read(void **state) {
    (void)state;
    _cleanup_(http_server_freep) struct http_server *server = started();
    expect(server, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n", "413 ",
           "Connection: close");
}

static void a_taken_port_is_told(void **state) {
    (void)state;
    _cleanup_(http_server_freep) struct http_server *server = started();
    char listen[40];
    snprintf(listen, sizeof listen, "127.0.0.1:%d", http_server_port(server));
    const struct http_server_options options = {
        .listen = listen, .threads = 4, .request_timeout_ms = 300, .handle = answer, .refuse = refuse};
    struct http_server *second = NULL;
    struct error error = {0};
    assert_false(http_server_start(&options, &second, &error));
    assert_int_equal(error.code, ERROR_CONFIG);
}

static void it_is_idle_when_nothing_runs(void **state) {
    (void)state;
    _cleanup_(http_server_freep) struct http_server *server = started();
    assert_true(http_server_wait_idle(server, 1000));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_reach_the_handler_undecoded),
        cmocka_unit_test(what_is_no_request_is_refused),
        cmocka_unit_test(a_body_that_does_not_come_is_given_up),
        cmocka_unit_test(a_body_too_large_is_answered_before_it_is_read),
        cmocka_unit_test(a_taken_port_is_told),
        cmocka_unit_test(it_is_idle_when_nothing_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
