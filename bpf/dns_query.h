/* SPDX-License-Identifier: GPL-2.0 */
/* A DNS query (RFC 1035 section 4): which packets are one, where the message lies, and the names that are blocked. */
#ifndef BPF_DNS_QUERY_H
#define BPF_DNS_QUERY_H

#include "bpf/maps.h"
#include "bpf/transport.h"

DEFINE_HASH(blocked_domains, struct fw_domain_key, struct fw_domain, FW_MAX_BLOCKED);

#define DNS_PORT 53
#define DNS_HEADER 12
#define DNS_QUESTION_REST 4 /* type and class, behind the name */
#define DNS_QUESTION_MIN (1 + DNS_QUESTION_REST)

/* In the packet, without the length that TCP has before it, and what lies behind it. */
struct dns_message {
	__u32 at, size;
	__u32 rest; /* bytes of the segment behind it */
};

/* A handshake or a bare acknowledgement asks nothing, and neither does a later fragment. */
static __always_inline int is_dns(const struct packet_info *packet)
{
	if (packet->kind != PACKET_IP || packet->fragment == FRAGMENT_LATER || packet->dst_port_be != be16(DNS_PORT))
		return 0;
	if (packet->proto == PROTO_TCP)
		return packet->transport_len != packet->tcp_header;
	return packet->proto == PROTO_UDP;
}

/* The next of a segment's messages, of which `rest` bytes are left, from `at` on. Nonzero: it does not lie whole there.
 */
static __always_inline int dns_message_next(PACKET *ctx, struct dns_message *message)
{
	__u16 length_be;

	if (message->rest < 2 || packet_load(ctx, message->at, &length_be, 2))
		return -1;
	message->size = be16(length_be);
	if (message->size > message->rest - 2)
		return -1;
	message->at += 2;
	message->rest -= 2 + message->size;
	return 0;
}

/*
 * The first. Nonzero: it does not lie whole in this packet. What is split could hide a name (RFC 1035 section 4.2.2),
 * and of urgent data a receiver leaves a byte out (RFC 6093 section 3).
 */
static __always_inline int dns_message_find(PACKET *ctx, const struct packet_info *packet, struct extent extent,
					    struct dns_message *message)
{
	message->rest = 0;
	if (packet->proto == PROTO_UDP) {
		/* Several datagrams, which the kernel will still cut apart (udp(7), UDP_SEGMENT). */
		if (extent.gso)
			return -1;
		message->at = packet->transport + 8;
		message->size = packet->transport_len - 8;
		return packet->fragment ? -1 : 0;
	}
	if (packet->fragment || packet->tcp_flags & TCP_URG)
		return -1;
	message->at = packet->transport + packet->tcp_header;
	message->rest = packet->transport_len - packet->tcp_header;
	return dns_message_next(ctx, message);
}

/* Cut off, or not with one question. */
static __always_inline int dns_header_is_odd(PACKET *ctx, const struct dns_message *message)
{
	struct {
		__u16 id, flags, questions_be, answers, authority, additional;
	} header;

	return message->size < DNS_HEADER + DNS_QUESTION_MIN ||
	       packet_load(ctx, message->at, &header, sizeof(header)) || be16(header.questions_be) != 1;
}

/* Folds eight bytes to lower case. A length byte is below 'A', so it stays what it is. */
static __always_inline __u64 fold(__u64 word)
{
	const __u64 ones = 0x0101010101010101ULL, high = 0x8080808080808080ULL;
	__u64 low = word & ~high;
	__u64 from_a = low + ones * (0x80 - 'A'), past_z = low + ones * (0x7f - 'Z');

	return word | (((from_a & ~past_z & ~word & high) >> 7) * 0x20);
}

/* A name's room: FW_DOMAIN_MAX + 1 bytes. */
static __always_inline void name_fold(__u8 *name)
{
	__u64 *words = (__u64 *)name;

#pragma unroll
	for (int i = 0; i < (FW_DOMAIN_MAX + 1) / 8; i++)
		words[i] = fold(words[i]);
}

#endif
