/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TC ingress of uplinks and of containers' devices: a token bucket for each source of new work, which is a TCP SYN, a
 * UDP datagram or an ICMP message. A bucket is one number, the time at which it will be full again (the generic cell
 * rate algorithm), so that CPUs need no lock.
 */
#define COUNTS_UPLINKS
#define LEAVES_OPTIONS
#include "bpf/quick.h"
#include "bpf/device.h"
#include "bpf/drop.h"

DEFINE_CONTAINER_POLICIES;
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

/* A container's own; burst 0: it has none. */
static __always_inline struct fw_limit own_limit_look_up(__u32 container, __u32 generation)
{
	__u32 key = policy_key(container, generation);
	const struct container_policy *policy = bpf_map_lookup_elem(&container_policies, &key);
	struct fw_limit none = {};

	return policy ? policy->limit : none;
}

/* Whose limit is kept, and under which generation. */
static __always_inline __u64 limit_device(__u32 ifindex, __u32 generation)
{
	return (__u64)ifindex << 32 | generation;
}

static __always_inline int limit_is_kept(const struct fw_cpu *cpu, __u32 ifindex, __u32 generation)
{
	return cpu->limit_device == limit_device(ifindex, generation) && !(generation & 1);
}

/* Kept as the device's container is, see device.h: nothing changes it within a generation. */
static __always_inline struct fw_limit own_limit(__u32 ifindex, __u32 container, __u32 generation)
{
	struct fw_cpu *cpu = cpu_get();
	struct fw_limit limit;

	if (!LOAD_CONSTANT(bulkhead_keeps_devices) || !cpu)
		return own_limit_look_up(container, generation);
	if (limit_is_kept(cpu, ifindex, generation))
		return cpu->limit;
	limit = own_limit_look_up(container, generation);
	KEEP(cpu->limit_device) = 0;
	KEEP(cpu->limit.ns_per_token) = limit.ns_per_token;
	*(volatile __u32 *)&cpu->limit.burst = limit.burst;
	KEEP(cpu->limit_device) = limit_device(ifindex, generation);
	return limit;
}

/* The limit of all is read each time: it changes without the generation. */
static __always_inline struct fw_limit limit_of(const struct fw_config *config, __u32 ifindex, __u32 container)
{
	struct fw_limit own = {};

	if (container)
		own = own_limit(ifindex, container, *(const volatile __u32 *)&config->generation);
	return own.burst ? own : config->limit;
}

static __always_inline int is_no_limit(const struct fw_limit *limit)
{
	return !limit->ns_per_token || !limit->burst;
}

/* A container's device of which the packet before has told that nothing limits it: no packet need be looked at. */
static __always_inline int is_known_unlimited(const struct fw_config *config, __u32 ifindex)
{
	const struct fw_cpu *cpu = cpu_get();

	if (!LOAD_CONSTANT(bulkhead_keeps_devices) || !cpu ||
	    !limit_is_kept(cpu, ifindex, *(const volatile __u32 *)&config->generation))
		return 0;
	return is_no_limit(cpu->limit.burst ? &cpu->limit : &config->limit);
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
static __always_inline int tokens_take_at(struct fw_bucket *bucket, __u64 cost, __u64 room, __u64 now)
{
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

/*
 * By the coarse clock a bucket that is neither full nor empty gives what the exact one would, or less; what it refuses,
 * and one that is full, are asked for by the exact one. All in all a source has at most what a jiffy refills
 * above its limit.
 */
static __always_inline int tokens_take(const struct fw_bucket_key *key, const struct fw_limit *limit, __u64 tokens)
{
	struct fw_bucket *bucket = bpf_map_lookup_elem(&rate_limiter, key);
	__u64 cost = limit->ns_per_token * tokens, room = limit->ns_per_token * limit->burst, coarse;
	struct fw_bucket fresh = {};

	if (cost > room)
		return 0;
	if (!bucket) {
		fresh.full_at_ns = bpf_ktime_get_ns() + cost;
		bpf_map_update_elem(&rate_limiter, key, &fresh, BPF_ANY);
		return 1;
	}
	coarse = clock_coarse();
	if (bucket->full_at_ns > coarse && bucket->full_at_ns + cost - coarse <= room) {
		__sync_fetch_and_add(&bucket->full_at_ns, cost);
		return 1;
	}
	return tokens_take_at(bucket, cost, room, bpf_ktime_get_ns());
}

static __always_inline int rate_limit_refuse(struct __sk_buff *skb, const struct packet_info *packet, __u32 container)
{
	struct drop drop = {
		.container = container,
		.ifindex = skb->ifindex,
		.len = skb->len,
		.layer = FW_LAYER_TC,
		.reason = FW_REASON_RATE_LIMIT,
		.direction = container ? FW_OUT : FW_IN,
	};

	drop_packet(skb, packet, &drop);
	return TC_ACT_SHOT;
}

/* Nonzero: not an IP packet, or not to be read. */
static __always_inline int parse_packet(struct __sk_buff *skb, struct packet_info *packet, struct extent extent)
{
	__u32 at = 0;
	int type = parse_link(skb, &at);

	if (type < 0)
		return -1;
	parse_network(skb, packet, type, at, extent);
	return packet->kind != PACKET_IP;
}

/* What cannot be parsed is left to the programs that judge: it counts as nobody's. */
static __always_inline int limit_packet(struct __sk_buff *skb, const struct fw_config *config)
{
	struct fw_bucket_key key = {};
	struct packet_info packet = {};
	struct fw_limit limit;
	struct extent extent;
	int is_read = 0;

	if (LOAD_CONSTANT(bulkhead_takes_shortcuts)) {
		is_read = quick_parse_frame(skb, &packet);
		if (is_read && !is_limited(&packet))
			return TC_ACT_UNSPEC;
		if (!is_read)
			packet = (struct packet_info) {};
	}
	key.container = device_container(skb->ifindex);
	limit = limit_of(config, skb->ifindex, key.container);
	if (is_no_limit(&limit))
		return TC_ACT_UNSPEC;
	extent = packet_extent(skb);
	if (!is_read && parse_packet(skb, &packet, extent))
		return TC_ACT_UNSPEC;
	if (!is_limited(&packet) || is_exempt(&packet))
		return TC_ACT_UNSPEC;
	key.family = packet.family;
	__builtin_memcpy(key.addr, packet.src_addr, 8); /* IPv6: the /64; IPv4 has zeroes behind it */
	if (tokens_take(&key, &limit, tokens_asked(&packet, extent)))
		return TC_ACT_UNSPEC;
	return rate_limit_refuse(skb, &packet, key.container);
}

SEC("tc") int rate_limit(struct __sk_buff *skb)
{
	const struct fw_config *config = config_get();

	if (!config || is_known_unlimited(config, skb->ifindex))
		return TC_ACT_UNSPEC;
	return limit_packet(skb, config);
}

char _license[] SEC("license") = "GPL";
