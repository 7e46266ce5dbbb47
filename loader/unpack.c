/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/unpack.h"

#include <errno.h>
#include <stdbool.h>

#include "elf/view.h"
#include "loader/pack/format.h"

#define FILES_MAX 16
#define BYTES_MAX (8u << 20)

unsigned unpacked_files(struct view packed)
{
	__u32 n = 0;

	return view_u32(packed, 0, true, &n) && n <= FILES_MAX ? n : 0;
}

size_t unpacked_file_size(struct view packed, unsigned file)
{
	__u32 size = 0;

	if (file >= unpacked_files(packed) || !view_u32(packed, 4 * (file + 1u), true, &size))
		return 0;
	return size <= BYTES_MAX ? size : 0;
}

size_t unpacked_size(struct view packed)
{
	size_t size = 0;
	unsigned i;

	for (i = 0; i < unpacked_files(packed); i++)
		size += unpacked_file_size(packed, i);
	return size <= BYTES_MAX ? size : 0;
}

struct unpacker {
	struct view in;
	size_t at;
	__u32 range, code;
	unsigned char *out;
	size_t n, size;
	size_t distances[REPEATS]; /* of the last matches */
	struct pack_model model;
};

/* Beyond the end there are zeroes: what comes of them is cut off by the size. */
static void take_byte(struct unpacker *unpacker)
{
	__u8 byte;

	view_u8(unpacker->in, unpacker->at++, &byte);
	unpacker->range <<= 8;
	unpacker->code = unpacker->code << 8 | byte;
}

static unsigned get_bit(struct unpacker *unpacker, __u16 *prob)
{
	__u32 bound = (unpacker->range >> PROB_BITS) * *prob;
	unsigned bit = unpacker->code >= bound;

	if (bit) {
		unpacker->code -= bound;
		unpacker->range -= bound;
		*prob = (__u16)(*prob - (*prob >> PROB_SHIFT));
	} else {
		unpacker->range = bound;
		*prob = (__u16)(*prob + (((1u << PROB_BITS) - *prob) >> PROB_SHIFT));
	}
	while (unpacker->range < RANGE_LOW)
		take_byte(unpacker);
	return bit;
}

static unsigned get_plain(struct unpacker *unpacker)
{
	unsigned bit;

	unpacker->range >>= 1;
	bit = unpacker->code >= unpacker->range;
	if (bit)
		unpacker->code -= unpacker->range;
	while (unpacker->range < RANGE_LOW)
		take_byte(unpacker);
	return bit;
}

static unsigned get_tree(struct unpacker *unpacker, __u16 *probs, unsigned bits)
{
	unsigned node = 1, i;

	for (i = 0; i < bits; i++)
		node = node << 1 | get_bit(unpacker, &probs[node]);
	return node - (1u << bits);
}

static void get_literal(struct unpacker *unpacker, unsigned after_match)
{
	unsigned before = unpacker->n ? unpacker->out[unpacker->n - 1] : 0, node = 1, expected = 0;
	__u16 *probs = unpacker->model.literal[unpacker->n % ALIGNS][before >> 5];

	if (after_match)
		expected = 0x100 | unpacker->out[unpacker->n - unpacker->distances[0]];
	while (node < 0x100) {
		unsigned bit = expected >> 7 & 1;

		if (expected)
			node = node << 1 | get_bit(unpacker, &unpacker->model.alike[bit][node]);
		else
			node = node << 1 | get_bit(unpacker, &probs[node]);
		expected = expected && (node & 1) == bit ? 0x100 | expected << 1 : 0;
	}
	unpacker->out[unpacker->n++] = (unsigned char)node;
}

static size_t get_distance(struct unpacker *unpacker, unsigned length)
{
	unsigned slot = get_tree(unpacker, unpacker->model.slot[pack_length_class(length)], SLOT_BITS), bits;
	size_t distance = 1;

	for (bits = slot; bits > LOW_BITS; bits--)
		distance = distance << 1 | get_plain(unpacker);
	return distance << bits | get_tree(unpacker, unpacker->model.low, bits);
}

/* A match that begins before the first byte, or ends behind the last, is of a broken stream. */
static bool get_match(struct unpacker *unpacker, unsigned after_match)
{
	unsigned repeat = get_bit(unpacker, &unpacker->model.is_repeat[after_match]);
	unsigned which = repeat ? get_tree(unpacker, unpacker->model.repeat, REPEAT_BITS) : REPEATS - 1;
	unsigned length = MATCH_MIN + get_tree(unpacker, unpacker->model.length[repeat], LENGTH_BITS);
	size_t distance = repeat ? unpacker->distances[which] : get_distance(unpacker, length);

	pack_distance_used(unpacker->distances, which, distance);
	if (!distance || distance > unpacker->n || length > unpacker->size - unpacker->n)
		return false;
	for (; length; length--, unpacker->n++)
		unpacker->out[unpacker->n] = unpacker->out[unpacker->n - distance];
	return true;
}

static int get_all(struct unpacker *unpacker)
{
	unsigned after_match = 0;

	while (unpacker->n < unpacker->size) {
		__u16 *prob = &unpacker->model.is_match[after_match][unpacker->n % ALIGNS];

		if (!get_bit(unpacker, prob)) {
			get_literal(unpacker, after_match);
			after_match = 0;
			continue;
		}
		if (!get_match(unpacker, after_match))
			return -EINVAL;
		after_match = 1;
	}
	return 0;
}

int unpack(struct view packed, unsigned char *out)
{
	static struct unpacker only; /* so that texts can be read where there is no memory */
	struct unpacker *unpacker = &only;
	__u16 *probs;
	size_t i;

	*unpacker = (struct unpacker) {
		.in = packed,
		.at = 4 * (unpacked_files(packed) + 1u),
		.range = 0xffffffffu,
		.out = out,
		.size = unpacked_size(packed),
	};
	probs = (__u16 *)&unpacker->model;
	for (i = 0; i < PACK_PROBS; i++)
		probs[i] = PROB_HALF;
	for (i = 0; i < 4; i++) {
		__u8 byte;

		view_u8(packed, unpacker->at++, &byte);
		unpacker->code = unpacker->code << 8 | byte;
	}
	return unpacker->size ? get_all(unpacker) : -EINVAL;
}
