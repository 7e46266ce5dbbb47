/* SPDX-License-Identifier: GPL-2.0 */
/* The one TCP option that tracking needs: by how much a side's windows are scaled (RFC 7323 section 2). */
#ifndef BPF_TCP_OPTIONS_H
#define BPF_TCP_OPTIONS_H

#include "bpf/network.h"

/* A SYN of today has five. Behind these its windows are taken for unscaled. */
#define TCP_OPTIONS_A_CALL 4
#define TCP_OPTIONS_WALKED 12
#define TCP_OPTIONS_MAX 64 /* beyond the 40 bytes that there can be */

struct tcp_option_walk {
	__u64 at, end; /* of the next option; of the header */
	__u64 scale;
};

/*
 * One option. Without branches, as the options of IPv4. Behind "end of options", and a length below 2, which nobody can
 * read on behind, nothing is an option any more.
 */
static __noinline int tcp_option_take(PACKET *ctx, struct tcp_option_walk *walk)
{
	__u64 type, len, found, has_len, stops;
	__u8 option[4];

	if (walk->at + 3 > walk->end || packet_load(ctx, walk->at, option, 3))
		return 0;
	type = option[0];
	len = option[1];
	has_len = 1 - ((type - 2) >> 63);
	stops = ((type - 1) >> 63) | (has_len & (len - 2) >> 63);
	found = ((type ^ 3) - 1) >> 63 & ((len ^ 3) - 1) >> 63;
	OPAQUE(found);
	OPAQUE(stops);
	walk->scale = found * option[2] + (1 - found) * walk->scale;
	walk->at += 1 + has_len * (len - 1) + stops * TCP_OPTIONS_MAX;
	return 0;
}

static __noinline int tcp_options_take(PACKET *ctx, struct tcp_option_walk *walk)
{
#pragma unroll
	for (int i = 0; i < TCP_OPTIONS_A_CALL; i++)
		tcp_option_take(ctx, walk);
	return 0;
}

/* Of a SYN; FW_NO_SCALE: none is offered. */
static __noinline __u32 tcp_scale_read(PACKET *ctx, const struct packet_info *packet)
{
	struct tcp_option_walk walk;

	walk.at = packet->transport + 20;
	walk.end = packet->transport + packet->tcp_header;
	walk.scale = FW_NO_SCALE;
#pragma unroll
	for (int i = 0; i < TCP_OPTIONS_WALKED; i += TCP_OPTIONS_A_CALL)
		tcp_options_take(ctx, &walk);
	return walk.scale;
}

#endif
