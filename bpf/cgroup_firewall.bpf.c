/* SPDX-License-Identifier: GPL-2.0 */
/* The container's cgroup: what its sockets may send, wherever the packet would go; works without a device of its own.
 */
#define HOOK_LAYER FW_LAYER_CGROUP
#define SENDS_BY_PERF LOAD_CONSTANT(bulkhead_cgroup_events)
#include "bpf/filter.h"
#include "bpf/shortcut.h"
#include "bpf/connect.h"
#include "bpf/refused.h"

/* Storage of the attach point: the same for every cgroup below it. One map each, as kernels before 5.9 ask. */
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, struct fw_cgroup);
} cgroup_in SEC(".maps"), cgroup_out SEC(".maps"), cgroup_connect_ipv4 SEC(".maps"), cgroup_connect_ipv6 SEC(".maps");

/*
 * Most packets. Here they begin at the network header, which no strict verifier takes for the right place of a word.
 * What may be a query goes the long way: it may be marked as refused.
 */
static __noinline int passes_at_once(struct __sk_buff *skb, const struct place *place)
{
	struct packet_info packet = {};

	if (!quick_parse(skb, &packet, 0, be16((__u16)skb->protocol)) || packet.dst_port_be == be16(53) ||
	    !connection_goes_on(&packet, place->container, place->direction))
		return 0;
	if (place->counts_passed)
		count_pass(place->container, place->direction, skb->len);
	return 1;
}

/* Written out for each direction: a program has at most 4,096 instructions before 5.2. */
static __always_inline int cgroup_filter(struct __sk_buff *skb, __u32 container, int direction)
{
	struct place place = { .container = container, .layer = HOOK_LAYER, .direction = direction };
	const struct fw_facts *facts = bpf_map_lookup_elem(&container_facts, &container);
	struct packet_info packet = {};

	if (stays_in_container(skb, facts))
		return CGROUP_PASS;
	place.counts_passed = facts && !facts->has_device;
	FORGET(place.counts_passed, skb->len);
	if (LOAD_CONSTANT(bulkhead_reads_anywhere) && passes_at_once(skb, &place))
		return CGROUP_PASS;
	/* The packet begins at its network header here. */
	parse_network(skb, &packet, be16((__u16)skb->protocol), 0, packet_extent(skb));
	if (LOAD_CONSTANT(bulkhead_marks_refused) && skb->mark == MARK_REFUSED && packet.dst_port_be == be16(53))
		return CGROUP_DROP;
	return filter(skb, &packet, &place) == FW_PASS ? CGROUP_PASS : CGROUP_DROP;
}

SEC("cgroup_skb/ingress") int cgroup_ingress(struct __sk_buff *skb)
{
	__u32 container = LOAD_CONSTANT(bulkhead_container);

	if (!container)
		container = ((struct fw_cgroup *)bpf_get_local_storage(&cgroup_in, 0))->container;
	return cgroup_filter(skb, container, FW_IN);
}

SEC("cgroup_skb/egress") int cgroup_egress(struct __sk_buff *skb)
{
	__u32 container = LOAD_CONSTANT(bulkhead_container);

	if (!container)
		container = ((struct fw_cgroup *)bpf_get_local_storage(&cgroup_out, 0))->container;
	return cgroup_filter(skb, container, FW_OUT);
}

SEC("cgroup/connect4") int cgroup_connect4(struct bpf_sock_addr *ctx)
{
	struct fw_cgroup *cgroup = bpf_get_local_storage(&cgroup_connect_ipv4, 0);
	struct five_tuple tuple = { .container = cgroup->container, .family = FW_IPV4 };
	__u32 *remote = (__u32 *)tuple.remote_addr;

	remote[0] = ctx->user_ip4;
	return connect_filter(ctx, &tuple);
}

SEC("cgroup/connect6") int cgroup_connect6(struct bpf_sock_addr *ctx)
{
	struct fw_cgroup *cgroup = bpf_get_local_storage(&cgroup_connect_ipv6, 0);
	struct five_tuple tuple = { .container = cgroup->container };
	__u32 addr[4] = { ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3] };

	address_unmap(&tuple, addr);
	return connect_filter(ctx, &tuple);
}

char _license[] SEC("license") = "GPL";
