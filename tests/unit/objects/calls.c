/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls into .text and within a section, a function called twice, an address of a function, two programs in a section.
 */
#include "bpf_defs.h"

static __noinline int leaf(int x)
{
	volatile int y = x;

	return y * 3;
}

__noinline int middle(int x)
{
	volatile int y = leaf(x);

	return y + leaf(y);
}

__noinline SEC("tc") int beside(struct __sk_buff *skb)
{
	return leaf((int)skb->len) > 100 ? -1 : 2;
}

SEC("tc")
int first(struct __sk_buff *skb)
{
	return middle((int)skb->mark) ? beside(skb) : 0;
}

SEC("tc")
int second(struct __sk_buff *skb)
{
	return beside(skb) + 1;
}

#ifdef WITH_CALLBACK
static long (*const bpf_loop)(__u32 n, void *callback, void *context, __u64 flags) = (void *)181;

static int callback(__u32 i, void *context)
{
	*(__u32 *)context += i;
	return 0;
}

SEC("xdp")
int loops(struct xdp_md *context)
{
	__u32 sum = context->rx_queue_index;

	bpf_loop(10, callback, &sum, 0);
	return sum == 3 ? XDP_DROP : XDP_PASS;
}
#endif

char _license[] SEC("license") = "Dual MIT/GPL";
