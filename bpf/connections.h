/* SPDX-License-Identifier: GPL-2.0 */
/* The tables of tracked connections, and their key. */
#ifndef BPF_CONNECTIONS_H
#define BPF_CONNECTIONS_H

#include "bpf/maps.h"
#include "bpf/network.h"

DEFINE_MAP(conntrack, BPF_MAP_TYPE_HASH, struct five_tuple, struct fw_connection, FW_MAX_CONNECTIONS,
	   BPF_F_NO_PREALLOC);
DEFINE_MAP(conntrack_half_open, BPF_MAP_TYPE_LRU_HASH, struct five_tuple, struct fw_connection, FW_MAX_HALF_OPEN, 0);
DEFINE_MAP(conntrack_asked, BPF_MAP_TYPE_LRU_HASH, struct five_tuple, struct fw_connection, FW_MAX_HALF_OPEN, 0);
DEFINE_HASH(conntrack_slots, struct fw_slot, struct five_tuple, FW_SLOTS);
DEFINE_HASH(conntrack_counts, struct fw_count_key, struct fw_count, 4 * FW_MAX_CONTAINERS);
DEFINE_MAP(conntrack_owners, BPF_MAP_TYPE_ARRAY, __u32, struct fw_owner, FW_OWNERS, 0);

/* Not established: opened from outside and not answered; or opened by a container, or answered: no flood touches these.
 */
static __always_inline struct fw_connection *half_open_find(const struct five_tuple *tuple)
{
	struct fw_connection *connection = bpf_map_lookup_elem(&conntrack_half_open, tuple);

	return connection ? connection : bpf_map_lookup_elem(&conntrack_asked, tuple);
}

static __subprogram int half_open_delete(const struct five_tuple *tuple)
{
	bpf_map_delete_elem(&conntrack_half_open, tuple);
	return bpf_map_delete_elem(&conntrack_asked, tuple);
}

static __always_inline int tuple_fill_inline(struct five_tuple *tuple, const struct packet_info *packet, int direction)
{
	tuple->family = packet->family;
	tuple->proto = packet->proto;
	tuple->kind = packet->icmp_kind;
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
	return 0;
}

/* The same, written out once. */
static __subprogram int tuple_fill(struct five_tuple *tuple, const struct packet_info *packet, int direction)
{
	return tuple_fill_inline(tuple, packet, direction);
}

#endif
