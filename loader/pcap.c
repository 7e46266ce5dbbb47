/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/pcap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/frame.h"

#define FILE_HEADER 24
#define PACKET_HEADER 16
#define PCAPNG 0x0a0d0d0a

/* Of a link's header: its bytes, and where the EtherType stands in it; none: that is to be seen from the packet. */
static const struct link {
	__u32 number;
	__u8 header, type_at;
	bool has_type;
} links[] = {
	{ 1, 0, 0, false },    /* Ethernet */
	{ 101, 0, 0, false },  /* raw IP */
	{ 113, 16, 14, true }, /* Linux "cooked" */
	{ 276, 20, 0, true },  /* the second of these */
};
#define ETHERNET 1
#define TAG 4
#define TAGS_MAX 2

static const struct link *find_link(__u32 number)
{
	size_t i;

	for (i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (links[i].number == number)
			return &links[i];
	return NULL;
}

static int read_magic(struct pcap *pcap, struct view header, struct error *err)
{
	__u32 magic;

	view_u32(header, 0, false, &magic);
	if (magic == PCAPNG)
		return error_set(err, -EINVAL, "it is a pcapng file: make a pcap of it by `editcap -F pcap`");
	pcap->big_endian = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1;
	if (!pcap->big_endian && magic != 0xa1b2c3d4 && magic != 0xa1b23c4d)
		return error_set(err, -EINVAL, "it is no capture file: use one that `tcpdump -w` wrote");
	return 0;
}

int pcap_begin(struct pcap *pcap, FILE *file, struct error *err)
{
	__u8 bytes[FILE_HEADER] = { 0 };
	struct view header = { bytes, sizeof(bytes) };
	size_t got = fread(bytes, 1, sizeof(bytes), file);
	__u16 major;
	int code;

	memset(pcap, 0, sizeof(*pcap));
	pcap->file = file;
	code = read_magic(pcap, header, err);
	if (code)
		return code;
	view_u16(header, 4, pcap->big_endian, &major);
	view_u32(header, 20, pcap->big_endian, &pcap->link);
	pcap->link &= 0xffff; /* above it is how checksums of frames were kept */
	if (got < sizeof(bytes) || major != 2)
		return error_set(err, -EINVAL, "its header is cut off or of another version: capture it again");
	if (!find_link(pcap->link))
		return error_set(err, -EINVAL,
				 "its packets are of link type %u: capture on an Ethernet device, or on all (-i any)",
				 pcap->link);
	pcap->room = malloc(FRAME_ETHERNET + PCAP_LINK_MAX + PCAP_PACKET_MAX);
	return pcap->room ? 0 : error_set(err, -ENOMEM, "no memory for a packet of it");
}

void pcap_end(struct pcap *pcap)
{
	free(pcap->room);
	pcap->room = NULL;
}

/* Raw IP tells what it is by its version. */
static __u16 type_of(const struct link *link, struct view packet)
{
	__u16 type = 0;
	__u8 version = 0;

	if (link->has_type) {
		view_u16(packet, link->type_at, true, &type);
		return type;
	}
	view_u8(packet, 0, &version);
	return version >> 4 == 4 ? 0x0800 : version >> 4 == 6 ? 0x86dd : 0;
}

/* Which network a tag names no program asks: a socket's packets have none, so those here have none either. */
static void take_tags_out(struct view *frame, __u8 *bytes)
{
	__u16 type;
	unsigned tags;

	for (tags = 0; tags < TAGS_MAX && frame->size >= FRAME_ETHERNET + TAG; tags++) {
		view_u16(*frame, FRAME_ETHERNET - 2, true, &type);
		if (type != 0x8100 && type != 0x88a8 && type != 0x9100)
			return;
		memmove(bytes + TAG, bytes, FRAME_ETHERNET - 2);
		bytes += TAG;
		*frame = (struct view) { bytes, frame->size - TAG };
	}
}

/* The packet lies at room + FRAME_ETHERNET: an Ethernet header takes the place of its link's, and what is before. */
static void frame_of(const struct pcap *pcap, size_t size, struct view *out)
{
	const struct link *link = find_link(pcap->link);
	__u8 *packet = pcap->room + FRAME_ETHERNET, *frame;
	__u16 type;

	*out = (struct view) { packet, size };
	if (link->number == ETHERNET) {
		take_tags_out(out, packet);
		return;
	}
	type = type_of(link, *out);
	if (size < link->header)
		size = link->header;
	frame = packet + link->header - FRAME_ETHERNET;
	memset(frame, 0, FRAME_ETHERNET);
	frame[12] = (__u8)(type >> 8);
	frame[13] = (__u8)type;
	*out = (struct view) { frame, size - link->header + FRAME_ETHERNET };
}

static int wrong(const struct pcap *pcap, const char *why, struct error *err)
{
	return error_set(err, -EINVAL, "packet %llu: %s: capture it again, or cut the file there", pcap->packets + 1,
			 why);
}

int pcap_next(struct pcap *pcap, struct pcap_packet *out, struct error *err)
{
	__u8 bytes[PACKET_HEADER];
	size_t got = fread(bytes, 1, sizeof(bytes), pcap->file);
	struct view header = { bytes, sizeof(bytes) };
	__u32 kept, had;

	memset(out, 0, sizeof(*out));
	if (!got && !ferror(pcap->file))
		return 0;
	if (got < sizeof(bytes))
		return wrong(pcap, "its header is cut off", err);
	view_u32(header, 8, pcap->big_endian, &kept);
	view_u32(header, 12, pcap->big_endian, &had);
	if (kept > PCAP_PACKET_MAX || had > PCAP_PACKET_MAX)
		return wrong(pcap, "it has over 262144 bytes", err);
	if (kept > had)
		return wrong(pcap, "it has more bytes in the file than it had", err);
	if (fread(pcap->room + FRAME_ETHERNET, 1, kept, pcap->file) < kept)
		return wrong(pcap, "it is cut off by the file's end", err);
	memset(pcap->room + FRAME_ETHERNET + kept, 0, had - kept + PCAP_LINK_MAX);
	frame_of(pcap, had, &out->frame);
	out->cut_off = had - kept;
	pcap->packets++;
	return 1;
}
