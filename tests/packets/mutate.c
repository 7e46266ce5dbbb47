/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/packets/mutate.h"

#include <string.h>
#include "tests/packets/trial.h"

#define SIZE_MIN 14
#define SIZE_MAX_KEPT 2047
#define HEADERS 128 /* bytes within which most changes are made */

/* Somewhere in the frame, three times of four in its headers. */
static unsigned somewhere(const struct frame *frame)
{
	unsigned size = frame->size ? frame->size : 1;

	return below(below(4) && size > HEADERS ? HEADERS : size);
}

/* Where the network header begins. */
static unsigned network_of(const struct frame *frame)
{
	unsigned at = 12;

	while (at + 6 <= frame->size && at < 20 &&
	       ((frame->data[at] == 0x81 && !frame->data[at + 1]) ||
		(frame->data[at] == 0x88 && frame->data[at + 1] == 0xa8)))
		at += 4;
	return at + 2;
}

static unsigned transport_of(const struct frame *frame)
{
	unsigned at = network_of(frame);

	return at + (frame->data[at] >> 4 == 4 ? (frame->data[at] & 15U) * 4 : 40);
}

static void flip_bit(struct frame *frame, const struct frame *donor)
{
	(void)donor;
	frame->data[somewhere(frame)] ^= (__u8)(1 << below(8));
}

static void set_byte(struct frame *frame, const struct frame *donor)
{
	static const __u8 values[] = { 0,  1,  2,  3,  4,  5,  6,  8,  16,  17,  20,  32,   43,   44,
				       50, 51, 53, 58, 59, 60, 63, 64, 127, 128, 132, 0x45, 0x60, 255 };

	(void)donor;
	frame->data[somewhere(frame)] = values[below(sizeof(values))];
}

static void truncate_frame(struct frame *frame, const struct frame *donor)
{
	(void)donor;
	if (frame->size > SIZE_MIN)
		frame->size = SIZE_MIN + below(frame->size - SIZE_MIN);
}

static void extend(struct frame *frame, const struct frame *donor)
{
	unsigned n = 1 + below(below(8) ? 64 : SIZE_MAX_KEPT);

	if (frame->size + n > SIZE_MAX_KEPT)
		return;
	memset(frame->data + frame->size, (int)below(256), n);
	memmove(frame->data + frame->size, donor->data, n < donor->size ? n : donor->size);
	frame->size += n;
}

static void copy_range(struct frame *frame, const struct frame *donor)
{
	unsigned to = somewhere(frame), from = below(2) ? to : somewhere(donor), n = 1 + below(40);

	if (from < donor->size && n <= donor->size - from && to + n <= SIZE_MAX_KEPT)
		memmove(frame->data + to, donor->data + from, n);
}

/* A 16-bit number: one more or less, or any. */
static void shift_number(struct frame *frame, unsigned at)
{
	unsigned value;

	if (at + 2 > frame->size)
		return;
	value = frame->data[at] * 256U + frame->data[at + 1];
	value = below(4) ? value + below(41) - 20 : below(3) ? frame->size - below(60) : below(65536);
	frame->data[at] = (__u8)(value >> 8);
	frame->data[at + 1] = (__u8)value;
}

static void change_length(struct frame *frame, const struct frame *donor)
{
	unsigned network = network_of(frame), transport = transport_of(frame);

	(void)donor;
	switch (below(6)) {
	case 0:
		shift_number(frame, network + 2); /* IPv4 total length */
		break;
	case 1:
		shift_number(frame, network + 4); /* IPv6 payload length */
		break;
	case 2:
		shift_number(frame, transport + 4); /* UDP length */
		break;
	case 3:
		if (network < frame->size) /* IHL */
			frame->data[network] = (__u8)((frame->data[network] & 0xf0) | below(16));
		break;
	case 4:
		if (transport + 12 < frame->size) /* TCP data offset */
			frame->data[transport + 12] = (__u8)(below(16) << 4);
		break;
	default:
		if (transport + 1 < frame->size) /* an extension header's length */
			frame->data[transport + 1] = (__u8)below(below(2) ? 4 : 256);
	}
}

/* What decides: protocol, flags, fragment offset, ports, sequence numbers. */
static void change_field(struct frame *frame, const struct frame *donor)
{
	static const __u8 protocols[] = { 0, 1, 2, 6, 17, 43, 44, 47, 50, 51, 58, 59, 60, 132 };
	unsigned network = network_of(frame), transport = transport_of(frame), at;

	(void)donor;
	if (transport + 14 > frame->size)
		return;
	switch (below(5)) {
	case 0:
		at = network + (frame->data[network] >> 4 == 4 ? 9 : 6);
		frame->data[at] = protocols[below(sizeof(protocols))];
		break;
	case 1:
		frame->data[transport + 13] = (__u8)below(64);
		break;
	case 2:
		frame->data[network + 6] = (__u8)(below(2) * 0x20);
		frame->data[network + 7] = (__u8)below(8);
		break;
	default:
		shift_number(frame, transport + 2 * below(6));
	}
}

static void insert_bytes(struct frame *frame, const struct frame *donor)
{
	unsigned at = somewhere(frame), n = 1 + below(below(2) ? 40 : 8);

	if (frame->size + n > SIZE_MAX_KEPT || n > donor->size)
		return;
	memmove(frame->data + at + n, frame->data + at, frame->size - at);
	memmove(frame->data + at, donor->data + below(donor->size - n + 1), n);
	frame->size += n;
}

static void delete_bytes(struct frame *frame, const struct frame *donor)
{
	unsigned at = somewhere(frame), n = 1 + below(below(2) ? 40 : 8);

	(void)donor;
	if (at + n > frame->size || frame->size - n < SIZE_MIN)
		return;
	memmove(frame->data + at, frame->data + at + n, frame->size - at - n);
	frame->size -= n;
}

void mutate(struct frame *frame, const struct frame *donor)
{
	static void (*const ways[])(struct frame *, const struct frame *) = {
		flip_bit,      set_byte,     truncate_frame, extend,       copy_range,
		change_length, change_field, change_length,  insert_bytes, delete_bytes,
	};

	ways[below(sizeof(ways) / sizeof(*ways))](frame, donor);
}
