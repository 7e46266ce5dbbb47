/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses as numbers, and the hash key of one prefix of an address. */
#ifndef BPF_PREFIX_H
#define BPF_PREFIX_H

#include "bpf/fw_abi.h"
#include "bpf/helpers.h"

struct wide {
	__u64 high, low; /* the machine's byte order; IPv4: high 0, low 32 bits */
	__u64 shorter;   /* bits that the family's addresses are shorter than 128 */
};

static __always_inline struct wide wide_address(const __u32 *addr, __u8 family)
{
	struct wide wide = { 0, be32(addr[0]), 96 };

	if (family == FW_IPV6) {
		wide.high = (__u64)be32(addr[0]) << 32 | be32(addr[1]);
		wide.low = (__u64)be32(addr[2]) << 32 | be32(addr[3]);
		wide.shorter = 0;
	}
	return wide;
}

/* The first `bits` bits of a 64-bit word, 0 to 64: in two shifts, since a shift by 64 leaves a word as it is. */
static __always_inline __u64 first_bits(__u32 bits)
{
	return ~((~0ULL >> (bits / 2)) >> (bits - bits / 2));
}

/* A list of prefix lengths is walked in steps of FW_LENGTHS_FEW, since each call in an unrolled loop is written out. */
#define LENGTHS_A_CALL FW_LENGTHS_FEW

/*
 * Sets the key's length and masked address; an IPv4 prefix is one of 96 bits more. Without branches: the verifier walks
 * this once for each entry of a list, and twice as often for each branch.
 */
static __always_inline void prefix_key(struct fw_prefix *key, const struct wide *wide, __u32 length)
{
	__s64 beyond = (__s64)length + wide->shorter - 64, below = beyond >> 63;

	OPAQUE(below);
	key->length = length;
	key->high = wide->high & first_bits(64 + (beyond & below));
	key->low = wide->low & first_bits(beyond & ~below);
}

#endif
