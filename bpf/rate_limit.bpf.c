/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TC ingress of uplinks and of containers' devices: a token bucket for each source of new work, which is a TCP SYN, a
 * UDP datagram or an ICMP message. A bucket is one number, the time at which it will be full again (the generic cell
 * rate algorithm), so that CPUs need no lock.
 */
#define LEAVES_OPTIONS
#include "bpf/packet_skb.h"
#include "bpf/transport.h"
#include "bpf/drop.h"

DEFINE_CONTAINER_DEVS;
DEFINE_CONTAINER_POLICIES;
DEFINE_CONTAINER_FACTS;
DEFINE_MAP(rate_limiter, BPF_MAP_TYPE_LRU_HASH, struct fw_bucket_key, struct fw_bucket, FW_MAX_BUCKETS, 0);

static __always_inline int is_limited(const struct packet_info *packet)
{
	if (packet->proto == PROTO_TCP)
		return (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	return packet->proto == PROTO_UDP || packet->proto == PROTO_ICMP || packet->proto == PROTO_ICMPV6;
}

/* Neighbour discovery keeps working under a flood. */
static __always_inline int is_exempt(const struct packet_info *packet)
{
	return packet->icmp_class == ICMP_NEIGHBOUR && packet->hop_limit == ND_HOP_LIMIT;
}

static __always_inline const struct fw_limit *limit_of(__u32 container, const struct fw_config *config)
{
	__u32 key = policy_key(container, config->generation);
	const struct container_policy *policy = bpf_map_lookup_elem(&container_policies, &key);

	return policy && policy->limit.burst ? &policy->limit : &config->limit;
}

/* A token for each datagram that the kernel will make of this one (udp(7), UDP_SEGMENT). */
static __always_inline __u64 tokens_asked(const struct packet_info *packet, struct extent extent)
{
	__u64 payload = packet->transport_len - 8, each = extent.gso;

	if (packet->proto != PROTO_UDP || !each || packet->fragment == FRAGMENT_LATER)
		return 1;
	return (payload + each - 1) / each;
}

/* Takes tokens. 0: the bucket has not as many. */
static __always_inline int tokens_take(const struct fw_bucket_key *key, const struct fw_limit *limit, __u64 tokens,
				       __u64 now)
{
	struct fw_bucket *bucket = bpf_map_lookup_elem(&rate_limiter, key);
	__u64 cost = limit->ns_per_token * tokens, room = limit->ns_per_token * limit->burst;
	struct fw_bucket fresh = { .full_at_ns = now + cost };

	if (cost > room)
		return 0;
	if (!bucket) {
		bpf_map_update_elem(&rate_limiter, key, &fresh, BPF_ANY);
		return 1;
	}
	if (bucket->full_at_ns > now + room) /* of a limit with a larger burst, which is no more */
		bucket->full_at_ns = now + room;
	if (bucket->full_at_ns <= now) {
		bucket->full_at_ns = now + cost;
		return 1;
	}
	if (bucket->full_at_ns + cost - now > room)
		return 0;
	__sync_fetch_and_add(&bucket->full_at_ns, cost);
	return 1;
}

static __always_inline int rate_limit_refuse(struct __sk_buff *skb, const struct packet_info *packet, __u32 container)
{
	const struct fw_facts *facts = bpf_map_lookup_elem(&container_facts, &container);
	struct drop drop = {
		.container = container,
		.ifindex = skb->ifindex,
		.len = skb->len,
		.cgroup_id = facts ? facts->cgroup_id : 0,
		.layer = FW_LAYER_TC,
		.reason = FW_REASON_RATE_LIMIT,
		.direction = container ? FW_OUT : FW_IN,
	};

	drop_packet(skb, packet, &drop);
	return TC_ACT_SHOT;
}

/* What cannot be parsed is left to the programs that judge: it counts as nobody's. */
SEC("tc") int rate_limit(struct __sk_buff *skb)
{
	const struct fw_config *config = config_get();
	__u32 ifindex = skb->ifindex, container = 0, at = 0;
	const __u32 *found = bpf_map_lookup_elem(&container_devs, &ifindex);
	struct fw_bucket_key key = {};
	struct packet_info packet = {};
	const struct fw_limit *limit;
	struct extent extent;
	int type = parse_link(skb, &at);

	if (!config || type < 0)
		return TC_ACT_UNSPEC;
	if (found)
		container = *found;
	limit = limit_of(container, config);
	if (!limit->ns_per_token || !limit->burst)
		return TC_ACT_UNSPEC;
	extent = packet_extent(skb);
	parse_network(skb, &packet, type, at, extent);
	if (packet.kind != PACKET_IP || !is_limited(&packet) || is_exempt(&packet))
		return TC_ACT_UNSPEC;
	key.container = container;
	key.family = packet.family;
	__builtin_memcpy(key.addr, packet.src_addr, 8); /* IPv6: the /64; IPv4 has zeroes behind it */
	if (tokens_take(&key, limit, tokens_asked(&packet, extent), bpf_ktime_get_ns()))
		return TC_ACT_UNSPEC;
	return rate_limit_refuse(skb, &packet, container);
}

char _license[] SEC("license") = "GPL";
