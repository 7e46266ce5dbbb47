/* SPDX-License-Identifier: GPL-2.0 */
/* A program array with its slots filled. */
#include "bpf_defs.h"

SEC("tc")
int stage_one(struct __sk_buff *skb)
{
	return (int)skb->len;
}

SEC("tc")
static int stage_hidden(struct __sk_buff *skb)
{
	return (int)skb->priority;
}

SEC("tc")
int stage_two(struct __sk_buff *skb)
{
	return (int)skb->mark;
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 5);
	__uint(key_size, sizeof(__u32));
	__array(values, int(struct __sk_buff *));
} stages SEC(".maps") = {
	.values = { [0] = &stage_one, [2] = &stage_hidden, [4] = &stage_two },
};

SEC("tc")
int entry(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &stages, 4);
	return 0;
}

char _license[] SEC("license") = "GPL";
