/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The second half of the parser, for TC and cgroup: options, extension headers, fragments, the transport header. What
 * it cannot read whole is invalid.
 */
#ifndef BPF_TRANSPORT_H
#define BPF_TRANSPORT_H

#include "bpf/icmp.h"

struct tcp_header {
	__u16 src_be, dst_be;
	__u32 seq_be, ack_be;
	__u8 offset, flags;
	__u16 window_be, checksum, urgent;
};

/* Bytes of the packet, and whether the kernel will still cut it into segments (then its IP length may say 0 or less).
 */
struct extent {
	__u32 len;
	__u32 gso;
};

static __always_inline struct extent packet_extent(const PACKET *ctx)
{
	/* Kernels before 5.1 have no gso_segs and 5.7 no gso_size in the context; the length checks are then exact. */
	struct extent extent = { .len = ctx->len, .gso = 0 };

	if (LOAD_CONSTANT(bulkhead_sees_gso))
		extent.gso = ctx->gso_size;
	return extent;
}

/* IPv4 options are refused by the program that judges; those that run before it define this and leave them to it. */
#ifdef LEAVES_OPTIONS
static __always_inline int parse_ipv4_options(PACKET *ctx, __u32 at, __u32 bytes)
{
	(void)ctx, (void)at, (void)bytes;
	return 0;
}
#else
struct option_walk {
	__u64 next;    /* where the next option begins, from the bytes at hand on */
	__u64 left;    /* bytes of the header from the bytes at hand on */
	__u64 refused; /* a loose or strict source route (RFC 791 section 3.1), or a length below 2 or beyond the header
			*/
};

#define OPTION_BYTES 40
#define OPTION_BYTES_A_CALL 1

/*
 * Some bytes of the options, and the one behind them. In arithmetic and not in branches, so that the verifier walks
 * them once and not once for each way through; "end of options" puts the next one beyond them all.
 */
static __noinline int options_walk(struct option_walk *walk, const __u8 *options)
{
	__u64 next = walk->next, left = walk->left, refused = walk->refused;

#pragma unroll
	for (int i = 0; i < OPTION_BYTES_A_CALL; i++) {
		__u64 type = options[i], len = options[i + 1], kind = type & 0x7f;
		__u64 begins = (next - i - 1) >> 63, has_len = 1 - ((type - 2) >> 63);
		__u64 is_route = ((kind ^ 3) * (kind ^ 9) - 1) >> 63, ends = (type - 1) >> 63;

		OPAQUE(ends); /* else compilers make a branch of it */
		refused |= begins & has_len & (is_route | (len - 2) >> 63 | (left - i - len) >> 63);
		next += begins * (1 + has_len * (len - 1) + ends * OPTION_BYTES);
		OPAQUE(next);
		OPAQUE(refused);
		OPAQUE(options); /* one step after the other: all bytes at once would not fit the stack */
	}
	walk->next = next - OPTION_BYTES_A_CALL;
	walk->left = left - OPTION_BYTES_A_CALL;
	walk->refused = refused;
	return 0;
}

#define OPTION_BYTES_A_GROUP 8

static __noinline int options_walk_some(struct option_walk *walk, const __u8 *options)
{
#pragma unroll
	for (int i = 0; i < OPTION_BYTES_A_GROUP; i += OPTION_BYTES_A_CALL)
		options_walk(walk, options + i);
	return 0;
}

/* A function of its own for its room on the stack: all calls together may take 512 bytes. */
static __noinline int parse_ipv4_options(PACKET *ctx, __u32 at, __u32 bytes)
{
	struct option_walk walk = { .left = bytes };
	__u8 options[68] = {};

	/* 4 to 40 in steps of 4; said so that the verifier sees a size that is not 0 and lies within the buffer. */
	bytes -= 4;
	OPAQUE(bytes);
	bytes &= 0x3f;
	OPAQUE(bytes);
	if (packet_load_some(ctx, at, options, bytes + 4))
		return -1;
#pragma unroll
	for (int i = 0; i < OPTION_BYTES; i += OPTION_BYTES_A_GROUP)
		options_walk_some(&walk, options + i);
	return (int)walk.refused;
}
#endif

/* Bytes of the datagram that this fragment has: extension headers that were fragmented too are part of that. */
static __always_inline __u32 fragment_length(const struct packet_info *packet)
{
	__u32 begin = packet->fragment_at ? packet->fragment_at : packet->transport;

	return packet->transport + packet->transport_len - begin;
}

/* Empty, or one that is not the last and does not end where another can begin (RFC 8200 section 4.5). */
static __always_inline int fragment_is_odd(const struct packet_info *packet)
{
	__u32 length = fragment_length(packet);

	return !length || (packet->more_fragments && length % 8);
}

static __always_inline int parse_ipv4(PACKET *ctx, struct packet_info *packet, __u32 at, struct extent extent)
{
	struct ipv4_header header;
	__u32 header_len, total, fragment;

	if (parse_ipv4_addresses(ctx, packet, at, &header))
		return -1;
	header_len = (header.version_ihl & 15) * 4;
	total = be16(header.total_len_be);
	if (!total && extent.gso)
		total = extent.len - at;
	if (header_len < 20 || total < header_len || at + total > extent.len)
		return parse_invalid(packet);
	FORGET(total, extent.len);
	if (header_len > 20 && parse_ipv4_options(ctx, at + 20, header_len - 20))
		return parse_invalid(packet);
	fragment = be16(header.fragment_be);
	packet->transport = at + header_len;
	packet->transport_len = total - header_len;
	packet->fragment_id = header.id_be;
	packet->fragment_offset = (fragment & 0x1fff) * 8;
	packet->more_fragments = fragment >> 13 & 1;
	if (packet->fragment_offset)
		packet->fragment = FRAGMENT_LATER;
	else if (packet->more_fragments)
		packet->fragment = FRAGMENT_FIRST;
	if (packet->fragment && (packet->fragment_offset + total > 65535 || fragment_is_odd(packet)))
		return parse_invalid(packet);
	return 0;
}

static __always_inline int is_extension(__u8 proto)
{
	return proto == PROTO_HOP_BY_HOP || proto == PROTO_ROUTING || proto == PROTO_FRAGMENT ||
	       proto == PROTO_AUTHENTICATION || proto == PROTO_DESTINATION;
}

/* An extension header (RFC 8200 section 4), if one is next: reads it, moves on. A function of its own keeps the loop
 * small. */
static __subprogram int parse_extension(PACKET *ctx, struct packet_info *packet, __u32 *at, int first)
{
	struct {
		__u8 next, len, type, rest;
		__u32 id_be;
	} header;
	__u8 proto = packet->proto;
	__u32 size;

	if (!is_extension(proto) || packet->fragment == FRAGMENT_LATER)
		return 0;
	if (packet_load(ctx, *at, &header, sizeof(header)))
		return -1;
	size = header.len * 8 + 8;
	if (proto == PROTO_HOP_BY_HOP && !first)
		return -1;
	/* Type 0 (RFC 5095), and any that is to send the packet on to where nobody asked the policy about. */
	if (proto == PROTO_ROUTING && (header.type == 0 || header.rest))
		return -1;
	if (proto == PROTO_AUTHENTICATION)
		size = header.len * 4 + 8;
	if (proto == PROTO_FRAGMENT) {
		__u32 bits = (__u32)header.type << 8 | header.rest;

		if (packet->fragment_at)
			return -1;
		size = 8;
		packet->fragment_at = (__u16)(*at + size);
		packet->fragment_offset = bits & 0xfff8;
		packet->fragment_id = header.id_be;
		packet->more_fragments = bits & 1;
		if (packet->fragment_offset)
			packet->fragment = FRAGMENT_LATER;
		else if (packet->more_fragments)
			packet->fragment = FRAGMENT_FIRST;
	}
	packet->proto = header.next;
	*at += size;
	return 0;
}

static __always_inline int parse_extensions(PACKET *ctx, struct packet_info *packet, __u32 at, __u32 end)
{
#pragma unroll
	for (int i = 0; i < EXTENSIONS_WALKED; i++)
		if (parse_extension(ctx, packet, &at, i == 0))
			return -1;
	if ((is_extension(packet->proto) && packet->fragment != FRAGMENT_LATER) || packet->proto == PROTO_NONE ||
	    at > end)
		return -1;
	packet->transport = at;
	packet->transport_len = end - at;
	return 0;
}

static __always_inline int parse_ipv6(PACKET *ctx, struct packet_info *packet, __u32 at, struct extent extent)
{
	struct ipv6_header header;
	__u32 end;

	if (parse_ipv6_addresses(ctx, packet, at, &header))
		return -1;
	end = at + sizeof(header) + be16(header.payload_len_be);
	if (!header.payload_len_be && extent.gso)
		end = extent.len;
	if (end > extent.len)
		return parse_invalid(packet);
	if (parse_extensions(ctx, packet, at + sizeof(header), end))
		return parse_invalid(packet);
	if (packet->fragment && (packet->fragment_offset + fragment_length(packet) > 65535 || fragment_is_odd(packet)))
		return parse_invalid(packet);
	return 0;
}

static __always_inline int parse_tcp(PACKET *ctx, struct packet_info *packet)
{
	struct tcp_header header;

	if (packet->transport_len < sizeof(header) || packet_load(ctx, packet->transport, &header, sizeof(header)))
		return parse_invalid(packet);
	packet->src_port_be = header.src_be;
	packet->dst_port_be = header.dst_be;
	packet->tcp_seq = be32(header.seq_be);
	packet->tcp_ack = be32(header.ack_be);
	packet->tcp_window = be16(header.window_be);
	packet->tcp_flags = header.flags & 0x3f;
	packet->tcp_header = (header.offset >> 4) * 4;
	packet->tcp_end = packet->tcp_seq + packet->transport_len - packet->tcp_header + !!(header.flags & TCP_SYN) +
			  !!(header.flags & TCP_FIN);
	if (packet->tcp_header < sizeof(header) || packet->tcp_header > packet->transport_len)
		return parse_invalid(packet);
	return 0;
}

static __always_inline int parse_udp(PACKET *ctx, struct packet_info *packet, struct extent extent)
{
	struct {
		__u16 src_be, dst_be, len_be, checksum;
	} header;
	__u32 len;

	if (packet->transport_len < sizeof(header) || packet_load(ctx, packet->transport, &header, sizeof(header)))
		return parse_invalid(packet);
	packet->src_port_be = header.src_be;
	packet->dst_port_be = header.dst_be;
	len = be16(header.len_be);
	if (packet->fragment != FRAGMENT_FIRST && !extent.gso && (len < sizeof(header) || len > packet->transport_len))
		return parse_invalid(packet);
	if (packet->family == FW_IPV6 && !header.checksum)
		return parse_invalid(packet);
	return 0;
}

static __always_inline int parse_icmp(PACKET *ctx, struct packet_info *packet)
{
	struct {
		__u8 type, code;
		__u16 checksum, id_be, sequence_be;
	} header;

	if (packet->transport_len < sizeof(header) || packet_load(ctx, packet->transport, &header, sizeof(header)))
		return parse_invalid(packet);
	icmp_classify(packet, header.type, header.id_be);
	return 0;
}

static __always_inline int parse_transport(PACKET *ctx, struct packet_info *packet, struct extent extent)
{
	if (packet->fragment == FRAGMENT_LATER)
		return 0;
	if (packet->proto == PROTO_TCP)
		return parse_tcp(ctx, packet);
	if (packet->proto == PROTO_UDP)
		return parse_udp(ctx, packet, extent);
	if (is_icmp(packet))
		return parse_icmp(ctx, packet);
	return 0;
}

/* From the network header on. `type` is the EtherType. */
static __always_inline void parse_network(PACKET *ctx, struct packet_info *packet, int type, __u32 at,
					  struct extent extent)
{
	packet->kind = PACKET_IP;
	FORGET(at, extent.len); /* however many tags there were */
	if (type == ETHERTYPE_IPV4) {
		if (parse_ipv4(ctx, packet, at, extent))
			return;
	} else if (type == ETHERTYPE_IPV6) {
		if (parse_ipv6(ctx, packet, at, extent))
			return;
	} else {
		packet->kind = type == ETHERTYPE_ARP ? PACKET_ARP : PACKET_OTHER;
		packet->transport = at;
		return;
	}
	parse_transport(ctx, packet, extent);
}

#endif
