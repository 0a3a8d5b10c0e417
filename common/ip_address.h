/* Which IP addresses are anybody's on the internet, and which mean this host, its networks or something special. Pure.
 *
 * Source: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890) and the IPv6 address space registry. */
#ifndef SLUICE_COMMON_IP_ADDRESS_H
#define SLUICE_COMMON_IP_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* What an address is: "public", or the name of the special range that it lies in, such as "loopback". IPv6 addresses that
 * stand for IPv4 ones (mapped, NAT64, 6to4, Teredo) are special whatever they stand for; so is any other family. */
const char *ip_address_kind(const struct sockaddr *address);

/* Whether an address, in network order, begins with so many bits of a prefix of the same length. */
bool ip_prefix_fits(const uint8_t *bytes, const uint8_t *prefix, unsigned bits);

bool ip_address_is_public(const struct sockaddr *address);

#endif
