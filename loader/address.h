/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses and prefixes, from words and to words. */
#ifndef LOADER_ADDRESS_H
#define LOADER_ADDRESS_H

#include <linux/types.h>
#include "bpf/fw_abi.h"
#include "elf/error.h"

#define PREFIX_TEXT_MAX 50 /* "ffff:…:ffff/128" and its terminator */

struct prefix {
	__u8 family; /* enum fw_family; 0: any address */
	__u8 length;
	__u8 addr[16]; /* network byte order; IPv4 in the first four, the rest zero */
};

/*
 * An address without a prefix length, or a prefix whose bits behind its length are 0; an IPv4-mapped IPv6 address is the
 * IPv4 one. 0, or -EINVAL and a sentence that says what is wrong and what was meant.
 */
int address_parse(const char *text, struct fw_addr *out, struct error *err);
int prefix_parse(const char *text, struct prefix *out, struct error *err);

/* As RFC 5952 writes it; a full-length prefix without its length; family 0 as "any". */
void prefix_print(const struct prefix *prefix, char out[PREFIX_TEXT_MAX]);
void address_print(__u8 family, const __u8 addr[16], char out[PREFIX_TEXT_MAX]);

/* The prefix as a hash key of the programs, for a container (0: the blocklist). */
void prefix_to_key(const struct prefix *prefix, __u32 container, struct fw_prefix *out);
void prefix_of_key(const struct fw_prefix *key, struct prefix *out);

/* IPv4 before IPv6, then by address, then by length. */
int prefix_compare(const struct prefix *left, const struct prefix *right);

#endif
