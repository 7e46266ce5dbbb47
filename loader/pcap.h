/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A capture file of the classic kind (pcap), read packet by packet as Ethernet frames: both byte orders, times in
 * micro- or nanoseconds; Ethernet, raw IP, and what `tcpdump -i any` writes. Its bytes are untrusted, and its length
 * does not matter.
 */
#ifndef LOADER_PCAP_H
#define LOADER_PCAP_H

#include <stdbool.h>
#include <stdio.h>
#include "elf/error.h"
#include "elf/view.h"

#define PCAP_PACKET_MAX 262144 /* bytes of one packet: tcpdump's own bound */
#define PCAP_LINK_MAX 20       /* bytes of a link's header but Ethernet's */

struct pcap {
	FILE *file;
	bool big_endian;
	__u32 link;
	unsigned long long packets; /* that were given */
	__u8 *room;
};

/* What `pcap_next` gives, until it is called again. */
struct pcap_packet {
	struct view
		frame; /* with an Ethernet header, made where the capture has none, and without its first two tags */
	__u32 cut_off; /* bytes that the capture did not keep: zeroes stand in the frame for them */
};

/* Reads the file's header. 0, or -EINVAL (no such capture, or one of another link), -ENOMEM with a sentence. */
int pcap_begin(struct pcap *pcap, FILE *file, struct error *err);

/* 1; 0: there are no more; -EINVAL with a sentence: the file is cut off or contradicts itself. */
int pcap_next(struct pcap *pcap, struct pcap_packet *out, struct error *err);

void pcap_end(struct pcap *pcap); /* the file stays the caller's */

#endif
