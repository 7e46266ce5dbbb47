/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The global blocklist: full-length addresses of IPv4 in lines of an array, others in hashes, prefixes in a hash for
 * every length in use.
 */
#ifndef BPF_BLOCKLIST_H
#define BPF_BLOCKLIST_H

#include "bpf/maps.h"
#include "bpf/prefix.h"

DEFINE_MAP(blocked_lines, BPF_MAP_TYPE_ARRAY, __u32, struct fw_block_line, FW_BLOCK_ENTRIES, BPF_F_MMAPABLE);
DEFINE_HASH(blocked_ips, __u32, struct fw_block, FW_MAX_BLOCKED);
DEFINE_HASH(blocked_ips6, struct address, struct fw_block, FW_MAX_BLOCKED);
DEFINE_HASH(blocked_prefixes, struct fw_prefix, struct fw_block, FW_MAX_BLOCKED);
DEFINE_HASH(blocked_lengths, __u32, struct fw_lengths, 2);

/*
 * `side`: FW_SIDE_BIT of the policy that judges. In arithmetic, as the verifier walks this once for each prefix length.
 * The clock is asked where something can end.
 */
static __always_inline int block_lasts(struct fw_block *block, __u32 side)
{
	__u64 now = 0, lasts;

	if (!LOAD_CONSTANT(bulkhead_takes_shortcuts) || block->expires_ns != FW_FOREVER)
		now = bpf_ktime_get_ns();
	lasts = ((now - block->expires_ns) & -(__u64)(block->sides & side)) >> 63;
	OPAQUE(lasts);
	block->hits += lasts & LOAD_CONSTANT(bulkhead_counts_hits);
	return lasts;
}

static __noinline int block_in_force(struct fw_block *block, __u32 side)
{
	return block ? block_lasts(block, side) : 0;
}

/* What is looked up while walking the prefix lengths. */
struct block_walk {
	struct fw_prefix key; /* has its family */
	struct wide addr;
	__u32 side;
	__u32 pad;
};

/* One prefix of the address. Functions of their own keep the unrolled loops small. */
static __noinline int one_prefix_is_blocked(struct block_walk *walk, __u32 length)
{
	prefix_key(&walk->key, &walk->addr, length);
	return block_in_force(bpf_map_lookup_elem(&blocked_prefixes, &walk->key), walk->side);
}

/* What a look at some of a list's lengths gives. */
enum { GOES_ON, BLOCKED, AT_ITS_END };

/* See LENGTHS_A_CALL. */
static __noinline int some_prefixes_block(struct block_walk *walk, const __u8 *length)
{
#pragma unroll
	for (int i = 0; i < LENGTHS_A_CALL; i++) {
		if (length[i] == FW_LENGTH_END)
			return AT_ITS_END;
		if (one_prefix_is_blocked(walk, length[i]))
			return BLOCKED;
	}
	return GOES_ON;
}

static __noinline int dozen_prefixes_block(struct block_walk *walk, const __u8 *length)
{
	int found;

#pragma unroll
	for (int i = 0; i < 3 * LENGTHS_A_CALL; i += LENGTHS_A_CALL) {
		found = some_prefixes_block(walk, length + i);
		if (found)
			return found;
		if (!i && !LOAD_CONSTANT(bulkhead_many_lengths))
			return AT_ITS_END;
	}
	return GOES_ON;
}

static __always_inline int prefix_is_blocked(const __u32 *addr, __u32 family, __u32 side)
{
	const struct fw_lengths *lengths = bpf_map_lookup_elem(&blocked_lengths, &family);
	struct block_walk walk = { .key = { .family = family }, .side = side };
	int found;

	if (!lengths)
		return 0;
	walk.addr = wide_address(addr, family);
	FORGET(walk.addr.high, addr[0]);
	FORGET(walk.addr.shorter, addr[0]);
#pragma unroll
	for (int i = 0; i < FW_LENGTHS_MAX; i += 3 * LENGTHS_A_CALL) {
		found = dozen_prefixes_block(&walk, lengths->length + i);
		if (found)
			return found == BLOCKED;
	}
	return 0;
}

/* Whether the filter has an address of that line. A look-up in an array is no call: the program finds the place. */
static __always_inline int filter_has(__u64 hash, __u32 line, __u32 lines)
{
	__u32 at = fw_filter_at(line, lines);
	const struct fw_block_filter *filter = bpf_map_lookup_elem(&blocked_lines, &at);
	__u64 bits = FW_FILTER_BITS(hash);

	if (!filter)
		return 1;
	return (filter->word[FW_FILTER_WORD(hash)] & bits) == bits;
}

/* What a look at the lines gives. */
enum { LINES_HAVE_NOT, LINES_HAVE, LINES_LEFT_IT /* to blocked_ips, if it is blocked */ };

static __always_inline int lines_have(__u32 addr, __u32 side)
{
	__u32 at = 0, lines, bits;
	__u64 hash = fw_block_hash(addr);
	struct fw_block_line *line = bpf_map_lookup_elem(&blocked_lines, &at);

	if (!line || !line->address[0])
		return LINES_LEFT_IT;
	lines = line->address[0];
	at = fw_block_line(hash, lines);
	if (!filter_has(hash, at, lines))
		return LINES_HAVE_NOT;
	line = bpf_map_lookup_elem(&blocked_lines, &at);
	if (!line)
		return LINES_LEFT_IT;
	bits = line->bits;
#pragma unroll
	for (int i = 0; i < FW_LINE_ROOM; i++)
		if (line->address[i] == addr && bits & FW_LINE_SIDES(side, i)) {
			if (LOAD_CONSTANT(bulkhead_counts_hits))
				line->hits[i]++;
			return LINES_HAVE;
		}
	return bits & FW_LINE_HAS_ALL ? LINES_HAVE_NOT : LINES_LEFT_IT;
}

/* addr: network byte order; side: FW_SIDE_BIT. */
static __always_inline int blocklist_has(const __u32 *addr, __u32 family, __u32 side)
{
	struct fw_block *block = NULL;

	if (family == FW_IPV4) {
		int found = LINES_LEFT_IT;

		if (LOAD_CONSTANT(bulkhead_keeps_lines))
			found = lines_have(*addr, side);
		if (found == LINES_HAVE)
			return 1;
		if (found == LINES_LEFT_IT)
			block = bpf_map_lookup_elem(&blocked_ips, addr);
	} else if (LOAD_CONSTANT(bulkhead_blocks_ipv6)) {
		block = bpf_map_lookup_elem(&blocked_ips6, addr);
	}
	if (block && block_lasts(block, side))
		return 1;
	if (LOAD_CONSTANT(bulkhead_blocks_prefixes))
		return prefix_is_blocked(addr, family, side);
	return 0;
}

#endif
