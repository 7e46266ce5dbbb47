/* SPDX-License-Identifier: GPL-2.0 */
/* Writes captures of each link and byte order into a folder, to begin fuzzing with: pcap_seeds FOLDER */
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

#include "loader/frame.h"

static void put(FILE *file, bool big_endian, unsigned size, __u32 value)
{
	unsigned i;

	for (i = 0; i < size; i++)
		fputc((int)(value >> 8 * (big_endian ? size - 1 - i : i)) & 0xff, file);
}

static void put_packet(FILE *file, bool big_endian, __u8 family, __u8 proto)
{
	struct flow flow = { .family = family, .proto = proto, .icmp_type = 3, .src_port = 1, .dst_port = 53 };
	struct view payload = { NULL, 0 };
	__u8 frame[FRAME_BUILT_MAX];
	unsigned size = frame_build(&flow, payload, frame);

	put(file, big_endian, 4, 0);
	put(file, big_endian, 4, 0);
	put(file, big_endian, 4, size);
	put(file, big_endian, 4, size);
	fwrite(frame, 1, size, file);
}

static int write_capture(const char *folder, bool big_endian, __u32 link)
{
	static const __u8 protos[] = { FRAME_TCP, FRAME_UDP, FRAME_ICMP, FRAME_ICMPV6, 44 };
	char path[512];
	FILE *file;
	size_t i;

	snprintf(path, sizeof(path), "%s/%s-%u", folder, big_endian ? "big" : "little", link);
	file = fopen(path, "w");
	if (!file)
		return 1;
	put(file, big_endian, 4, big_endian ? 0xa1b23c4d : 0xa1b2c3d4);
	put(file, big_endian, 2, 2);
	put(file, big_endian, 2, 4);
	put(file, big_endian, 4, 0);
	put(file, big_endian, 4, 0);
	put(file, big_endian, 4, 65535);
	put(file, big_endian, 4, link);
	for (i = 0; i < sizeof(protos); i++) {
		put_packet(file, big_endian, FW_IPV4, protos[i]);
		put_packet(file, big_endian, FW_IPV6, protos[i]);
	}
	return fclose(file) != 0;
}

int main(int argc, char **argv)
{
	static const __u32 links[] = { 1, 101, 113, 276 };
	int failed = argc != 2;
	size_t i;

	for (i = 0; !failed && i < sizeof(links) / sizeof(*links); i++)
		failed = write_capture(argv[1], false, links[i]) || write_capture(argv[1], true, links[i]);
	return failed;
}
