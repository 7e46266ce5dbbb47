/* SPDX-License-Identifier: GPL-2.0 */
/* The slow path: what the policy says of a connection, from its first packet or again after the policy has changed. */
#ifndef BPF_JUDGE_H
#define BPF_JUDGE_H

#include "bpf/blocklist.h"
#include "bpf/rules.h"

DEFINE_HASH(container_addrs, struct fw_container_addr, __u32, FW_MAX_CONTAINERS * 2);

/* As blocklist_has, written out once. */
static __noinline int address_is_blocked(const __u32 *addr, __u32 family, __u32 side)
{
	return blocklist_has(addr, family, side);
}

/* A verdict: enum fw_reason (none: pass), and the rule that decided in the upper half. */
typedef __u64 verdict;
#define VERDICT(reason, rule) ((verdict)(reason) | (verdict)(rule) << 32)
#define VERDICT_REASON(v) ((__u8)(v))
#define VERDICT_RULE(v) ((__u32)((v) >> 32))

static __always_inline int is_link_local(const struct five_tuple *tuple)
{
	const __u8 *addr = tuple->local_addr;

	return tuple->family == FW_IPV6 && addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

/*
 * A container whose addresses are known sends from another. Where its link-local ones are not known the prefix stands
 * for any of them. A function of its own for its room on the stack.
 */
static __noinline int is_spoofed(const struct five_tuple *tuple)
{
	struct fw_container_addr key = { .container = tuple->container, .family = tuple->family };

	__builtin_memcpy(key.addr, tuple->local_addr, 16);
	if (bpf_map_lookup_elem(&container_addrs, &key))
		return 0;
	if (!is_link_local(tuple))
		return 1;
	__builtin_memset(key.addr, 0, 16);
	*(__u32 *)key.addr = be32(0xfe800000);
	return !bpf_map_lookup_elem(&container_addrs, &key);
}

/* What the rules say; the blocklist and the sender's address were asked before. `opener`: direction of the first
 * packet. */
static __always_inline verdict judge_by_rules(const struct container_policy *policy, const struct five_tuple *tuple,
					      __u32 opener)
{
	struct rule_query query = {
		.family = tuple->family,
		.proto = tuple->proto,
		.direction = opener,
		.port_be = opener == FW_OUT ? tuple->remote_port_be : tuple->local_port_be,
	};
	__u64 match;

	__builtin_memcpy(query.remote_addr, tuple->remote_addr, 16);
	if (tuple->proto != PROTO_TCP && tuple->proto != PROTO_UDP)
		query.port_be = 0;
	FORGET_ALL(&query, tuple->local_port_be);
	match = rules_match(policy, &query);
	if (match & FW_MATCH_DENY)
		return VERDICT(FW_REASON_RULE, MATCH_RULE(match));
	if (match & FW_MATCH_ALLOW)
		return VERDICT(FW_REASON_NONE, MATCH_RULE(match));
	if (policy->default_action == FW_PASS)
		return VERDICT(FW_REASON_NONE, 0);
	return VERDICT(tuple->layer == FW_LAYER_CGROUP ? FW_REASON_EGRESS : FW_REASON_DEFAULT_DENY, 0);
}

/* At the cgroup what comes in is not for the rules to judge. */
static __noinline verdict judge(const struct container_policy *policy, const struct five_tuple *tuple, __u32 opener,
				__u32 side)
{
	__u32 remote_addr[4];

	__builtin_memcpy(remote_addr, tuple->remote_addr, 16);
	if (address_is_blocked(remote_addr, tuple->family, side))
		return VERDICT(FW_REASON_BLOCKLIST, 0);
	if (opener == FW_OUT && policy->has_addrs && is_spoofed(tuple))
		return VERDICT(FW_REASON_SPOOF, 0);
	if (opener == FW_IN && tuple->layer == FW_LAYER_CGROUP)
		return VERDICT(FW_REASON_NONE, 0);
	return judge_by_rules(policy, tuple, opener);
}

#endif
