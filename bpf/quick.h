/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parser's shortcut, for what most packets are: TCP or UDP right behind an IP header without options or fragments,
 * without a tag, in the part of the packet that can be read without a call. What it reads it reads as the parser does;
 * what is anything else, it leaves to that one.
 */
#ifndef BPF_QUICK_H
#define BPF_QUICK_H

#include "bpf/packet_skb.h"
#include "bpf/transport.h"

#define LINK_BYTES 14

struct ipv4_words {
	packet_word version_length, id_fragment, ttl_proto, src, dst;
};

struct ipv6_words {
	packet_word version, length_next, src[4], dst[4];
};

struct udp_words {
	packet_word ports, length;
};

struct tcp_words {
	packet_word ports, seq, ack, offset_flags_window, rest;
};

/* From a word's first byte, as on a machine of big-endian byte order. */
static __always_inline __u32 word_be(packet_word word)
{
	return be32(word);
}

static __always_inline void take_ports(struct packet_info *packet, packet_word word)
{
	__u32 ports = word_be(word);

	packet->src_port_be = be16((__u16)(ports >> 16));
	packet->dst_port_be = be16((__u16)ports);
}

static __always_inline int quick_udp(const PACKET *skb, struct packet_info *packet, __u32 at)
{
	const struct udp_words *udp = (const void *)((const char *)(long)skb->data + at);
	__u32 length;

	if ((const char *)(udp + 1) > (const char *)(long)skb->data_end || packet->transport_len < sizeof(*udp))
		return 0;
	take_ports(packet, udp->ports);
	length = word_be(udp->length);
	/* Its length; and in IPv6 there has to be a checksum. */
	return length >> 16 >= sizeof(*udp) && length >> 16 <= packet->transport_len &&
	       (packet->family == FW_IPV4 || (length & 0xffff));
}

static __always_inline int quick_tcp(const PACKET *skb, struct packet_info *packet, __u32 at)
{
	const struct tcp_words *tcp = (const void *)((const char *)(long)skb->data + at);
	__u32 bits;

	if ((const char *)(tcp + 1) > (const char *)(long)skb->data_end)
		return 0;
	take_ports(packet, tcp->ports);
	bits = word_be(tcp->offset_flags_window);
	packet->tcp_seq = word_be(tcp->seq);
	packet->tcp_ack = word_be(tcp->ack);
	packet->tcp_window = (__u16)bits;
	packet->tcp_flags = bits >> 16 & 0x3f;
	packet->tcp_header = (bits >> 28) * 4;
	packet->tcp_end = packet->tcp_seq + packet->transport_len - packet->tcp_header +
			  !!(packet->tcp_flags & TCP_SYN) + !!(packet->tcp_flags & TCP_FIN);
	return packet->tcp_header >= sizeof(*tcp) && packet->tcp_header <= packet->transport_len;
}

/* `at`: where the transport header begins, a constant. */
static __always_inline int quick_transport(const PACKET *skb, struct packet_info *packet, __u32 at)
{
	packet->transport = at;
	if (packet->proto == PROTO_TCP)
		return quick_tcp(skb, packet, at);
	return packet->proto == PROTO_UDP && quick_udp(skb, packet, at);
}

static __always_inline int quick_ipv4(const PACKET *skb, struct packet_info *packet, __u32 at)
{
	const struct ipv4_words *ip = (const void *)((const char *)(long)skb->data + at);
	__u32 first, total;

	if ((const char *)(ip + 1) > (const char *)(long)skb->data_end)
		return 0;
	first = word_be(ip->version_length);
	total = first & 0xffff;
	/* 4, and 5 words; neither an offset nor more fragments. */
	if (first >> 24 != 0x45 || (word_be(ip->id_fragment) & 0x3fff) || total < sizeof(*ip) || at + total > skb->len)
		return 0;
	packet->family = FW_IPV4;
	packet->proto = word_be(ip->ttl_proto) >> 16 & 0xff;
	packet->hop_limit = word_be(ip->ttl_proto) >> 24;
	packet->src_addr[0] = ip->src;
	packet->dst_addr[0] = ip->dst;
	packet->transport_len = total - sizeof(*ip);
	return quick_transport(skb, packet, at + sizeof(*ip));
}

static __always_inline int quick_ipv6(const PACKET *skb, struct packet_info *packet, __u32 at)
{
	const struct ipv6_words *ip = (const void *)((const char *)(long)skb->data + at);
	__u32 second;

	if ((const char *)(ip + 1) > (const char *)(long)skb->data_end || word_be(ip->version) >> 28 != 6)
		return 0;
	second = word_be(ip->length_next);
	if (at + sizeof(*ip) + (second >> 16) > skb->len)
		return 0;
	packet->family = FW_IPV6;
	packet->proto = second >> 8 & 0xff;
	packet->hop_limit = second & 0xff;
#pragma unroll
	for (int i = 0; i < 4; i++) {
		packet->src_addr[i] = ip->src[i];
		packet->dst_addr[i] = ip->dst[i];
	}
	packet->transport_len = second >> 16;
	return quick_transport(skb, packet, at + sizeof(*ip));
}

/*
 * 1: it is such a packet, and `packet`, of zeroes before, is what the parser would make of it. 0: it is not, and
 * `packet` may be half filled. `at`: where its network header begins, a constant; `type`: its EtherType.
 */
static __always_inline int quick_parse(const PACKET *skb, struct packet_info *packet, __u32 at, __u32 type)
{
	if (type == ETHERTYPE_IPV4)
		return quick_ipv4(skb, packet, at);
	return type == ETHERTYPE_IPV6 && quick_ipv6(skb, packet, at);
}

/* The same for a frame with an Ethernet header. */
static __always_inline int quick_parse_frame(const PACKET *skb, struct packet_info *packet)
{
	const char *data = (const char *)(long)skb->data;

	if (data + LINK_BYTES > (const char *)(long)skb->data_end)
		return 0;
	return quick_parse(skb, packet, LINK_BYTES, be16(*(const __u16 *)(data + LINK_BYTES - 2)));
}

#endif
