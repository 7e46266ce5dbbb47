/* SPDX-License-Identifier: GPL-2.0 */
/* The ICMPv6 that keeps a link working, and what of it a container may not send. */
#ifndef BPF_NEIGHBOURS_H
#define BPF_NEIGHBOURS_H

#include "bpf/conntrack.h"

#define ND_ROUTER_SOLICITATION 133
#define ND_ROUTER_ADVERTISEMENT 134
#define ND_SOLICITATION 135
#define ND_ADVERTISEMENT 136
#define ND_REDIRECT 137
#define ND_HOP_LIMIT 255 /* RFC 4861 section 7.1: it was not forwarded */

static __always_inline int is_neighbour_discovery(const struct packet_info *packet)
{
	return packet->proto == PROTO_ICMPV6 && packet->family == FW_IPV6 &&
	       packet->icmp_type >= ND_ROUTER_SOLICITATION && packet->icmp_type <= ND_REDIRECT;
}

/* The least bytes of each, from router solicitation to redirect (RFC 4861 section 4). */
static __always_inline int neighbour_discovery_is_cut(const struct packet_info *packet)
{
	if (packet->icmp_type == ND_REDIRECT)
		return packet->transport_len < 40;
	if (packet->icmp_type >= ND_SOLICITATION)
		return packet->transport_len < 24;
	return packet->transport_len < (packet->icmp_type == ND_ROUTER_ADVERTISEMENT ? 16 : 8);
}

/* Says that another's address is the container's: behind the header and four bytes of flags is whose it tells of. */
static __always_inline int is_false_advertisement(PACKET *ctx, const struct scene *scene, struct five_tuple *tuple,
						  const struct packet_info *packet)
{
	if (packet->icmp_type != ND_ADVERTISEMENT || scene->direction != FW_OUT || !scene->policy->has_addrs)
		return 0;
	tuple->family = FW_IPV6;
	return packet_load(ctx, packet->transport + 8, tuple->local_addr, 16) || is_spoofed(tuple);
}

/* A container is no router: it does not advertise, and does not redirect. */
static __always_inline verdict neighbour_discovery(PACKET *ctx, const struct scene *scene, struct five_tuple *tuple,
						   const struct packet_info *packet)
{
	if (packet->hop_limit != ND_HOP_LIMIT)
		return VERDICT(FW_REASON_INVALID, 0);
	if (scene->direction == FW_OUT &&
	    (packet->icmp_type == ND_ROUTER_ADVERTISEMENT || packet->icmp_type == ND_REDIRECT))
		return VERDICT(FW_REASON_SPOOF, 0);
	if (neighbour_discovery_is_cut(packet))
		return VERDICT(FW_REASON_INVALID, 0);
	if (is_false_advertisement(ctx, scene, tuple, packet))
		return VERDICT(FW_REASON_SPOOF, 0);
	return 0;
}

/* The same in IPv4: redirect (RFC 792), router advertisement (RFC 1256). */
static __always_inline int is_router_message(const struct packet_info *packet)
{
	return packet->proto == PROTO_ICMP && packet->family == FW_IPV4 &&
	       (packet->icmp_type == 5 || packet->icmp_type == 9);
}

/* The source of a container that does not know yet whether its address is free (RFC 4862 section 5.4.2). */
static __always_inline int is_unspecified(const __u32 *addr)
{
	return !(addr[0] | addr[1] | addr[2] | addr[3]);
}

/* Multicast listener reports (RFC 2710, RFC 3810), which neighbour discovery needs where switches snoop. */
static __always_inline int is_listener_report(const struct packet_info *packet)
{
	return packet->proto == PROTO_ICMPV6 && packet->family == FW_IPV6 && packet->hop_limit == 1 &&
	       (packet->icmp_type == 143 || (packet->icmp_type >= 130 && packet->icmp_type <= 132));
}

#endif
