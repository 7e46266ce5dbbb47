/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the objects lie in the binary, and the texts: one stream of either, since they have much in common. LZ77 whose
 * choices are coded by an adaptive binary range coder (G. N. N. Martin, 1979), with bits modelled by what stands before
 * them. Numbers in the header are big-endian: how many files, the size of each, then the coded bytes. The packer and
 * loader/unpack.c share this file.
 */
#ifndef LOADER_PACK_FORMAT_H
#define LOADER_PACK_FORMAT_H

#include <stddef.h>
#include <linux/types.h>

#define PROB_BITS 11
#define PROB_HALF (1u << (PROB_BITS - 1))
#define PROB_SHIFT 4 /* how fast a probability follows what it sees */
#define RANGE_LOW (1u << 24)

#define MATCH_MIN 2
#define LENGTH_BITS 8
#define MATCH_MAX (MATCH_MIN + (1 << LENGTH_BITS) - 1)
#define SLOT_BITS 5 /* of a distance: how many bits it has */
#define LOW_BITS 4  /* of a distance: modelled, the others are coded as they are */
#define REPEAT_BITS 2
#define REPEATS (1 << REPEAT_BITS)
#define ALIGNS 8 /* an instruction has 8 bytes: the place in it tells much */

/* One adaptive probability for each context of each bit; all begin at a half. */
struct pack_model {
	__u16 is_match[2][ALIGNS];      /* by whether the last item was a match */
	__u16 is_repeat[2];             /* of the distance of one of the last matches */
	__u16 repeat[1 << REPEAT_BITS]; /* of which */
	__u16 literal[ALIGNS][8][256];  /* by place and the top bits of the byte before */
	__u16 alike[2][256]; /* behind a match: by the bit that would have gone on with it, while they agree */
	__u16 length[2][1 << LENGTH_BITS]; /* by whether it is a repeat */
	__u16 slot[4][1 << SLOT_BITS];     /* by the match's length */
	__u16 low[1 << LOW_BITS];
};

#define PACK_PROBS (sizeof(struct pack_model) / sizeof(__u16))

/* A distance is the last one now; `which` of those before it is what it was, the oldest where it is new. */
static inline void pack_distance_used(size_t distances[REPEATS], unsigned which, size_t distance)
{
	for (; which; which--)
		distances[which] = distances[which - 1];
	distances[0] = distance;
}

static inline unsigned pack_length_class(unsigned length)
{
	return length < MATCH_MIN + 3 ? length - MATCH_MIN : 3;
}

#endif
