/* SPDX-License-Identifier: GPL-2.0 */
/* Tracked connections: finding, expiring, opening. What a TCP packet does to one is tcp.h's. */
#ifndef BPF_CONNTRACK_H
#define BPF_CONNTRACK_H

#include "bpf/connections.h"
#include "bpf/judge.h"

/* Everything that judging one packet needs, gathered once. */
struct scene {
	const struct fw_config *config;
	const struct container_policy *policy;
	__u64 now;
	__u32 generation; /* read before the policy is: a change meanwhile is seen by the next packet */
	__u32 direction;  /* enum fw_direction of the packet */
	__u32 unknown;    /* for FORGET */
	__u32 side;       /* FW_SIDE_BIT of that generation */
};

static __always_inline void connection_enter(struct fw_connection *connection, enum fw_state state,
					     enum fw_timeout timeout)
{
	connection->state = state;
	connection->timeout = timeout;
}

/* Idle past its timeout, or flushed: as good as absent. Another CPU may have seen a packet since this one's clock. */
static __always_inline int connection_is_expired(const struct scene *scene, const struct fw_connection *connection)
{
	return connection->epoch != scene->config->epoch ||
	       (__s64)(scene->now - connection->last_seen_ns) >
		       (__s64)scene->config->timeout_ns[connection->timeout & (FW_TIMEOUT_N - 1)];
}

static __always_inline void count_one_less(const struct fw_count_key *key)
{
	struct fw_count *count = bpf_map_lookup_elem(&conntrack_counts, key);

	if (count)
		__sync_fetch_and_add(&count->established, -1);
}

/* Whoever removes an entry gives back its slot and its part of the quota: of two CPUs, one does. */
static __noinline int established_delete(const struct five_tuple *tuple)
{
	const struct fw_connection *connection = bpf_map_lookup_elem(&conntrack, tuple);
	struct fw_count_key key = { .container = tuple->container, .layer = tuple->layer };
	struct fw_slot slot = { .container = tuple->container, .layer = tuple->layer };

	if (!connection)
		return 0;
	key.epoch = connection->epoch;
	slot.index = connection->slot;
	if (bpf_map_delete_elem(&conntrack, tuple))
		return 0;
	bpf_map_delete_elem(&conntrack_slots, &slot);
	count_one_less(&key);
	return 0;
}

static __noinline int connection_delete(const struct five_tuple *tuple)
{
	half_open_delete(tuple);
	return tuple->proto == PROTO_TCP ? established_delete(tuple) : 0;
}

/* NULL: none, or expired, which is the same. */
static __noinline struct fw_connection *connection_find(const struct scene *scene, const struct five_tuple *tuple)
{
	struct fw_connection *connection = NULL;

	/* What is not TCP is never there; to ask all the same is shorter. */
	if (!LOAD_CONSTANT(bulkhead_takes_shortcuts) || tuple->proto == PROTO_TCP)
		connection = bpf_map_lookup_elem(&conntrack, tuple);
	if (!connection)
		connection = half_open_find(tuple);
	if (!connection)
		return NULL;
	if (connection_is_expired(scene, connection)) {
		connection_delete(tuple);
		return NULL;
	}
	return connection;
}

static __always_inline void connection_init(struct fw_connection *connection, const struct scene *scene, verdict v)
{
	connection->last_seen_ns = scene->now;
	connection->generation = scene->generation;
	connection->rule = VERDICT_RULE(v);
	connection->epoch = scene->config->epoch;
	connection->opener = scene->direction;
	connection->side[0].widest = connection->side[1].widest = FW_WIDEST_MIN;
}

/* A tracked connection passes by its state only under the policy that judged it; after a change it is judged again. */
static __always_inline int connection_is_judged(const struct scene *scene, const struct fw_connection *connection)
{
	return connection->generation == scene->generation && !(scene->generation & 1);
}

#endif
