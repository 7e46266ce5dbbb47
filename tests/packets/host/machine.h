/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host in the place of the BPF machine: bpf/ is compiled with this file before it, which keeps bpf/machine.h out. A
 * helper that takes a map is a macro, as the map's definition tells its type and sizes; any other is a plain function
 * of kernel.c.
 */
#ifndef BPF_MACHINE_H
#define BPF_MACHINE_H

#include <linux/bpf.h>
#include "tests/packets/host/maps.h"

/* Objects that define the same map, or the licence, are linked to one program. */
#define SEC(name) __attribute__((weak))

/* What keeps the verifier from reasoning changes no value. */
#define OPAQUE(value) ((void)(value))
#define FORGET(value, unknown) ((void)(value), (void)(unknown))
#define FORGET_ALL(object, unknown) ((void)(object), (void)(unknown))
#define TAKE_WHOLE_STACK() ((void)0)

/* A frame begins on an even address. */
typedef __u32 __attribute__((may_alias, aligned(2))) packet_word;

/* 0 until a test sets it. */
const __u64 *host_constant(const char *name);
#define LOAD_CONSTANT(name)                                                                                            \
	({                                                                                                             \
		static const __u64 *constant_;                                                                         \
		if (!constant_)                                                                                        \
			constant_ = host_constant(#name);                                                              \
		*constant_;                                                                                            \
	})

/* The map that a definition of bpf/ names: its numbers are kept as array lengths. */
#define HOST_NUMBER(field) (sizeof(*(field)) / sizeof(**(field)))
#define HOST_MAP(map)                                                                                                  \
	({                                                                                                             \
		static struct host_map *map_;                                                                          \
		if (!map_)                                                                                             \
			map_ = host_map(#map, HOST_NUMBER((map)->type), sizeof(*(map)->key), sizeof(*(map)->value),    \
					HOST_NUMBER((map)->max_entries));                                              \
		map_;                                                                                                  \
	})

#define bpf_map_lookup_elem(map, key) host_map_lookup(HOST_MAP(map), key)
#define bpf_map_update_elem(map, key, value, flags) host_map_update(HOST_MAP(map), key, value, flags)
#define bpf_map_delete_elem(map, key) host_map_delete(HOST_MAP(map), key)

/* One cgroup: storage is an array of one. */
void *host_storage(const char *name, __u32 value_size);
#define bpf_get_local_storage(map, flags) ((void)(flags), host_storage(#map, sizeof(*(map)->value)))

/* Does not return where the kernel's would not. */
typedef int host_skb_program(struct __sk_buff *skb);
void host_tail_call(struct __sk_buff *skb, host_skb_program *const *programs, __u32 n, __u32 index);
#define bpf_tail_call(skb, map, index) host_tail_call(skb, (map)->values, HOST_NUMBER((map)->max_entries), index)

__u64 bpf_ktime_get_ns(void);
__u64 bpf_jiffies64(void);
__u32 bpf_get_prandom_u32(void);
long bpf_skb_load_bytes(const void *skb, __u32 offset, void *to, __u32 size);
long bpf_perf_event_output(void *ctx, void *map, __u64 flags, void *data, __u64 size);
void *bpf_ringbuf_reserve(void *map, __u64 size, __u64 flags);
void bpf_ringbuf_submit(void *data, __u64 flags);
long bpf_ringbuf_output(void *map, void *data, __u64 size, __u64 flags);

#endif
