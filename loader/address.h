/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses and prefixes: text to bytes and back, and the keys that the programs look them up by. */
#ifndef LOADER_ADDRESS_H
#define LOADER_ADDRESS_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"
#include "elf/error.h"

/* The address is in network byte order and masked to the length; IPv4 is in the first four bytes, the rest zero. */
struct prefix {
	__u8 family; /* enum fw_family */
	__u8 length;
	__u8 addr[16];
};

#define ADDRESS_TEXT_MAX 40 /* eight groups of four digits, with the terminator */
#define PREFIX_TEXT_MAX 44

/*
 * Reads "192.0.2.1" or "2001:db8::1". Decimal numbers without leading zeros, no zone, no host name; an IPv4-mapped IPv6
 * address (RFC 4291, section 2.5.5.2) is the IPv4 address that it is sent as. -EINVAL and a sentence for anything else.
 */
int address_parse(const char *text, struct fw_addr *out, struct error *err);

/* Reads an address, for its full length, or "ADDRESS/LENGTH". Bits set beyond the length: -EINVAL, naming the prefix
 * meant. */
int prefix_parse(const char *text, struct prefix *out, struct error *err);

/* Whether the address is among them. */
bool address_is_among(const struct fw_addr *list, unsigned n, const struct fw_addr *addr);

/* Text as RFC 5952 has it; a prefix of full length is printed as its address. Both give `room`. */
const char *address_print(__u8 family, const __u8 *addr_be, char room[ADDRESS_TEXT_MAX]);
const char *prefix_print(const struct prefix *prefix, char room[PREFIX_TEXT_MAX]);

/* The length of one address: 32 or 128. */
__u8 address_bits(__u8 family);

/* The key of a prefix of a container's rules (FW_RULES; 0: in the blocklist), and back. */
struct fw_prefix prefix_key(__u32 rules, const struct prefix *prefix);
struct prefix prefix_of_key(const struct fw_prefix *key);

/* IPv4 before IPv6, then by address, then the shorter first: below, equal to or above 0. For qsort(3). */
int prefix_compare(const void *left, const void *right);

#endif
