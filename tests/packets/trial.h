/* SPDX-License-Identifier: GPL-2.0 */
/* Random packets of a small world of addresses, so that they meet random policies. */
#ifndef TESTS_PACKETS_TRIAL_H
#define TESTS_PACKETS_TRIAL_H

#include <stdbool.h>
#include <linux/types.h>
#include "tests/packets/packet.h"

/* What opens a connection with a box's container: the far end, the protocol, the port that is asked for. */
struct trial {
	bool out;
	int family;
	__u8 addr[16];
	__u8 proto;
	unsigned port;
};

unsigned below(unsigned n);

/* IPv4 in the first four bytes, the rest zero. */
void trial_address(int family, __u8 addr[16]);

/* Clears what stands behind a prefix's length. */
void trial_mask(__u8 addr[16], unsigned length);

/* The frame's bytes. */
unsigned trial_build(const struct trial *trial, __u8 frame[FRAME_MAX]);

#endif
