/* SPDX-License-Identifier: GPL-2.0 */
/* The global blocklist: full-length addresses in hashes, prefixes in a hash for every length in use. */
#ifndef BPF_BLOCKLIST_H
#define BPF_BLOCKLIST_H

#include "bpf/maps.h"
#include "bpf/prefix.h"

DEFINE_HASH(blocked_ips, __u32, struct fw_block, FW_MAX_BLOCKED);
DEFINE_HASH(blocked_ips6, struct address, struct fw_block, FW_MAX_BLOCKED);
DEFINE_HASH(blocked_prefixes, struct fw_prefix, struct fw_block, FW_MAX_BLOCKED);
DEFINE_HASH(blocked_lengths, __u32, struct fw_lengths, 2);

static __always_inline int block_in_force(const struct fw_block *block)
{
	return block && (!block->expires_ns || bpf_ktime_get_ns() < block->expires_ns);
}

/* One prefix of the address; the key has its family. Functions of their own keep the unrolled loops small. */
static __noinline int one_prefix_is_blocked(struct fw_prefix *key, const struct wide *wide, __u32 length)
{
	prefix_key(key, wide, length);
	return block_in_force(bpf_map_lookup_elem(&blocked_prefixes, key));
}

/* What a look at some of a list's lengths gives. */
enum { GOES_ON, BLOCKED, AT_ITS_END };

/* See LENGTHS_A_CALL. */
static __noinline int some_prefixes_block(struct fw_prefix *key, const struct wide *wide, const __u8 *length)
{
#pragma unroll
	for (int i = 0; i < LENGTHS_A_CALL; i++) {
		if (length[i] == FW_LENGTH_END)
			return AT_ITS_END;
		if (one_prefix_is_blocked(key, wide, length[i]))
			return BLOCKED;
	}
	return GOES_ON;
}

static __noinline int dozen_prefixes_block(struct fw_prefix *key, const struct wide *wide, const __u8 *length)
{
	int found;

#pragma unroll
	for (int i = 0; i < 3 * LENGTHS_A_CALL; i += LENGTHS_A_CALL) {
		found = some_prefixes_block(key, wide, length + i);
		if (found)
			return found;
		if (!i && !LOAD_CONSTANT(bulkhead_many_lengths))
			return AT_ITS_END;
	}
	return GOES_ON;
}

static __always_inline int prefix_is_blocked(const __u32 *addr, __u32 family)
{
	const struct fw_lengths *lengths = bpf_map_lookup_elem(&blocked_lengths, &family);
	struct fw_prefix key = { .family = family };
	struct wide wide;
	int found;

	if (!lengths)
		return 0;
	wide = wide_address(addr, family);
	FORGET(wide.high, addr[0]);
	FORGET(wide.shorter, addr[0]);
#pragma unroll
	for (int i = 0; i < FW_LENGTHS_MAX; i += 3 * LENGTHS_A_CALL) {
		found = dozen_prefixes_block(&key, &wide, lengths->length + i);
		if (found)
			return found == BLOCKED;
	}
	return 0;
}

/* addr: network byte order. */
static __noinline int address_is_blocked(const __u32 *addr, __u32 family)
{
	if (family == FW_IPV4) {
		if (block_in_force(bpf_map_lookup_elem(&blocked_ips, addr)))
			return 1;
	} else if (LOAD_CONSTANT(bulkhead_blocks_ipv6)) {
		if (block_in_force(bpf_map_lookup_elem(&blocked_ips6, addr)))
			return 1;
	}
	if (LOAD_CONSTANT(bulkhead_blocks_prefixes))
		return prefix_is_blocked(addr, family);
	return 0;
}

#endif
