#include "common/ip_address.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

enum { BYTE_BITS = 8 };

static const char public_kind[] = "public";

struct range {
    uint8_t prefix[16];
    unsigned bits;
    const char *kind;
};

/* clang-format off */
static const struct range special_4[] = {
    {{0}, 8, "this network"},
    {{10}, 8, "private"},
    {{100, 64}, 10, "carrier-grade NAT"},
    {{127}, 8, "loopback"},
    {{169, 254}, 16, "link-local"},
    {{172, 16}, 12, "private"},
    {{192, 0, 0}, 24, "protocol assignments"},
    {{192, 0, 2}, 24, "documentation"},
    {{192, 88, 99}, 24, "6to4 relay"},
    {{192, 168}, 16, "private"},
    {{198, 18}, 15, "benchmarking"},
    {{198, 51, 100}, 24, "documentation"},
    {{203, 0, 113}, 24, "documentation"},
    {{224}, 4, "multicast"},
    {{240}, 4, "reserved"},
    {{0}, 0, public_kind},
};

/* The first that fits. Of all of IPv6 only 2000::/3 is given out, and not all of that. */
static const struct range special_6[] = {
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "documentation"},
    {{0x20, 0x01, 0x00}, 23, "protocol assignments, Teredo"},
    {{0x20, 0x02}, 16, "6to4"},
    {{0x3f, 0xff}, 20, "documentation"},
    {{0x20}, 3, public_kind},
    {{0}, 128, "unspecified"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, "loopback"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, "mapped IPv4"},
    {{0, 0x64, 0xff, 0x9b}, 32, "NAT64"},
    {{0xfc}, 7, "unique local"},
    {{0xfe, 0x80}, 10, "link-local"},
    {{0xff}, 8, "multicast"},
    {{0}, 0, "reserved"},
};
/* clang-format on */

static const uint8_t mapped[IP_MAPPED_BITS / BYTE_BITS] = {[10] = 0xff, [11] = 0xff};

bool ip_address_parse(const char *text, struct ip_address *ret_address) {
    memcpy(ret_address->bytes, mapped, sizeof mapped);
    return inet_pton(AF_INET, text, ret_address->bytes + sizeof mapped) == 1 ||
           inet_pton(AF_INET6, text, ret_address->bytes) == 1;
}

bool ip_address_is_4(const struct ip_address *address) {
    return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

void ip_address_print(const struct ip_address *address, char ret_text[INET6_ADDRSTRLEN]) {
    bool is_4 = ip_address_is_4(address);
    inet_ntop(is_4 ? AF_INET : AF_INET6, address->bytes + (is_4 ? sizeof mapped : 0), ret_text, INET6_ADDRSTRLEN);
}

bool ip_prefix_fits(const uint8_t *bytes, const uint8_t *prefix, unsigned bits) {
    size_t whole = bits / BYTE_BITS;
    unsigned rest = bits % BYTE_BITS;
    if (memcmp(bytes, prefix, whole) != 0) {
        return false;
    }
    return rest == 0 || (bytes[whole] ^ prefix[whole]) >> (BYTE_BITS - rest) == 0;
}

/* The last range of a table takes everything. */
static const char *kind_in(const struct range *ranges, const uint8_t *bytes) {
    while (!ip_prefix_fits(bytes, ranges->prefix, ranges->bits)) {
        ranges++;
    }
    return ranges->kind;
}

const char *ip_address_kind(const struct sockaddr *address) {
    uint8_t bytes[sizeof(struct in6_addr)];
    if (address->sa_family == AF_INET) {
        memcpy(bytes, (const char *)address + offsetof(struct sockaddr_in, sin_addr), sizeof(struct in_addr));
        return kind_in(special_4, bytes);
    }
    if (address->sa_family == AF_INET6) {
        memcpy(bytes, (const char *)address + offsetof(struct sockaddr_in6, sin6_addr), sizeof(struct in6_addr));
        return kind_in(special_6, bytes);
    }
    return "no internet address";
}

bool ip_address_is_public(const struct sockaddr *address) {
    return ip_address_kind(address) == public_kind;
}
