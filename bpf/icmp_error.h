/* SPDX-License-Identifier: GPL-2.0 */
/* An ICMP error passes where the packet it quotes belongs to a tracked connection (RFC 792, RFC 4443 section 2.4). */
#ifndef BPF_ICMP_ERROR_H
#define BPF_ICMP_ERROR_H

#include "bpf/conntrack.h"
#include "bpf/datagram.h"

#define ICMP_HEADER 8

/* Of IPv6: a first fragment, behind whose header the transport header is. Nonzero: a later one. */
static __always_inline int quoted_fragment(PACKET *ctx, struct packet_info *quoted)
{
	struct {
		__u8 next, reserved;
		__u16 offset_be;
	} header;

	if (packet_load(ctx, quoted->transport, &header, sizeof(header)) || header.offset_be & be16(0xfff8))
		return -1;
	quoted->proto = header.next;
	quoted->transport += 8;
	return 0;
}

/* The quoted packet's addresses and where its transport header is. Nonzero: cut off, or not one that is tracked. */
static __always_inline int quoted_network(PACKET *ctx, const struct packet_info *outer, struct packet_info *quoted)
{
	__u32 at = outer->transport + ICMP_HEADER, left = outer->transport_len - ICMP_HEADER;

	if (outer->family == FW_IPV4) {
		struct ipv4_header header;
		__u32 header_len;

		if (left < sizeof(header) || parse_ipv4_addresses(ctx, quoted, at, &header))
			return -1;
		header_len = (header.version_ihl & 15) * 4;
		if (header_len < sizeof(header) || (be16(header.fragment_be) & 0x1fff) || left < header_len + 8)
			return -1;
		quoted->transport = at + header_len;
	} else {
		struct ipv6_header header;

		if (left < sizeof(header) + 8 || parse_ipv6_addresses(ctx, quoted, at, &header))
			return -1;
		quoted->transport = at + sizeof(header);
		if (header.next == PROTO_FRAGMENT)
			return left < sizeof(header) + 16 || quoted_fragment(ctx, quoted);
	}
	return 0;
}

static __always_inline int quoted_ports(PACKET *ctx, struct packet_info *quoted)
{
	struct {
		__u16 first, second, third, fourth;
	} words;

	if (packet_load(ctx, quoted->transport, &words, sizeof(words)))
		return -1;
	if (quoted->proto == PROTO_TCP || quoted->proto == PROTO_UDP) {
		quoted->src_port_be = words.first;
		quoted->dst_port_be = words.second;
		quoted->tcp_seq = (__u32)be16(words.third) << 16 | be16(words.fourth);
	} else if (is_icmp(quoted)) {
		icmp_classify(quoted, be16(words.first) >> 8, words.third);
	}
	return 0;
}

/* The quoted packet went the other way: the error's receiver must be its sender. */
static __always_inline int quoted_sender_is_receiver(const struct packet_info *outer, const struct packet_info *quoted)
{
	return outer->dst_addr[0] == quoted->src_addr[0] && outer->dst_addr[1] == quoted->src_addr[1] &&
	       outer->dst_addr[2] == quoted->src_addr[2] && outer->dst_addr[3] == quoted->src_addr[3];
}

/*
 * The tuple of the connection that the error is about, and the quoted TCP sequence number as the packet's own. A
 * function of its own for its room on the stack.
 */
static __noinline verdict icmp_error_tuple(PACKET *ctx, __u32 direction, struct five_tuple *tuple,
					   struct packet_info *outer)
{
	struct packet_info quoted = {};

	if (quoted_network(ctx, outer, &quoted) || quoted_ports(ctx, &quoted))
		return VERDICT(FW_REASON_INVALID, 0);
	if (!quoted_sender_is_receiver(outer, &quoted))
		return VERDICT(FW_REASON_NO_STATE, 0);
	tuple_fill(tuple, &quoted, !direction);
	outer->tcp_seq = quoted.tcp_seq;
	return 0;
}

#endif
