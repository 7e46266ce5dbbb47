/* SPDX-License-Identifier: GPL-2.0 */
/* An Ethernet frame by what firewalls look at: built from that, and read back from untrusted bytes. Pure. */
#ifndef LOADER_FRAME_H
#define LOADER_FRAME_H

#include <stdbool.h>
#include "bpf/fw_abi.h"
#include "elf/view.h"

#define FRAME_ETHERNET 14
#define FRAME_BUILT_MAX 512 /* bytes of a frame that is built; the payload has at most 300 */

#define FRAME_ICMP 1
#define FRAME_TCP 6
#define FRAME_UDP 17
#define FRAME_ICMPV6 58

#define FRAME_SYN 0x02
#define FRAME_ACK 0x10

/* Numbers are in the machine's byte order, addresses in the network's: IPv4 in the first four bytes, the rest zero. */
struct flow {
	__u8 family; /* enum fw_family; 0: not IP, or not readable */
	__u8 proto;
	__u8 src[16], dst[16];
	__u16 src_port, dst_port; /* ICMP: the identifier of what has one, in both */
	__u8 icmp_type;
	__u8 icmp_kind;   /* the type of the reply; of what has none its own */
	bool icmp_quotes; /* an error, behind whose header is what it is about */
	bool later;       /* a fragment but the first: it has no ports */
	__u8 tcp_flags;
	__u32 seq, ack;
};

/*
 * A frame with right lengths and checksums: a TCP segment without data, a UDP datagram with a payload, an ICMP message
 * of icmp_type with its identifier, of any other protocol eight zeroes. Gives its size.
 */
unsigned frame_build(const struct flow *flow, struct view payload, __u8 out[FRAME_BUILT_MAX]);

/*
 * As far as it can be read: what is cut off has no ports, and without its addresses no family. Of an ICMP error
 * `quoted` is the packet that it quotes, else its family is 0.
 */
void frame_read(struct view frame, struct flow *flow, struct flow *quoted);

/* The key of a flow's connection, as the programs make it: `direction` is the packet's, as the container sees it. */
struct five_tuple flow_tuple(const struct flow *flow, __u32 container, enum fw_layer layer,
			     enum fw_direction direction);

#endif
