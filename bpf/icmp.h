/* SPDX-License-Identifier: GPL-2.0 */
/* What an ICMP message is for, in one vocabulary for ICMP and ICMPv6: read once, where the header is. */
#ifndef BPF_ICMP_H
#define BPF_ICMP_H

#include "bpf/network.h"

enum icmp_class {
	ICMP_NONE,    /* another protocol */
	ICMP_OTHER,   /* answered by nobody */
	ICMP_REQUEST, /* asks for a reply with its identifier: echo, and in IPv4 timestamp, information, address mask */
	ICMP_REPLY,   /* to one of these */
	ICMP_ERROR,   /* quotes the packet that it is about */
	ICMP_NEIGHBOUR, /* neighbour discovery (RFC 4861) */
	ICMP_LISTENER,  /* multicast listener reports (RFC 3810): neighbour discovery needs them where switches snoop */
	ICMP_ROUTER,    /* IPv4's redirect (RFC 792) and router advertisement (RFC 1256) */
};

#define TYPE(number) (1U << (number))
#define ICMPV4_REQUESTS (TYPE(8) | TYPE(13) | TYPE(15) | TYPE(17))
#define ICMPV4_REPLIES (TYPE(0) | TYPE(14) | TYPE(16) | TYPE(18))
#define ICMPV4_ERRORS (TYPE(3) | TYPE(4) | TYPE(11) | TYPE(12))
#define ICMPV4_ROUTERS (TYPE(5) | TYPE(9))

static __always_inline enum icmp_class icmpv4_class(__u8 type)
{
	__u32 bit = type < 32 ? TYPE(type) : 0;

	if (bit & ICMPV4_REQUESTS)
		return ICMP_REQUEST;
	if (bit & ICMPV4_REPLIES)
		return ICMP_REPLY;
	if (bit & ICMPV4_ERRORS)
		return ICMP_ERROR;
	return bit & ICMPV4_ROUTERS ? ICMP_ROUTER : ICMP_OTHER;
}

/* Of the link's scope, which no router forwards: multicast, or unicast (RFC 4291 sections 2.7 and 2.5.6). */
static __always_inline int stays_on_link(const __u32 *addr)
{
	__u32 first = be32(addr[0]);

	return first >> 16 == 0xff02 || first >> 22 == 0xfe80 >> 6;
}

/* The source of a container that does not know yet whether its address is free (RFC 4862 section 5.4.2). */
static __always_inline int is_unspecified(const __u32 *addr)
{
	return !(addr[0] | addr[1] | addr[2] | addr[3]);
}

#define ICMPV6_LISTENER_REPORT_2 143

/* On the link from one of its own to a group, or before the sender knows its address (RFC 3810 sections 5.2.13
 * and 5.2.14). */
static __always_inline int is_between_listeners(const struct packet_info *packet)
{
	return packet->hop_limit == 1 && !packet->fragment_at && be32(packet->dst_addr[0]) >> 24 == 0xff &&
	       (stays_on_link(packet->src_addr) || is_unspecified(packet->src_addr));
}

static __always_inline enum icmp_class icmpv6_class(const struct packet_info *packet, __u8 type)
{
	if (type >= 1 && type <= 4)
		return ICMP_ERROR;
	if (type == 128)
		return ICMP_REQUEST;
	if (type == 129)
		return ICMP_REPLY;
	if (type >= ND_ROUTER_SOLICITATION && type <= ND_REDIRECT)
		return ICMP_NEIGHBOUR;
	if (((type >= 130 && type <= 132) || type == ICMPV6_LISTENER_REPORT_2) && is_between_listeners(packet))
		return ICMP_LISTENER;
	return ICMP_OTHER;
}

/*
 * Sets class and kind, and the identifier of what has one as both ports, so that a request and its reply have one key.
 * The kind is the type of the reply, so that nothing but that one answers.
 */
static __subprogram int icmp_classify(struct packet_info *packet, __u8 type, __u16 id_be)
{
	packet->icmp_type = packet->icmp_kind = type;
	if (packet->family == FW_IPV4)
		packet->icmp_class = icmpv4_class(type);
	else
		packet->icmp_class = icmpv6_class(packet, type);
	if (packet->icmp_class == ICMP_REQUEST)
		packet->icmp_kind = type == 8 ? 0 : type + 1;
	if (packet->icmp_class == ICMP_REQUEST || packet->icmp_class == ICMP_REPLY)
		packet->src_port_be = packet->dst_port_be = id_be;
	return 0;
}

static __always_inline int is_icmp(const struct packet_info *packet)
{
	return packet->proto == (packet->family == FW_IPV4 ? PROTO_ICMP : PROTO_ICMPV6);
}

#endif
