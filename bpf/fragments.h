/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A first fragment is judged like any packet; if it passes it is remembered for a short time by the datagram's
 * identification, so that the later ones pass. One that begins before the first's data ends would rewrite what was judged.
 */
#ifndef BPF_FRAGMENTS_H
#define BPF_FRAGMENTS_H

#include "bpf/conntrack.h"

static __always_inline void fragment_tuple(struct five_tuple *tuple, const struct packet_info *packet, int direction)
{
	tuple_fill(tuple, packet, direction);
	if (packet->family == FW_IPV6)
		tuple->proto = 0; /* only the first fragment's next header counts: RFC 8200 section 4.5 */
	/* No connection has these: layer's high bit keeps them apart, and the identification stands for the ports. */
	tuple->layer |= 0x80 | direction << 6;
	tuple->local_port_be = packet->fragment_id >> 16;
	tuple->remote_port_be = (__u16)packet->fragment_id;
}

static __always_inline int fragment_is_late(const struct scene *scene, const struct fw_connection *first)
{
	return (__s64)(scene->now - first->last_seen_ns) > (__s64)scene->config->timeout_ns[FW_TIMEOUT_FRAGMENT];
}

/* Where the fragment ends in the datagram: extension headers that were fragmented too are part of that. */
static __always_inline __u32 fragment_end(const struct packet_info *packet)
{
	__u32 begin = packet->fragment_at ? packet->fragment_at : packet->transport;

	return packet->transport + packet->transport_len - begin;
}

/* A second first fragment of the same datagram would rewrite what was judged. */
static __always_inline verdict fragment_remember(const struct scene *scene, struct five_tuple *tuple,
						 const struct packet_info *packet)
{
	struct fw_connection first = {};
	const struct fw_connection *other;

	connection_init(&first, scene, FW_STATE_FRAGMENT, 0);
	first.side[0].end = fragment_end(packet);
	fragment_tuple(tuple, packet, scene->direction);
	other = bpf_map_lookup_elem(&conntrack_half_open, tuple);
	if (other && !fragment_is_late(scene, other))
		return VERDICT(FW_REASON_FRAGMENT, 0);
	bpf_map_update_elem(&conntrack_half_open, tuple, &first, BPF_ANY);
	return 0;
}

static __always_inline verdict fragment_track(const struct scene *scene, struct five_tuple *tuple,
					      const struct packet_info *packet)
{
	struct fw_connection *first;

	fragment_tuple(tuple, packet, scene->direction);
	first = bpf_map_lookup_elem(&conntrack_half_open, tuple);
	if (!first || fragment_is_late(scene, first))
		return VERDICT(FW_REASON_FRAGMENT, 0);
	/* Only the policy that let the first one in can vouch for the rest. */
	if (first->generation != scene->generation || (first->generation & 1))
		return VERDICT(FW_REASON_FRAGMENT, 0);
	if (packet->fragment_offset < first->side[0].end)
		return VERDICT(FW_REASON_FRAGMENT, 0);
	return 0;
}

#endif
