#include "api/http_socket.h"

#include "common/cleanup.h"
#include "common/encode.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

/* An address of either family, as text and port. */
struct place {
    char address[INET6_ADDRSTRLEN];
    int port;
};

static bool read_place(const struct sockaddr_storage *name, struct place *ret_place) {
    const void *address = NULL;
    if (name->ss_family == AF_INET) {
        const struct sockaddr_in *inet = (const void *)name;
        address = &inet->sin_addr;
        ret_place->port = ntohs(inet->sin_port);
    } else if (name->ss_family == AF_INET6) {
        const struct sockaddr_in6 *inet = (const void *)name;
        address = &inet->sin6_addr;
        ret_place->port = ntohs(inet->sin6_port);
    }
    return address != NULL &&
           inet_ntop(name->ss_family, address, ret_place->address, sizeof ret_place->address) != NULL;
}

static bool is_connection(int descriptor, int server_port, const char *peer_address, int peer_port) {
    struct sockaddr_storage here = {0};
    struct sockaddr_storage there = {0};
    socklen_t here_size = sizeof here;
    socklen_t there_size = sizeof there;
    struct place server;
    struct place peer;
    return getpeername(descriptor, (struct sockaddr *)&there, &there_size) == 0 && read_place(&there, &peer) &&
           peer.port == peer_port && getsockname(descriptor, (struct sockaddr *)&here, &here_size) == 0 &&
           read_place(&here, &server) && server.port == server_port && strcmp(peer.address, peer_address) == 0;
}

static inline void closedirp(DIR **directory) {
    if (*directory != NULL) {
        closedir(*directory);
    }
}

static int find(int server_port, const char *peer_address, int peer_port) {
    _cleanup_(closedirp) DIR *directory = opendir("/proc/self/fd");
    const struct dirent *entry = NULL;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        int64_t descriptor = -1;
        if (parse_int64(entry->d_name, 0, INT_MAX, &descriptor) &&
            is_connection((int)descriptor, server_port, peer_address, peer_port)) {
            return (int)descriptor;
        }
    }
    return -1;
}

int http_socket_copy(int server_port, const char *peer_address, int peer_port) {
    int served = find(server_port, peer_address, peer_port);
    return served < 0 ? -1 : fcntl(served, F_DUPFD_CLOEXEC, 0);
}

int http_socket_take(int server_port, const char *peer_address, int peer_port) {
    int served = find(server_port, peer_address, peer_port);
    _cleanup_(closep) int substitute = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int taken = served < 0 || substitute < 0 ? -1 : fcntl(served, F_DUPFD_CLOEXEC, 0);
    if (taken >= 0 && dup3(substitute, served, O_CLOEXEC) < 0) {
        close(taken);
        taken = -1;
    }
    return taken;
}
