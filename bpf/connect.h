/* SPDX-License-Identifier: GPL-2.0 */
/*
 * connect(2) of a TCP socket in the container's cgroup: what its SYN would be refused for is refused at once, with
 * EPERM, and not by an answer that never comes. Only what the socket's owner knows by then is judged; the packets are
 * too.
 */
#ifndef BPF_CONNECT_H
#define BPF_CONNECT_H

#include "bpf/drop.h"
#include "bpf/judge.h"

#define PROTO_MPTCP 262 /* of a socket: on the wire it is TCP */
#define CONNECT_PASS 1
#define CONNECT_REFUSE 0

/* An IPv4 address in a socket of IPv6 (RFC 4291 section 2.5.5.2): the packets will be of IPv4. */
static __always_inline void address_unmap(struct five_tuple *tuple, const __u32 *addr)
{
	__u32 *remote = (__u32 *)tuple->remote_addr;

	tuple->family = FW_IPV6;
	if (addr[0] | addr[1] | (addr[2] ^ be32(0xffff))) {
		__builtin_memcpy(remote, addr, 16);
		return;
	}
	tuple->family = FW_IPV4;
	remote[0] = addr[3];
}

/* The unspecified address stands for the host itself. */
static __always_inline int address_is_loopback(struct five_tuple *tuple)
{
	__u32 *remote = (__u32 *)tuple->remote_addr;

	if (tuple->family == FW_IPV4) {
		if (!remote[0])
			remote[0] = be32(0x7f000001);
		return be32(remote[0]) >> 24 == 127;
	}
	if (!(remote[0] | remote[1] | remote[2] | remote[3]))
		remote[3] = be32(1);
	return !(remote[0] | remote[1] | remote[2]) && remote[3] == be32(1);
}

/* Within a container that has a network of its own nobody looks at what stays there. */
static __always_inline int stays_inside(const struct container_policy *policy, struct five_tuple *tuple)
{
	int loopback = address_is_loopback(tuple);

	if (!policy->has_device)
		return 0;
	if (loopback || !policy->has_addrs)
		return 1;
	__builtin_memcpy(tuple->local_addr, tuple->remote_addr, 16);
	return !is_spoofed(tuple);
}

static __noinline verdict connect_judge(const struct container_policy *policy, struct five_tuple *tuple, __u32 side)
{
	__u32 remote_addr[4];

	if (stays_inside(policy, tuple))
		return 0;
	__builtin_memcpy(remote_addr, tuple->remote_addr, 16);
	if (address_is_blocked(remote_addr, tuple->family, side))
		return VERDICT(FW_REASON_BLOCKLIST, 0);
	return judge_by_rules(policy, tuple, FW_OUT);
}

/* Counted as the packet would have been that is now never sent. */
static __noinline int connect_refuse(void *ctx, const struct five_tuple *tuple, verdict v)
{
	struct packet_info packet = { .family = tuple->family, .proto = PROTO_TCP };
	struct drop drop = {
		.container = tuple->container,
		.rule = VERDICT_RULE(v),
		.layer = FW_LAYER_CGROUP,
		.reason = VERDICT_REASON(v),
		.direction = FW_OUT,
	};

	__builtin_memcpy(packet.dst_addr, tuple->remote_addr, 16);
	packet.dst_port_be = tuple->remote_port_be;
	if (LOAD_CONSTANT(bulkhead_use_ringbuf)) {
		drop_packet(ctx, &packet, &drop);
		return CONNECT_REFUSE;
	}
	/* Kernels without ring buffers let no program here write to a perf event array: the event is one of the lost.
	 */
	count_drop(drop.container, drop.reason);
	event_lose();
	return CONNECT_REFUSE;
}

static __always_inline int connect_filter(struct bpf_sock_addr *ctx, struct five_tuple *tuple)
{
	const struct fw_config *config = config_get();
	const struct container_policy *policy;
	__u32 generation, key;
	verdict v;

	if (ctx->protocol != PROTO_TCP && ctx->protocol != PROTO_MPTCP)
		return CONNECT_PASS;
	if (!config)
		return CONNECT_REFUSE;
	generation = *(const volatile __u32 *)&config->generation;
	key = policy_key(tuple->container, generation);
	policy = bpf_map_lookup_elem(&container_policies, &key);
	if (!policy)
		return CONNECT_REFUSE;
	tuple->layer = FW_LAYER_CGROUP;
	tuple->proto = PROTO_TCP;
	tuple->remote_port_be = (__u16)ctx->user_port;
	v = connect_judge(policy, tuple, FW_SIDE_BIT(generation));
	return VERDICT_REASON(v) ? connect_refuse(ctx, tuple, v) : CONNECT_PASS;
}

#endif
