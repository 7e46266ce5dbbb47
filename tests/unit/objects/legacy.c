/* SPDX-License-Identifier: GPL-2.0 */
/* Map definitions as before BTF: a row of numbers. */
#include "bpf_defs.h"

struct bpf_map_def {
	__u32 type, key_size, value_size, max_entries, map_flags;
};

struct bpf_map_def old_hash SEC("maps") = { BPF_MAP_TYPE_HASH, 4, 8, 64, BPF_F_NO_PREALLOC };
struct bpf_map_def old_array SEC("maps") = { BPF_MAP_TYPE_ARRAY, 4, 16, 2, 0 };

SEC("socket")
int filter(struct __sk_buff *skb)
{
	__u32 key = skb->len;

	return bpf_map_lookup_elem(&old_hash, &key) || bpf_map_lookup_elem(&old_array, &key);
}

char _license[] SEC("license") = "GPL";
