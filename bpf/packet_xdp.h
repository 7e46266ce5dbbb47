/* SPDX-License-Identifier: GPL-2.0 */
/* The parser's accessor for XDP: direct reads between data and data_end. */
#ifndef BPF_PACKET_XDP_H
#define BPF_PACKET_XDP_H

#include "bpf/helpers.h"

#define PACKET struct xdp_md
#define XDP_HEADERS_MAX 512 /* no header that decides lies further in */

static __always_inline int packet_load(PACKET *xdp, __u32 offset, void *to, __u32 size)
{
	const __u16 *from = (const __u16 *)((char *)(long)xdp->data + (offset & (XDP_HEADERS_MAX - 2)));
	__u16 *out = to;

	if (offset >= XDP_HEADERS_MAX || (char *)from + size > (char *)(long)xdp->data_end)
		return -1;
		/*
		 * Headers begin at even offsets, which the mask tells the verifier: where an architecture is strict
		 * about alignment (riscv64), it refuses reads at others, and wider ones.
		 */
#pragma unroll
	for (__u32 i = 0; i < size / 2; i++)
		out[i] = from[i];
	return 0;
}

/* No program here can ask for one that the device took out. */
static __always_inline __u32 packet_tags_taken(const PACKET *xdp)
{
	(void)xdp;
	return 0;
}

#endif
