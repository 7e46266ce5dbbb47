/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The world's devices as ports of one bridge, which forwards any bytes, and their far ends in a namespace that has
 * nothing else: what is sent there as a raw frame meets the programs where the kernel runs them.
 */
#ifndef TESTS_PACKETS_WIRE_H
#define TESTS_PACKETS_WIRE_H

#include <stdbool.h>

#include "tests/packets/packet.h"
#include "tests/packets/world.h"

/* For world_main: the devices are joined, and the uplinks have their programs. */
int wire_prepare(void);

/* Before the first frame: waits until each way is open. 0 or -1. */
int wire_rise(void);

/* How outside and a container are joined: by an uplink, with XDP in the driver or else, or by a port that is none. */
enum path { UPLINK, UPLINK_GENERIC, ASIDE, PATHS_N };

/* A frame that outside or a container sends to the other. Its MAC addresses are written here. */
struct sending {
	enum box box;
	enum path path;
	enum way way;
	__u8 *frame;
	unsigned size;
};

struct crossing {
	int error;        /* -errno of sending it, else 0 */
	unsigned arrived; /* how often it did, byte for byte, where it was sent to */
	unsigned strays;  /* frames that are another, or elsewhere, or of before */
	unsigned counted; /* drops that were counted, anywhere */
	enum box where;   /* by whose counter; BOX_N: the uplinks' */
	enum fw_reason reason;
};
struct crossing wire_cross(const struct sending *sending);

/* How many frames have arrived that nobody waited for. */
unsigned wire_strays(void);

#endif
