/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A query against the blocked names, at the cgroup: there one packet may interrupt another on its CPU, so nothing is
 * kept in memory that they share. The name stays in the packet, four bytes of it at a time are hashed from its last to
 * its first, as the DNS filter does, and there are neither loops nor tail calls. What hashes alike, of the same length,
 * is taken for the same name.
 */
#ifndef BPF_DNS_WALK_H
#define BPF_DNS_WALK_H

#include "bpf/dns_query.h"

struct name_walk {
	__u32 at;      /* in the packet */
	__u32 left;    /* bytes of the message from there on */
	__u32 label;   /* where the next one begins in the name */
	__u32 length;  /* with the root's zero; 0: it was not met yet */
	__u32 refused; /* not readable, or blocked */
	__u32 side;    /* FW_SIDE_BIT of the policy that judges */
	__u64 hash;
	__u64 starts[4]; /* bit n: a label begins at byte n */
};

#define LABELS_MAX 128 /* each has two bytes at least, and there is the root */

static __noinline int name_label(PACKET *ctx, struct name_walk *walk)
{
	__u32 label = walk->label;
	__u64 bit, word = label >> 6, ends;
	__u8 byte;

	if (walk->length | walk->refused)
		return 0;
	FORGET(label, ctx->len);
	if (label >= FW_DOMAIN_MAX || packet_load(ctx, walk->at + label, &byte, 1)) {
		walk->refused = 1;
		return 0;
	}
	walk->refused = (63 - (__u64)byte) >> 63;
	bit = 1ULL << (label & 63);
#pragma unroll
	for (int i = 0; i < 4; i++)
		walk->starts[i] |= bit * (((word ^ i) - 1) >> 63);
	ends = ((__u64)byte - 1) >> 63;
	OPAQUE(ends);
	label += byte + 1;
	FORGET(label, ctx->len);
	walk->label = label;
	walk->length = label * ends;
	return 0;
}

static __noinline int name_labels(PACKET *ctx, struct name_walk *walk)
{
#pragma unroll
	for (int i = 0; i < LABELS_MAX / 8; i++)
		name_label(ctx, walk);
	return 0;
}

/* Takes in the byte at `at`. A function of its own, so that the verifier compares its states before and behind it. */
static __noinline int name_hash_byte(struct name_walk *walk, __u64 byte, __u32 at, __u64 starts)
{
	struct fw_domain_key key = {};
	const struct fw_domain *domain;

	walk->hash = fnv1a_hash(walk->hash, byte);
	if (!(starts & 1))
		return 0;
	key.hash = walk->hash;
	key.length = walk->length - at;
	domain = bpf_map_lookup_elem(&blocked_domains, &key);
	if (domain && ((domain->subtree & walk->side) || ((domain->exact & walk->side) && !at)))
		walk->refused = 1;
	return 0;
}

/* The four bytes from `at` on: they lie within the message, since behind the name there are four more. */
static __noinline int name_hash(PACKET *ctx, struct name_walk *walk, __u32 at)
{
	__u64 starts = walk->starts[(at >> 6) & 3] >> (at & 63), word = 0;
	const __u8 *bytes = (const __u8 *)&word;
	__u32 length = walk->length;

	FORGET(length, ctx->len); /* else what follows is walked once for each place where a name may end */
	if (at >= length || walk->refused)
		return 0;
	if (packet_load(ctx, walk->at + at, &word, 4)) {
		walk->refused = 1;
		return 0;
	}
	word = fold(word);
	if (at + 3 < length)
		name_hash_byte(walk, bytes[3], at + 3, starts >> 3);
	if (at + 2 < length)
		name_hash_byte(walk, bytes[2], at + 2, starts >> 2);
	if (at + 1 < length)
		name_hash_byte(walk, bytes[1], at + 1, starts >> 1);
	name_hash_byte(walk, bytes[0], at, starts);
	return 0;
}

static __noinline int name_hash_some(PACKET *ctx, struct name_walk *walk, __u32 at)
{
#pragma unroll
	for (int i = 7; i >= 0; i--)
		name_hash(ctx, walk, at + 4 * i);
	return 0;
}

/* Walks the name. Nonzero: it is blocked, or cannot be read. */
static __noinline int name_is_refused(PACKET *ctx, struct name_walk *walk)
{
#pragma unroll
	for (int i = 0; i < 8; i++)
		name_labels(ctx, walk);
	if (!walk->length || walk->length + DNS_QUESTION_REST > walk->left) {
		walk->length = 0;
		return 1;
	}
#pragma unroll
	for (int i = 7; i >= 0; i--)
		name_hash_some(ctx, walk, 32 * i);
	return walk->refused;
}

/* Of a query alone. */
static __noinline int message_is_refused(PACKET *ctx, const struct dns_message *message, struct name_walk *walk)
{
	walk->at = message->at + DNS_HEADER;
	walk->left = message->size - DNS_HEADER;
	walk->hash = FNV1A_OFFSET_BASIS;
	FORGET(walk->at, ctx->len);
	FORGET(walk->left, ctx->len);
	return dns_header_is_odd(ctx, message) || name_is_refused(ctx, walk);
}

/* A segment has one or two: a resolver asks for a name's addresses of both families at once. */
static __always_inline int query_is_refused(PACKET *ctx, const struct packet_info *packet, struct extent extent,
					    struct name_walk *walk)
{
	const struct name_walk none = { .side = walk->side };
	struct dns_message message;

	if (dns_message_find(ctx, packet, extent, &message) || message_is_refused(ctx, &message, walk))
		return 1;
	if (!message.rest)
		return 0;
	*walk = none;
	message.at += message.size;
	return dns_message_next(ctx, &message) || message.rest || message_is_refused(ctx, &message, walk);
}

#endif
