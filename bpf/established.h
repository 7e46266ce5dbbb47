/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Room in the table of established connections. It is a plain hash, so that no flood can evict what is in it, and
 * nobody but the programs cleans it: each entry has a slot, and a connection that needs one looks into slots at random
 * and removes what it finds idle past its timeout. A container has a quota, so that it cannot take the room of the
 * others.
 */
#ifndef BPF_ESTABLISHED_H
#define BPF_ESTABLISHED_H

#include "bpf/conntrack.h"

/*
 * A container has at least twice as many slots as connections: that 12 at random are all in use is one case in 4,096.
 * In steps, since every call in an unrolled loop is written out. Verifiers walk all of them, so of what is idle one is
 * removed for several slots that were looked at.
 */
#define SLOTS_TRIED 4
#define TRIES 3
/* What is looked through where there is no room: so that one attempt finds some of what is idle. */
#define SLOTS_SWEPT 4
#define SWEEPS 4

#define TABLE_HAS_IT (-17) /* -EEXIST */

/* Where in the container's slots, and whose. */
struct slot_search {
	struct fw_slot slot;
	__u32 mask;
	__u32 full;    /* there is no room: what is at its end gives it to others */
	__u32 idle;    /* 1 + the slot seen last whose connection may go; 0: none */
	__u32 empties; /* it goes at once */
};

/* At the cgroup the other side's end is often not seen, see tcp_end_timeout. */
static __always_inline int connection_ends(const struct scene *scene, const struct fw_slot *slot,
					   const struct fw_connection *connection)
{
	if (connection->state == FW_STATE_CLOSING)
		return 1;
	return slot->layer == FW_LAYER_CGROUP && connection->side[FW_OUT].fin &&
	       (__s64)(scene->now - connection->last_seen_ns) > (__s64)scene->config->timeout_ns[FW_TIMEOUT_CLOSING];
}

/* Into the slot below mask + 1 that `index` gives. 1: it is free. */
static __noinline int slot_look(const struct scene *scene, struct slot_search *search, __u32 index)
{
	const struct fw_connection *connection;
	const struct five_tuple *tuple;

	search->slot.index = index & search->mask;
	tuple = bpf_map_lookup_elem(&conntrack_slots, &search->slot);
	if (!tuple)
		return 1;
	connection = bpf_map_lookup_elem(&conntrack, tuple);
	if (connection && (connection_is_expired(scene, connection) ||
			   (search->full && connection_ends(scene, &search->slot, connection)))) {
		if (search->empties)
			return established_delete(tuple);
		search->idle = search->slot.index + 1;
	}
	return 0;
}

/* What was seen to be idle goes, if it is so still: another CPU may have given the slot away. */
static __noinline int slot_empty(const struct scene *scene, struct slot_search *search)
{
	__u32 idle = search->idle;

	if (!idle)
		return 0;
	search->idle = 0;
	search->empties = 1;
	slot_look(scene, search, idle - 1);
	search->empties = 0;
	return 0;
}

static __noinline int slot_try_one(const struct scene *scene, const struct five_tuple *tuple,
				   struct slot_search *search)
{
	return slot_look(scene, search, bpf_get_prandom_u32()) &&
	       !bpf_map_update_elem(&conntrack_slots, &search->slot, tuple, BPF_NOEXIST);
}

static __noinline int slot_try(const struct scene *scene, const struct five_tuple *tuple, struct slot_search *search)
{
#pragma unroll
	for (int i = 0; i < SLOTS_TRIED; i++)
		if (slot_try_one(scene, tuple, search))
			return 1;
	return 0;
}

static __always_inline int slot_take(const struct scene *scene, const struct five_tuple *tuple,
				     struct slot_search *search)
{
#pragma unroll
	for (int i = 0; i < TRIES; i++)
		if (slot_try(scene, tuple, search))
			return 1;
	return 0;
}

/* Some that lie one behind the other. */
static __noinline int slots_sweep(const struct scene *scene, struct slot_search *search)
{
	__u32 last = search->slot.index;

#pragma unroll
	for (int i = 0; i < SLOTS_SWEPT; i++)
		slot_look(scene, search, ++last);
	slot_empty(scene, search);
	search->slot.index = last;
	return 0;
}

/* The container's own: of few slots all. */
static __always_inline void slots_sweep_own(const struct scene *scene, struct slot_search *search)
{
	search->slot.index = bpf_get_prandom_u32();
	search->full = 1;
#pragma unroll
	for (int i = 0; i < SWEEPS; i++)
		slots_sweep(scene, search);
	search->full = 0;
}

/* Of somebody who had connections lately. */
static __noinline int slots_sweep_any(const struct scene *scene, struct slot_search *search)
{
	__u32 index = bpf_get_prandom_u32() & (FW_OWNERS - 1);
	const struct fw_owner *owner = bpf_map_lookup_elem(&conntrack_owners, &index);

	if (!owner)
		return 0;
	search->slot.container = owner->container;
	search->slot.layer = owner->layer;
	search->slot.index = bpf_get_prandom_u32();
	return slots_sweep(scene, search);
}

/* Where the table itself is full. */
static __always_inline void slots_sweep_all(const struct scene *scene, struct slot_search *search)
{
	search->full = 1;
#pragma unroll
	for (int i = 0; i < SWEEPS; i++)
		slots_sweep_any(scene, search);
}

/* The bits of all numbers below twice the quota. */
static __always_inline __u32 slots_mask(__u64 quota)
{
	__u64 bits = 2 * quota - 1;

	bits |= bits >> 1;
	bits |= bits >> 2;
	bits |= bits >> 4;
	bits |= bits >> 8;
	return (__u32)(bits | bits >> 16);
}

static __always_inline int quota_is_used_up(const struct fw_count_key *key, __u64 quota)
{
	const struct fw_count *count = bpf_map_lookup_elem(&conntrack_counts, key);

	return count && (__s32)count->established >= (__s64)quota;
}

/* The first of a container makes its count. */
static __always_inline void count_one_more(const struct fw_count_key *key)
{
	struct fw_count *count = bpf_map_lookup_elem(&conntrack_counts, key), none = {};

	if (!count) {
		bpf_map_update_elem(&conntrack_counts, key, &none, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&conntrack_counts, key);
	}
	if (count)
		__sync_fetch_and_add(&count->established, 1);
}

static __always_inline void owner_note(const struct five_tuple *tuple)
{
	struct fw_owner owner = { .container = tuple->container, .layer = tuple->layer };
	__u32 index = bpf_get_prandom_u32() & (FW_OWNERS - 1);

	bpf_map_update_elem(&conntrack_owners, &index, &owner, BPF_ANY);
}

/* Nonzero: there is no room for it, in the table or in its container's part. */
static __always_inline int established_enter(const struct scene *scene, const struct five_tuple *tuple,
					     struct fw_connection *established, struct slot_search *search)
{
	__u64 quota = scene->policy->quota ? scene->policy->quota : scene->config->quota;
	struct fw_count_key key = { .container = tuple->container, .epoch = established->epoch, .layer = tuple->layer };
	long failed;

	search->mask = slots_mask(quota);
	if (quota_is_used_up(&key, quota)) {
		slots_sweep_own(scene, search);
		if (quota_is_used_up(&key, quota))
			return -1;
	}
	if (!slot_take(scene, tuple, search))
		return -1;
	established->slot = search->slot.index;
	failed = bpf_map_update_elem(&conntrack, tuple, established, BPF_NOEXIST);
	if (failed && failed != TABLE_HAS_IT) {
		slot_empty(scene, search);
		slots_sweep_all(scene, search); /* which goes through other slots */
		search->slot.container = tuple->container;
		search->slot.layer = tuple->layer;
		search->slot.index = established->slot;
		failed = bpf_map_update_elem(&conntrack, tuple, established, BPF_NOEXIST);
	}
	if (!failed) {
		count_one_more(&key);
		owner_note(tuple);
		return 0;
	}
	bpf_map_delete_elem(&conntrack_slots, &search->slot);
	return failed == TABLE_HAS_IT ? 0 : -1; /* another CPU was faster with the same */
}

/* No verdict: its connection is to be promoted, and passes if it is. */
#define ESTABLISHES VERDICT(0xff, 0)

/*
 * From the half-open table to the established one. No room: refused, and the others live on. It is found again by its
 * tuple, so that verifiers walk all this once and not for each table that it may have been in; where another CPU was
 * faster with the same it is established already, and stays.
 */
static __noinline verdict established_promote(const struct scene *scene, const struct five_tuple *tuple)
{
	const struct fw_connection *half_open = connection_find(scene, tuple);
	struct slot_search search = { .slot = { .container = tuple->container, .layer = tuple->layer } };
	struct fw_connection established;
	verdict v = 0;

	if (!half_open)
		return VERDICT(FW_REASON_NO_STATE, 0);
	established = *half_open;
	connection_enter(&established, FW_STATE_ESTABLISHED, FW_TIMEOUT_ESTABLISHED);
	established.last_seen_ns = scene->now;
	if (established_enter(scene, tuple, &established, &search))
		v = VERDICT(FW_REASON_TABLE_FULL, 0);
	else
		half_open_delete(tuple);
	slot_empty(scene, &search);
	return v;
}

#endif
