/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The maps, one macro each, so that an object carries the definitions of those it uses. Objects that name the same map
 * share it.
 */
#ifndef BPF_MAPS_H
#define BPF_MAPS_H

#include "bpf/fw_abi.h"
#include "bpf/helpers.h"

#define DEFINE_MAP(name, map_type, key_type, value_type, entries, map_flags_)                                          \
	struct {                                                                                                       \
		__uint(type, map_type);                                                                                \
		__uint(max_entries, entries);                                                                          \
		__uint(map_flags, map_flags_);                                                                         \
		__type(key, key_type);                                                                                 \
		__type(value, value_type);                                                                             \
	} name SEC(".maps")

/* Filled by the loader, not by floods: memory is taken as entries come. */
#define DEFINE_HASH(name, key_type, value_type, entries)                                                               \
	DEFINE_MAP(name, BPF_MAP_TYPE_HASH, key_type, value_type, entries, BPF_F_NO_PREALLOC)

#define DEFINE_FW_CONFIG DEFINE_MAP(fw_config, BPF_MAP_TYPE_ARRAY, __u32, struct fw_config, 1, 0)
#define DEFINE_PKT_STATS                                                                                               \
	DEFINE_MAP(pkt_stats, BPF_MAP_TYPE_PERCPU_HASH, __u32, struct pkt_stats, FW_MAX_CONTAINERS, BPF_F_NO_PREALLOC)
#define DEFINE_CONTAINER_POLICIES                                                                                      \
	DEFINE_HASH(container_policies, __u32, struct container_policy, FW_MAX_CONTAINERS *FW_SIDES)
#define DEFINE_CONTAINER_FACTS DEFINE_HASH(container_facts, __u32, struct fw_facts, FW_MAX_CONTAINERS)
#define DEFINE_CONTAINER_DEVS DEFINE_HASH(container_devs, __u32, __u32, FW_MAX_CONTAINERS)

/* The key of the side in force in container_policies. */
static __always_inline __u32 policy_key(__u32 container, __u32 generation)
{
	return FW_RULES(container, FW_SIDE(generation));
}

struct address {
	__u32 word[4]; /* network byte order */
};

#endif
