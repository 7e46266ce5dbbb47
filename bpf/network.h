/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The first half of the one parser that XDP, TC and cgroup share: the link, the tags, the addresses. It reads through
 * packet_load(), which each kind of program defines before including this file, and guesses nothing: a header that is
 * cut off or contradicts itself makes the packet invalid. The second half is transport.h.
 */
#ifndef BPF_NETWORK_H
#define BPF_NETWORK_H

#include "bpf/fw_abi.h"
#include "bpf/helpers.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8
#define ETHERTYPE_QINQ_OLD 0x9100
#define TAGS_WALKED 2

#define PROTO_HOP_BY_HOP 0
#define PROTO_ICMP 1
#define PROTO_TCP 6
#define PROTO_UDP 17
#define PROTO_ROUTING 43
#define PROTO_FRAGMENT 44
#define PROTO_AUTHENTICATION 51
#define PROTO_ICMPV6 58
#define PROTO_NONE 59
#define PROTO_DESTINATION 60
#define EXTENSIONS_WALKED 6

#define ND_ROUTER_SOLICITATION 133
#define ND_ROUTER_ADVERTISEMENT 134
#define ND_SOLICITATION 135
#define ND_ADVERTISEMENT 136
#define ND_REDIRECT 137
#define ND_HOP_LIMIT 255 /* RFC 4861 section 7.1: it was not forwarded */

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10
#define TCP_URG 0x20

enum packet_kind {
	PACKET_IP, /* addresses and, unless a later fragment, the transport header are read */
	PACKET_ARP,
	PACKET_OTHER,   /* another EtherType */
	PACKET_INVALID, /* cut off, or contradicts itself */
};

enum fragment_kind { FRAGMENT_NONE, FRAGMENT_FIRST, FRAGMENT_LATER };

struct packet_info {
	__u32 src_addr[4]; /* network byte order; IPv4 in the first, the rest zero */
	__u32 dst_addr[4];
	__u16 src_port_be; /* ICMP: the identifier, in both */
	__u16 dst_port_be;
	__u8 family; /* enum fw_family, 0: not read */
	__u8 proto;
	__u8 kind;     /* enum packet_kind */
	__u8 fragment; /* enum fragment_kind */
	__u8 hop_limit;
	__u8 tcp_flags;
	__u8 tcp_header; /* bytes */
	__u8 tcp_scale;  /* of a SYN: its window scale, FW_NO_SCALE: none */
	__u8 icmp_type;
	__u8 icmp_class;     /* enum icmp_class */
	__u8 icmp_kind;      /* part of the key of what is tracked: see icmp.h */
	__u8 more_fragments; /* this one is not the last */
	__u16 transport;     /* offset of the transport header in the packet, or of an ARP message */
	__u16 fragment_at;   /* offset of what was fragmented, behind an IPv6 Fragment header; 0: there was none */
	__u32 transport_len; /* bytes from there to the IP packet's end */
	__u32 fragment_id;
	__u32 tcp_seq, tcp_ack; /* the machine's byte order */
	__u32 tcp_end;          /* the sequence number behind it, of which SYN and FIN have one each */
	__u16 tcp_window;
	__u16 fragment_offset; /* bytes */
};

struct ipv4_header {
	__u8 version_ihl, tos;
	__u16 total_len_be, id_be, fragment_be;
	__u8 ttl, proto;
	__u16 checksum;
	__u32 src, dst;
};

struct ipv6_header {
	__u8 version_class;
	__u8 flow[3];
	__u16 payload_len_be;
	__u8 next, hop_limit;
	__u32 src[4], dst[4];
};

static __always_inline int parse_invalid(struct packet_info *packet)
{
	packet->kind = PACKET_INVALID;
	return -1;
}

static __always_inline int is_tag(__u16 type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_QINQ_OLD;
}

/* The EtherType behind the tags, host byte order, and where its header begins; negative: cut off or too many tags. */
static __always_inline int parse_link(PACKET *ctx, __u32 *offset)
{
	__u16 type_be, type;
	__u32 at = 12;

	if (packet_load(ctx, at, &type_be, 2))
		return -1;
	type = be16(type_be);
#pragma unroll
	for (int i = 0; i < TAGS_WALKED; i++) {
		if (!is_tag(type))
			break;
		at += 4;
		if (packet_load(ctx, at, &type_be, 2))
			return -1;
		type = be16(type_be);
	}
	if (is_tag(type) || at + 4 * !!packet_tags_taken(ctx) > 12 + 4 * TAGS_WALKED)
		return -1;
	*offset = at + 2;
	return type;
}

/* The fixed part of an IPv4 header: version and addresses. */
static __always_inline int parse_ipv4_addresses(PACKET *ctx, struct packet_info *packet, __u32 at,
						struct ipv4_header *header)
{
	if (packet_load(ctx, at, header, sizeof(*header)) || header->version_ihl >> 4 != 4)
		return parse_invalid(packet);
	packet->family = FW_IPV4;
	packet->src_addr[0] = header->src;
	packet->dst_addr[0] = header->dst;
	packet->proto = header->proto;
	packet->hop_limit = header->ttl;
	return 0;
}

static __always_inline int parse_ipv6_addresses(PACKET *ctx, struct packet_info *packet, __u32 at,
						struct ipv6_header *header)
{
	if (packet_load(ctx, at, header, sizeof(*header)) || header->version_class >> 4 != 6)
		return parse_invalid(packet);
	packet->family = FW_IPV6;
	__builtin_memcpy(packet->src_addr, header->src, 16);
	__builtin_memcpy(packet->dst_addr, header->dst, 16);
	packet->proto = header->next;
	packet->hop_limit = header->hop_limit;
	return 0;
}

#endif
