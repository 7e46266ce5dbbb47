/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A first fragment is judged like any packet; if it passes, what it covers is remembered for a short time by the
 * datagram's identification, so that the later ones pass. One that covers what another has covered would rewrite what
 * was judged.
 */
#ifndef BPF_FRAGMENTS_H
#define BPF_FRAGMENTS_H

#include "bpf/conntrack.h"

DEFINE_MAP(fragmented, BPF_MAP_TYPE_LRU_HASH, struct five_tuple, struct fw_datagram, FW_MAX_FRAGMENTED, 0);

/* The identification stands for the ports, and the direction beside it. */
static __always_inline void fragment_tuple(struct five_tuple *tuple, const struct packet_info *packet, int direction)
{
	tuple_fill(tuple, packet, direction);
	if (packet->family == FW_IPV6)
		tuple->proto = 0; /* only the first fragment's next header counts: RFC 8200 section 4.5 */
	tuple->kind = direction;
	tuple->local_port_be = packet->fragment_id >> 16;
	tuple->remote_port_be = (__u16)packet->fragment_id;
}

static __always_inline int fragment_is_late(const struct scene *scene, const struct fw_datagram *datagram)
{
	return datagram->epoch != scene->config->epoch ||
	       (__s64)(scene->now - datagram->first_seen_ns) > (__s64)scene->config->timeout_ns[FW_TIMEOUT_FRAGMENT];
}

/* 1: the span was free, or beside this one, and has it now. */
static __noinline int span_take(struct fw_span *span, __u32 begin, __u32 end)
{
	if (!span->end) {
		span->begin = begin;
		span->end = end;
		return 1;
	}
	if (span->end == begin) {
		span->end = end;
		return 1;
	}
	if (span->begin == end) {
		span->begin = begin;
		return 1;
	}
	return 0;
}

static __noinline int span_overlaps(const struct fw_span *span, __u32 begin, __u32 end)
{
	return begin < span->end && span->begin < end;
}

/* Nonzero: it overlaps what has passed, or leaves more gaps than are remembered. */
static __noinline int span_add(struct fw_datagram *datagram, __u32 begin, __u32 end)
{
#pragma unroll
	for (int i = 0; i < FW_SPANS; i++)
		if (span_overlaps(&datagram->span[i], begin, end))
			return -1;
#pragma unroll
	for (int i = 0; i < FW_SPANS; i++)
		if (span_take(&datagram->span[i], begin, end))
			return 0;
	return -1;
}

/* A second first fragment of the same datagram would rewrite what was judged. A function of its own for its stack. */
static __noinline verdict fragment_remember(const struct scene *scene, struct five_tuple *tuple,
					    const struct packet_info *packet)
{
	struct fw_datagram first = {
		.first_seen_ns = scene->now,
		.generation = scene->generation,
		.epoch = scene->config->epoch,
		.passed = fragment_length(packet),
		.span[0].end = fragment_length(packet),
	};
	const struct fw_datagram *other;

	fragment_tuple(tuple, packet, scene->direction);
	other = bpf_map_lookup_elem(&fragmented, tuple);
	if (other && !fragment_is_late(scene, other))
		return VERDICT(FW_REASON_FRAGMENT, 0);
	if (bpf_map_update_elem(&fragmented, tuple, &first, BPF_ANY))
		return VERDICT(FW_REASON_TABLE_FULL, 0);
	return 0;
}

static __always_inline verdict fragment_track(const struct scene *scene, struct five_tuple *tuple,
					      const struct packet_info *packet)
{
	struct fw_datagram *datagram;
	__u32 end = packet->fragment_offset + packet->transport_len;

	fragment_tuple(tuple, packet, scene->direction);
	datagram = bpf_map_lookup_elem(&fragmented, tuple);
	if (!datagram || fragment_is_late(scene, datagram))
		return VERDICT(FW_REASON_FRAGMENT, 0);
	/* Only the policy that let the first one in can vouch for the rest. */
	if (datagram->generation != scene->generation || (datagram->generation & 1))
		return VERDICT(FW_REASON_FRAGMENT, 0);
	if (datagram->total && end > datagram->total)
		return VERDICT(FW_REASON_FRAGMENT, 0);
	if (span_add(datagram, packet->fragment_offset, end))
		return VERDICT(FW_REASON_FRAGMENT, 0);
	datagram->passed += packet->transport_len;
	if (!packet->more_fragments)
		datagram->total = end;
	/* Once it is whole its identification is free for another. */
	if (datagram->passed == datagram->total)
		bpf_map_delete_elem(&fragmented, tuple);
	return 0;
}

#endif
