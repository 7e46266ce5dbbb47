/* SPDX-License-Identifier: GPL-2.0 */
/* The ICMPv6 that keeps a link working, and what of it a container may not send. */
#ifndef BPF_NEIGHBOURS_H
#define BPF_NEIGHBOURS_H

#include "bpf/conntrack.h"

#define ND_TARGET 8 /* behind the ICMPv6 header and four bytes of flags */

/* The least bytes of each, from router solicitation to redirect (RFC 4861 section 4). */
static __always_inline int neighbour_discovery_is_cut(const struct packet_info *packet)
{
	if (packet->icmp_type == ND_REDIRECT)
		return packet->transport_len < 40;
	if (packet->icmp_type >= ND_SOLICITATION)
		return packet->transport_len < 24;
	return packet->transport_len < (packet->icmp_type == ND_ROUTER_ADVERTISEMENT ? 16 : 8);
}

DEFINE_MAP(fw_neighbours, BPF_MAP_TYPE_LRU_HASH, struct fw_neighbour, __u64, FW_MAX_NEIGHBOURS, 0);

static __attribute__((unused)) __noinline int neighbour_learn(__u32 container, const __u32 *addr)
{
	struct fw_neighbour key = { .container = container };
	__u64 one = 1;

	__builtin_memcpy(key.addr, addr, 16);
	return bpf_map_update_elem(&fw_neighbours, &key, &one, BPF_ANY);
}

static __noinline int neighbour_is_known(__u32 container, const __u32 *addr)
{
	struct fw_neighbour key = { .container = container };

	__builtin_memcpy(key.addr, addr, 16);
	return bpf_map_lookup_elem(&fw_neighbours, &key) != NULL;
}

/*
 * Whether what the container sends is for a neighbour: any other could be told anything by messages that no rule
 * allows, since routers forward them. Who is one shows by its own messages, whose hop limit says that nobody did.
 */
static __always_inline int is_for_neighbour(const struct scene *scene, const struct five_tuple *tuple,
					    const struct packet_info *packet)
{
	return scene->direction == FW_IN || stays_on_link(packet->dst_addr) ||
	       neighbour_is_known(tuple->container, packet->dst_addr);
}

/* Says that another's address is the container's: behind the header and four bytes of flags is whose it tells of. */
static __always_inline int is_false_advertisement(PACKET *ctx, const struct scene *scene, struct five_tuple *tuple,
						  const struct packet_info *packet)
{
	if (packet->icmp_type != ND_ADVERTISEMENT || scene->direction != FW_OUT || !scene->policy->has_addrs)
		return 0;
	tuple->family = FW_IPV6;
	return packet_load(ctx, packet->transport + ND_TARGET, tuple->local_addr, 16) || is_spoofed(tuple);
}

/* Tells where routes go, or asks for it. Who is where on the link, which is the rest, has to be known of anybody. */
static __always_inline int is_about_routes(const struct packet_info *packet)
{
	return packet->icmp_class == ICMP_NEIGHBOUR && packet->icmp_type != ND_SOLICITATION &&
	       packet->icmp_type != ND_ADVERTISEMENT;
}

/* A container is no router: it does not advertise, and does not redirect. */
static __noinline verdict neighbour_discovery(PACKET *ctx, const struct scene *scene, struct five_tuple *tuple,
					      const struct packet_info *packet)
{
	if (packet->hop_limit != ND_HOP_LIMIT)
		return VERDICT(FW_REASON_INVALID, 0);
	if (scene->direction == FW_OUT &&
	    (packet->icmp_type == ND_ROUTER_ADVERTISEMENT || packet->icmp_type == ND_REDIRECT))
		return VERDICT(FW_REASON_SPOOF, 0);
	/* It is never fragmented (RFC 6980). */
	if (packet->fragment_at || neighbour_discovery_is_cut(packet))
		return VERDICT(FW_REASON_INVALID, 0);
	if (is_false_advertisement(ctx, scene, tuple, packet))
		return VERDICT(FW_REASON_SPOOF, 0);
	/* Its sockets hear little of this: at the cgroup it goes by the rules. */
	if (HOOK_LAYER == FW_LAYER_TC && scene->direction == FW_IN) {
		neighbour_learn(tuple->container, packet->src_addr);
		if (packet->icmp_type == ND_ADVERTISEMENT &&
		    !packet_load(ctx, packet->transport + ND_TARGET, tuple->local_addr, 16))
			neighbour_learn(tuple->container, (const __u32 *)tuple->local_addr);
	}
	return 0;
}

#endif
