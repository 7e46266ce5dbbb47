/* SPDX-License-Identifier: GPL-2.0 */
/* TC on a container's host-side device, both ways: connection tracking, rules, the container's default. */
#define HOOK_LAYER FW_LAYER_TC
#include "bpf/filter.h"
#include "bpf/shortcut.h"
#include "bpf/device.h"

static __always_inline int parse_packet(struct __sk_buff *skb, struct packet_info *packet)
{
	__u32 at = 0;
	int type = parse_link(skb, &at);

	if (type < 0)
		return parse_invalid(packet);
	parse_network(skb, packet, type, at, packet_extent(skb));
	return 0;
}

/* Written out for each direction: a program has at most 4,096 instructions before 5.2. */
static __always_inline int tc_filter(struct __sk_buff *skb, int direction)
{
	struct place place = { .layer = HOOK_LAYER, .direction = direction, .counts_passed = 1 };
	struct packet_info packet = {};
	int is_read = 0;

	place.container = device_container(skb->ifindex);
	if (!place.container)
		return TC_ACT_UNSPEC;
	if (LOAD_CONSTANT(bulkhead_takes_shortcuts)) {
		is_read = quick_parse_frame(skb, &packet);
		if (is_read && connection_goes_on(&packet, place.container, direction)) {
			count_goes_on(place.container, direction, skb->len);
			return TC_ACT_UNSPEC;
		}
		if (!is_read)
			packet = (struct packet_info) {};
	}
	if (!is_read)
		parse_packet(skb, &packet);
	return filter(skb, &packet, &place) == FW_PASS ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}

SEC("tc") int tc_ingress(struct __sk_buff *skb)
{
	return tc_filter(skb, FW_OUT);
}

SEC("tc") int tc_egress(struct __sk_buff *skb)
{
	return tc_filter(skb, FW_IN);
}

char _license[] SEC("license") = "GPL";
