/* Which IP addresses are anybody's on the internet, and which mean this host, its networks or something special. Pure.
 *
 * Source: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890) and the IPv6 address space registry. */
#ifndef SLUICE_COMMON_IP_ADDRESS_H
#define SLUICE_COMMON_IP_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { IP_ADDRESS_BYTES = 16, IP_ADDRESS_BITS = 128, IP_MAPPED_BITS = 96 };

/* An address of either family, in network order: IPv4 as IPv6 has it mapped, behind IP_MAPPED_BITS. */
struct ip_address {
    uint8_t bytes[IP_ADDRESS_BYTES];
};

/* False when the text is neither an IPv4 nor an IPv6 address. */
bool ip_address_parse(const char *text, struct ip_address *ret_address);

/* Whether it is one of IPv4, however it was written. */
bool ip_address_is_4(const struct ip_address *address);

/* As its own family writes it. */
void ip_address_print(const struct ip_address *address, char ret_text[INET6_ADDRSTRLEN]);

/* What an address is: "public", or the name of the special range that it lies in, such as "loopback". IPv6 addresses that
 * stand for IPv4 ones (mapped, NAT64, 6to4, Teredo) are special whatever they stand for; so is any other family. */
const char *ip_address_kind(const struct sockaddr *address);

/* Whether an address, in network order, begins with so many bits of a prefix of the same length. */
bool ip_prefix_fits(const uint8_t *bytes, const uint8_t *prefix, unsigned bits);

bool ip_address_is_public(const struct sockaddr *address);

#endif
