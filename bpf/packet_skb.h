/* SPDX-License-Identifier: GPL-2.0 */
/* The parser's accessor for TC and cgroup: reads the linear part and what lies behind it alike. */
#ifndef BPF_PACKET_SKB_H
#define BPF_PACKET_SKB_H

#include "bpf/helpers.h"

#define PACKET struct __sk_buff

static __always_inline int packet_load(PACKET *skb, __u32 offset, void *to, __u32 size)
{
	return (int)bpf_skb_load_bytes(skb, offset, to, size);
}

/* Tags that are no longer in the packet's bytes: a device, or the kernel where a frame came in, takes the outermost
 * out. */
static __always_inline __u32 packet_tags_taken(const PACKET *skb)
{
	return skb->vlan_present;
}

/* As packet_load, for a size that is known only at run time. */
static __always_inline int packet_load_some(PACKET *skb, __u32 offset, void *to, __u32 size)
{
	return (int)bpf_skb_load_bytes(skb, offset, to, size);
}

#endif
