/* SPDX-License-Identifier: GPL-2.0 */
/* Map definitions by types: sizes by type and by number, global and static, pinned, inner maps. */
#include "bpf_defs.h"

struct value {
	__u64 packets;
	__u32 seen[3];
};
typedef const struct value value_t;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 100);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(pinning, 1);
	__type(key, __u32);
	__type(value, value_t);
} by_type SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 7);
	__uint(key_size, 4);
	__uint(value_size, 24);
	__uint(numa_node, 1);
} by_size SEC(".maps");

static struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64[5]);
} hidden SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 9);
	__type(key, __u32);
	__type(value, __u64);
} inner_0 SEC(".maps"), inner_1 SEC(".maps");
static struct inner inner_2 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { [1] = &inner_1, [2] = &inner_2, [3] = &inner_0 },
};

SEC("xdp")
int reads_maps(struct xdp_md *context)
{
	__u32 key = context->rx_queue_index;
	__u64 *hidden_value = bpf_map_lookup_elem(&hidden, &key);
	struct value *value = bpf_map_lookup_elem(&by_type, &key);
	void *inner = bpf_map_lookup_elem(&outer, &key);

	if (!bpf_map_lookup_elem(&by_size, &key) || !inner || !hidden_value)
		return XDP_DROP;
	return value && value->packets > *hidden_value ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
