/* SPDX-License-Identifier: GPL-2.0 */
/* The container's cgroup: what its sockets may send, wherever the packet would go; works without a device of its own. */
#include "bpf/filter.h"
#include "bpf/connect.h"
#include "bpf/dns_walk.h"

/* Storage of the attach point: the same for every cgroup below it. One map each, as kernels before 5.9 ask. */
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, struct fw_cgroup);
} cgroup_in SEC(".maps"), cgroup_out SEC(".maps"), cgroup_connect_ipv4 SEC(".maps"), cgroup_connect_ipv6 SEC(".maps");

#define LOOPBACK_IFINDEX 1
#define CGROUP_PASS 1
#define CGROUP_DROP 0

/* The name is read once more, into the event itself. Without ring buffers the event has none. */
static __noinline int query_event(struct __sk_buff *skb, const struct packet_info *packet, const struct drop *drop,
				  const struct name_walk *walk)
{
	__u64 now = bpf_ktime_get_ns();
	struct fw_event_state *state = event_take(now);
	struct fw_event *event;
	__u32 room = walk->length - 1;

	if (!state)
		return 0;
	event = bpf_ringbuf_reserve(&fw_events, sizeof(*event), 0);
	if (!event) {
		state->lost++;
		return 0;
	}
	event_fill(event, packet, drop, now);
	__builtin_memset(event->domain, 0, sizeof(event->domain));
	OPAQUE(room);
	room &= 0xff;
	OPAQUE(room);
	if (walk->length && !packet_load_some(skb, walk->at, event->domain, room + 1)) {
		event->domain_length = room + 1;
		name_fold(event->domain);
	}
	bpf_ringbuf_submit(event, 0);
	return 0;
}

static __noinline int query_refuse(struct __sk_buff *skb, const struct packet_info *packet, __u32 container,
				   const struct name_walk *walk)
{
	const struct container_policy *policy = bpf_map_lookup_elem(&container_policies, &container);
	struct drop drop = {
		.container = container,
		.ifindex = skb->ifindex,
		.len = skb->len,
		.cgroup_id = policy ? policy->cgroup_id : 0,
		.layer = FW_LAYER_CGROUP,
		.reason = FW_REASON_DNS,
		.direction = FW_OUT,
	};

	if (!LOAD_CONSTANT(bulkhead_use_ringbuf)) {
		drop_packet(skb, packet, &drop);
		return CGROUP_DROP;
	}
	count_drop(drop.container, drop.reason);
	query_event(skb, packet, &drop, walk);
	return CGROUP_DROP;
}

/* Its own loopback, in a container that has a network of its own. */
static __always_inline int stays_in_container(const struct __sk_buff *skb, const struct container_policy *policy)
{
	return policy && policy->has_device && skb->ifindex == LOOPBACK_IFINDEX;
}

/* Parses for itself: the stack has no room for both a query's walk and a packet's judging. */
static __noinline int query_filter(struct __sk_buff *skb, __u32 container)
{
	const struct container_policy *policy = bpf_map_lookup_elem(&container_policies, &container);
	struct packet_info packet = {};
	struct name_walk walk = {};

	if (stays_in_container(skb, policy))
		return CGROUP_PASS;
	parse_network(skb, &packet, be16((__u16)skb->protocol), 0, packet_extent(skb));
	FORGET_ALL(&packet, skb->len);
	if (!is_dns(&packet) || !query_is_refused(skb, &packet, &walk))
		return CGROUP_PASS;
	return query_refuse(skb, &packet, container, &walk);
}

/* A function of its own, so that both programs share its instructions in the object. */
static __noinline int cgroup_filter(struct __sk_buff *skb, __u32 container, int direction)
{
	struct place place = { .container = container, .layer = FW_LAYER_CGROUP, .direction = direction };
	const struct container_policy *policy = bpf_map_lookup_elem(&container_policies, &container);
	struct packet_info packet = {};

	if (stays_in_container(skb, policy))
		return CGROUP_PASS;
	place.counts_passed = policy && !policy->has_device;
	FORGET(place.counts_passed, skb->len);
	/* The packet begins at its network header here. */
	parse_network(skb, &packet, be16((__u16)skb->protocol), 0, packet_extent(skb));
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
	if (LOAD_CONSTANT(bulkhead_blocks_domains) && query_filter(skb, container) == CGROUP_DROP)
		return CGROUP_DROP;
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
