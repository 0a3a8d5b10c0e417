#include "api/http_socket.h"

#include "common/cleanup.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int port_of(int descriptor, bool is_peer) {
    struct sockaddr_in name = {0};
    socklen_t size = sizeof name;
    int problem = is_peer ? getpeername(descriptor, (struct sockaddr *)&name, &size)
                          : getsockname(descriptor, (struct sockaddr *)&name, &size);
    assert_int_equal(problem, 0);
    return ntohs(name.sin_port);
}

static void a_connection_is_taken_by_its_addresses(void **state) {
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    _cleanup_(closep) int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 4), 0);
    address.sin_port = htons((uint16_t)port_of(listener, false));
    _cleanup_(closep) int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&address, size), 0);
    int served = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    int server_port = port_of(served, false);
    int peer_port = port_of(served, true);

    assert_int_equal(http_socket_take(server_port, "127.0.0.2", peer_port), -1);
    assert_int_equal(http_socket_take(server_port + 1, "127.0.0.1", peer_port), -1);
    int copy = http_socket_copy(server_port, "127.0.0.1", peer_port);
    assert_true(copy >= 0 && copy != served);
    assert_int_equal(port_of(copy, true), peer_port);
    close(copy);
    _cleanup_(closep) int taken = http_socket_take(server_port, "127.0.0.1", peer_port);
    assert_true(taken >= 0 && taken != served);
    /* The server ends its connection, and the client notices nothing. */
    shutdown(served, SHUT_RDWR);
    close(served);
    assert_int_equal(send(taken, "on", 2, 0), 2);
    char bytes[3] = "";
    assert_int_equal(recv(client, bytes, 2, 0), 2);
    assert_string_equal(bytes, "on");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_taken_by_its_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
