/* SPDX-License-Identifier: GPL-2.0 */
/* The parser's accessor for XDP: direct reads between data and data_end. */
#ifndef BPF_PACKET_XDP_H
#define BPF_PACKET_XDP_H

#include "bpf/helpers.h"

#define PACKET struct xdp_md
#define XDP_HEADERS_MAX 512 /* no header that decides lies further in */

static __always_inline int packet_load(PACKET *xdp, __u32 offset, void *to, __u32 size)
{
	const char *from = (const char *)(long)xdp->data;

	/*
	 * EtherTypes lie at multiples of 4, and headers 2 bytes behind such, as the kernel lays frames out
	 * (NET_IP_ALIGN). The masks tell the verifier: where an architecture is strict about alignment (riscv64), it
	 * refuses other reads.
	 */
	from += size % 4 ? offset & (XDP_HEADERS_MAX - 2) : (offset & (XDP_HEADERS_MAX - 4)) + 2;
	if (offset >= XDP_HEADERS_MAX || from + size > (const char *)(long)xdp->data_end)
		return -1;
	if (size % 4) {
#pragma unroll
		for (__u32 i = 0; i < size / 2; i++)
			((__u16 *)to)[i] = ((const __u16 *)from)[i];
	} else {
#pragma unroll
		for (__u32 i = 0; i < size / 4; i++)
			((packet_word *)to)[i] = ((const packet_word *)from)[i];
	}
	return 0;
}

/* No program here can ask for one that the device took out. */
static __always_inline __u32 packet_tags_taken(const PACKET *xdp)
{
	(void)xdp;
	return 0;
}

#endif
