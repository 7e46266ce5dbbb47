/* SPDX-License-Identifier: GPL-2.0 */
/* From a packet to its verdict, its counters and its event: what TC and cgroup do alike. */
#ifndef BPF_FILTER_H
#define BPF_FILTER_H

#include "bpf/packet_skb.h"
#include "bpf/transport.h"
#include "bpf/drop.h"
#include "bpf/track.h"
#include "bpf/arp.h"
#include "bpf/fragments.h"

/* Where a packet was met. */
struct place {
	__u32 container;
	__u8 layer; /* enum fw_layer */
	__u8 direction;
	__u8 counts_passed;
	__u8 pad;
};

static __always_inline verdict decide(PACKET *ctx, const struct scene *scene, const struct place *place,
				      struct packet_info *packet)
{
	struct five_tuple tuple = { .container = place->container, .layer = place->layer };
	verdict v;

	if (packet->kind == PACKET_INVALID)
		return VERDICT(FW_REASON_INVALID, 0);
	/* No socket has ARP, so a cgroup does not see it. */
	if (HOOK_LAYER == FW_LAYER_TC && packet->kind == PACKET_ARP)
		return arp_judge(ctx, scene, &tuple, packet);
	if (packet->kind != PACKET_IP)
		return VERDICT(scene->policy->default_action == FW_PASS ? FW_REASON_NONE : FW_REASON_DEFAULT_DENY, 0);
	if (packet->fragment == FRAGMENT_LATER)
		return fragment_track(scene, &tuple, packet);
	v = track(ctx, scene, &tuple, packet);
	if (packet->fragment == FRAGMENT_FIRST && !VERDICT_REASON(v))
		v = fragment_remember(scene, &tuple, packet);
	return v;
}

static __noinline int filter_refuse(PACKET *ctx, const struct packet_info *packet, const struct place *place, verdict v)
{
	struct drop drop = {
		.container = place->container,
		.ifindex = ctx->ifindex,
		.len = ctx->len,
		.rule = VERDICT_RULE(v),
		.layer = place->layer,
		.reason = VERDICT_REASON(v),
		.direction = place->direction,
	};

	drop_packet(ctx, packet, &drop);
	return FW_DROP;
}

/* Nobody's traffic: the cgroup does not see it, and it is not counted at TC either. */
static __always_inline int keeps_link_working(const struct packet_info *packet)
{
	return packet->kind == PACKET_ARP || packet->icmp_class == ICMP_NEIGHBOUR ||
	       packet->icmp_class == ICMP_LISTENER;
}

/* enum fw_action. What lacks a policy or a configuration is dropped: nothing passes undecided. */
static __always_inline int filter(PACKET *ctx, struct packet_info *packet, const struct place *place)
{
	__u32 container = place->container, key;
	struct scene scene = {
		.config = config_get(),
		.now = clock_coarse(),
		.direction = place->direction,
		.unknown = ctx->len,
	};
	verdict v = VERDICT(FW_REASON_DEFAULT_DENY, 0);

	/* The many ways through the parser end in one state for the verifier. */
	FORGET_ALL(packet, scene.unknown);
	/* Before the policy is: a change of it behind here is then seen by the next packet. */
	if (scene.config)
		scene.generation = *(const volatile __u32 *)&scene.config->generation;
	key = policy_key(container, scene.generation);
	scene.side = 1 + (key & 1);
	scene.policy = bpf_map_lookup_elem(&container_policies, &key);
	if (scene.config && scene.policy)
		v = decide(ctx, &scene, place, packet);
	if (VERDICT_REASON(v))
		return filter_refuse(ctx, packet, place, v);
	if (place->counts_passed && !keeps_link_working(packet))
		count_pass(container, place->direction, ctx->len);
	return FW_PASS;
}

#endif
