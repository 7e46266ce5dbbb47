/* SPDX-License-Identifier: GPL-2.0 */
/* The tables of tracked connections: finding, expiring, opening. What a TCP packet does to one is tcp.h's. */
#ifndef BPF_CONNTRACK_H
#define BPF_CONNTRACK_H

#include "bpf/judge.h"

DEFINE_MAP(conntrack, BPF_MAP_TYPE_HASH, struct five_tuple, struct fw_connection, FW_MAX_CONNECTIONS,
	   BPF_F_NO_PREALLOC);
DEFINE_MAP(conntrack_half_open, BPF_MAP_TYPE_LRU_HASH, struct five_tuple, struct fw_connection, FW_MAX_HALF_OPEN, 0);
DEFINE_MAP(conntrack_datagrams, BPF_MAP_TYPE_LRU_HASH, struct five_tuple, struct fw_connection, FW_MAX_HALF_OPEN, 0);

/* Everything that judging one packet needs, gathered once. */
struct scene {
	const struct fw_config *config;
	const struct container_policy *policy;
	__u64 now;
	__u32 generation; /* read before the policy is: a change meanwhile is seen by the next packet */
	__u32 direction;  /* enum fw_direction of the packet */
	__u32 unknown;    /* for FORGET */
	__u32 pad;
};

static __always_inline void tuple_fill(struct five_tuple *tuple, const struct packet_info *packet, int direction)
{
	tuple->family = packet->family;
	tuple->proto = packet->proto;
	if (direction == FW_OUT) {
		__builtin_memcpy(tuple->local_addr, packet->src_addr, 16);
		__builtin_memcpy(tuple->remote_addr, packet->dst_addr, 16);
		tuple->local_port_be = packet->src_port_be;
		tuple->remote_port_be = packet->dst_port_be;
	} else {
		__builtin_memcpy(tuple->local_addr, packet->dst_addr, 16);
		__builtin_memcpy(tuple->remote_addr, packet->src_addr, 16);
		tuple->local_port_be = packet->dst_port_be;
		tuple->remote_port_be = packet->src_port_be;
	}
}

static __always_inline __u64 connection_timeout(const struct fw_config *config, const struct fw_connection *connection,
						__u8 proto)
{
	__u32 which = FW_TIMEOUT_OTHER;

	if (connection->state <= FW_STATE_SYN_RECEIVED)
		which = FW_TIMEOUT_SYN;
	else if (connection->state == FW_STATE_ESTABLISHED)
		which = FW_TIMEOUT_ESTABLISHED;
	else if (connection->state == FW_STATE_CLOSING)
		which = FW_TIMEOUT_CLOSING;
	else if (connection->state == FW_STATE_FRAGMENT)
		which = FW_TIMEOUT_FRAGMENT;
	else if (proto == PROTO_UDP)
		which = connection->state == FW_STATE_REPLIED ? FW_TIMEOUT_UDP : FW_TIMEOUT_UDP_UNREPLIED;
	else if (proto == PROTO_ICMP || proto == PROTO_ICMPV6)
		which = FW_TIMEOUT_ICMP;
	return config->timeout_ns[which & (FW_TIMEOUT_N - 1)];
}

static __always_inline void connection_delete(const struct five_tuple *tuple)
{
	bpf_map_delete_elem(&conntrack_half_open, tuple);
	if (tuple->proto == PROTO_TCP)
		bpf_map_delete_elem(&conntrack, tuple);
	else
		bpf_map_delete_elem(&conntrack_datagrams, tuple);
}

/* NULL: none, or expired, which is the same. *half_open: found in the table of unfinished ones. */
static __always_inline struct fw_connection *connection_find(const struct scene *scene, const struct five_tuple *tuple,
							     int *half_open)
{
	struct fw_connection *connection;

	*half_open = 0;
	if (tuple->proto == PROTO_TCP)
		connection = bpf_map_lookup_elem(&conntrack, tuple);
	else
		connection = bpf_map_lookup_elem(&conntrack_datagrams, tuple);
	if (!connection) {
		connection = bpf_map_lookup_elem(&conntrack_half_open, tuple);
		*half_open = 1;
	}
	if (!connection)
		return NULL;
	/* Another CPU may have seen a packet since this one looked at the clock. */
	if ((__s64)(scene->now - connection->last_seen_ns) >
	    (__s64)connection_timeout(scene->config, connection, tuple->proto)) {
		connection_delete(tuple);
		return NULL;
	}
	return connection;
}

static __always_inline void connection_init(struct fw_connection *connection, const struct scene *scene, __u8 state,
					    verdict v)
{
	connection->last_seen_ns = scene->now;
	connection->generation = scene->generation;
	connection->rule = VERDICT_RULE(v);
	connection->opener = scene->direction;
	connection->state = state;
}

/* A tracked connection passes by its state only under the policy that judged it; after a change it is judged again. */
static __always_inline int connection_is_judged(const struct scene *scene, const struct fw_connection *connection)
{
	return connection->generation == scene->generation && !(scene->generation & 1);
}

#endif
