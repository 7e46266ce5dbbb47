/* SPDX-License-Identifier: GPL-2.0 */
/* Frames made wrong at random: mostly in their headers, where it matters. No checksum is put right. */
#ifndef TESTS_PACKETS_MUTATE_H
#define TESTS_PACKETS_MUTATE_H

#include "tests/packets/packet.h"

struct frame {
	__u8 data[FRAME_MAX];
	unsigned size;
};

/*
 * One change. `donor` is a frame that bytes may be taken from. The size stays below 2048, so that the kernel runs it.
 */
void mutate(struct frame *frame, const struct frame *donor);

#endif
