#include "common/listen.h"

#include "common/encode.h"
#include "common/xalloc.h"

#include <arpa/inet.h>
#include <string.h>

static bool parse_ipv4(const char *host, struct listen_address *address) {
    static const char *const names[][2] = {{"", "0.0.0.0"}, {"*", "0.0.0.0"}, {"localhost", "127.0.0.1"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        host = strcmp(host, names[i][0]) == 0 ? names[i][1] : host;
    }
    struct in_addr ip;
    if (inet_pton(AF_INET, host, &ip) != 1) {
        return false;
    }
    address->is_loopback = ntohl(ip.s_addr) >> 24 == 127;
    snprintf(address->text, sizeof address->text, "%s:%d", host, address->port);
    return true;
}

static bool parse_ipv6(const char *host, struct listen_address *address) {
    struct in6_addr ip;
    char normal[INET6_ADDRSTRLEN];
    if (inet_pton(AF_INET6, host, &ip) != 1 || inet_ntop(AF_INET6, &ip, normal, sizeof normal) == NULL) {
        return false;
    }
    address->is_loopback = IN6_IS_ADDR_LOOPBACK(&ip) != 0 || (IN6_IS_ADDR_V4MAPPED(&ip) != 0 && ip.s6_addr[12] == 127);
    snprintf(address->text, sizeof address->text, "[%s]:%d", normal, address->port);
    return true;
}

static bool parse_host(char *host, size_t length, struct listen_address *address) {
    if (length >= 2 && host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        return parse_ipv6(host + 1, address);
    }
    return parse_ipv4(host, address);
}

bool listen_parse(const char *text, struct listen_address *ret_address, struct error *err) {
    const char *colon = strrchr(text, ':');
    struct listen_address address = {0};
    int64_t port = 0;
    if (colon != NULL && parse_int64(colon + 1, 0, 65535, &port)) {
        address.port = (int)port;
        size_t length = (size_t)(colon - text);
        _cleanup_(freep) char *host = xstrndup(text, length);
        if (parse_host(host, length, &address)) {
            *ret_address = address;
            return true;
        }
    }
    return error_set(err, ERROR_CONFIG, "%.100s is not an IP address and a port, like 127.0.0.1:8080 or [::1]:8080",
                     text);
}
