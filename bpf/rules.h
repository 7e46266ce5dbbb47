/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the container's rules say of a connection's first packet. Every prefix length in use is looked up, since deny
 * beats allow whatever their lengths; the cost is in the number of lengths, not of rules.
 */
#ifndef BPF_RULES_H
#define BPF_RULES_H

#include "bpf/maps.h"
#include "bpf/prefix.h"

DEFINE_CONTAINER_POLICIES;
DEFINE_HASH(fw_rules, struct fw_prefix, struct fw_prefix_rules, FW_MAX_RULES);
DEFINE_HASH(egress_allowlist, struct fw_prefix, struct fw_prefix_rules, FW_MAX_RULES);
DEFINE_MAP(fw_ports, BPF_MAP_TYPE_LPM_TRIE, struct fw_port_key, struct fw_port_match, FW_MAX_RULES * 4,
	   BPF_F_NO_PREALLOC);

struct rule_query {
	__u32 remote_addr[4];
	__u16 port_be; /* destination port of the connection's first packet */
	__u8 family, proto, direction, pad[3];
};

/* What is looked up, and what was found, while walking the prefix lengths. */
struct rule_walk {
	struct wide remote;
	struct fw_prefix key;
	struct fw_port_key port;
	__u32 direction;
	__u32 match; /* FW_MATCH_ bits of everything that matched */
	__u32 allow_rule, deny_rule;
};

/* Without branches, see prefix_key. */
static __always_inline void match_add(struct rule_walk *walk, __u32 match, __u32 rule)
{
	__u32 allows = -(match & FW_MATCH_ALLOW), denies = -(match >> 1 & 1);

	OPAQUE(allows);
	OPAQUE(denies);
	walk->match |= match;
	walk->allow_rule = (walk->allow_rule & ~allows) | (rule & allows);
	walk->deny_rule = (walk->deny_rule & ~denies) | (rule & denies);
}

static __always_inline void ports_match(struct rule_walk *walk, __u32 set)
{
	const struct fw_port_match *match;
	__u32 set_be = be32(set);

	__builtin_memcpy(walk->port.set_be, &set_be, 4);
	match = bpf_map_lookup_elem(&fw_ports, &walk->port);
	if (match)
		match_add(walk, match->match, match->rule);
}

/* One prefix of the remote address. A function of its own keeps the unrolled loop small. */
static __noinline int prefix_rules_match(struct rule_walk *walk, __u32 length)
{
	const struct fw_prefix_rules *rules;
	__u32 any_match, any_rule, set;

	prefix_key(&walk->key, &walk->remote, length);
	/* Read apart, so that the two tables' entries do not stay two kinds of thing to the verifier. */
	if (walk->direction == FW_OUT) {
		rules = bpf_map_lookup_elem(&egress_allowlist, &walk->key);
		if (!rules)
			return 0;
		any_match = rules->any_match;
		any_rule = rules->any_rule;
		set = rules->port_set;
	} else {
		rules = bpf_map_lookup_elem(&fw_rules, &walk->key);
		if (!rules)
			return 0;
		any_match = rules->any_match;
		any_rule = rules->any_rule;
		set = rules->port_set;
	}
	OPAQUE(set);
	match_add(walk, any_match, any_rule);
	if (set)
		ports_match(walk, set);
	return 0;
}

/* Some of a list's prefix lengths, see LENGTHS_A_CALL. */
static __noinline int lengths_match(struct rule_walk *walk, const __u8 *length)
{
#pragma unroll
	for (int i = 0; i < LENGTHS_A_CALL; i++) {
		if (length[i] == FW_LENGTH_END)
			return 0;
		prefix_rules_match(walk, length[i]);
	}
	return 0;
}

static __noinline int dozen_lengths_match(struct rule_walk *walk, const __u8 *length)
{
#pragma unroll
	for (int i = 0; i < 3 * LENGTHS_A_CALL; i += LENGTHS_A_CALL)
		lengths_match(walk, length + i);
	return 0;
}

/* FW_MATCH_ bits, and in the upper half the rule that decided. */
#define MATCH_RULE(match) ((__u32)((match) >> 32))

static __noinline __u64 rules_match(const struct container_policy *policy, const struct rule_query *query)
{
	const struct fw_lengths *lists = &policy->in4;
	/* FW_IPV4 is 4 and FW_IPV6 is 6: without a branch, behind which there would be two lists to walk. */
	__u32 list = (query->direction & 1) * 2 + (query->family >> 1 & 1);
	struct rule_walk walk = {
		.key = { .rules = policy->rules, .family = query->family },
		.port = { .prefixlen = FW_PORT_KEY_BITS, .proto = query->proto },
		.direction = query->direction,
	};

	OPAQUE(list);
	lists += list & 3;
	walk.remote = wide_address(query->remote_addr, query->family);
	FORGET(walk.remote.high, query->remote_addr[0]);
	FORGET(walk.remote.shorter, query->remote_addr[0]);

	__builtin_memcpy(walk.port.port_be, &query->port_be, 2);
	if (!LOAD_CONSTANT(bulkhead_many_lengths)) {
		lengths_match(&walk, lists->length);
	} else {
#pragma unroll
		for (int i = 0; i < FW_LENGTHS_MAX; i += 3 * LENGTHS_A_CALL) {
			if (lists->length[i] == FW_LENGTH_END)
				break;
			dozen_lengths_match(&walk, lists->length + i);
		}
	}
	if (walk.match & FW_MATCH_DENY)
		return FW_MATCH_DENY | (__u64)walk.deny_rule << 32;
	return walk.match | (__u64)walk.allow_rule << 32;
}

#endif
