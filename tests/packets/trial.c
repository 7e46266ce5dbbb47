/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/packets/trial.h"

#include <stdlib.h>
#include <string.h>

unsigned below(unsigned n)
{
	return (unsigned)rand() % n;
}

/* From a small world, so that rules and packets meet. */
void trial_address(int family, __u8 addr[16])
{
	static const __u8 bytes[] = { 0, 1, 127, 128, 255 };
	unsigned i;

	memset(addr, 0, 16);
	if (family == 6)
		memcpy(addr, "\xfd\x00\x00\x10", 4);
	else
		addr[0] = 10;
	for (i = family == 6 ? 4 : 1; i < (family == 6 ? 16 : 4); i++)
		addr[i] = bytes[below(sizeof(bytes))];
}

void trial_mask(__u8 addr[16], unsigned length)
{
	unsigned bit;

	for (bit = length; bit < 128; bit++)
		addr[bit / 8] &= (__u8) ~(0x80 >> bit % 8);
}

unsigned trial_build(const struct trial *trial, __u8 frame[FRAME_MAX])
{
	const struct framing framing = { .family = trial->family, .way = trial->out ? OUT : IN };
	struct packet packet = { .proto = trial->proto, .sport = 40000, .dport = (__u16)trial->port };
	unsigned size, at = 14 + (trial->family == 4 ? 12 : 8), i, sum = 0, length = trial->family == 4 ? 4 : 16;

	if (trial->proto == TCP)
		packet.flags = SYN;
	if (trial->proto == ICMP)
		packet.icmp = ECHO_REQUEST;
	if (trial->proto == SCTP)
		packet.zeroes = 32;
	size = packet_build(&packet, &framing, frame);
	memcpy(frame + at + (trial->out ? length : 0), trial->addr, length);
	if (trial->family == 4) {
		frame[24] = frame[25] = 0;
		for (i = 14; i < 34; i += 2)
			sum += (unsigned)frame[i] << 8 | frame[i + 1];
		sum = (sum & 0xffff) + (sum >> 16);
		sum = ~(sum + (sum >> 16)) & 0xffff;
		frame[24] = (__u8)(sum >> 8);
		frame[25] = (__u8)sum;
	}
	return size;
}
