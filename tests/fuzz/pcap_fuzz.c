/* SPDX-License-Identifier: GPL-2.0 */
/* Any bytes as a capture file: each packet is a frame within the file's bytes or zeroes, or there is a sentence. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "loader/frame.h"
#include "loader/pcap.h"

static void must(int truth)
{
	if (!truth)
		abort();
}

/* Reads every byte, for the sanitizer. */
static void touch(struct view bytes)
{
	const volatile unsigned char *at = bytes.data;
	size_t i;

	for (i = 0; i < bytes.size; i++)
		(void)at[i];
}

static void check_flow(const struct flow *flow)
{
	bool has_ports = flow->proto == FRAME_TCP || flow->proto == FRAME_UDP || flow->proto == FRAME_ICMP ||
			 flow->proto == FRAME_ICMPV6;

	must(flow->family == 0 || flow->family == FW_IPV4 || flow->family == FW_IPV6);
	must(!flow->later || (!flow->src_port && !flow->dst_port));
	must(has_ports || (!flow->src_port && !flow->dst_port));
}

static int check_packet(struct pcap *pcap, size_t size, struct error *err)
{
	struct flow flow, quoted;
	struct pcap_packet packet;
	int more = pcap_next(pcap, &packet, err);

	if (more <= 0)
		return more;
	must(packet.frame.size <= PCAP_PACKET_MAX + FRAME_ETHERNET);
	must(packet.frame.size <= size + packet.cut_off + FRAME_ETHERNET);
	touch(packet.frame);
	frame_read(packet.frame, &flow, &quoted);
	check_flow(&flow);
	check_flow(&quoted);
	must(!quoted.family || (flow.icmp_quotes && quoted.family == flow.family));
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file = size ? fmemopen((void *)(size_t)data, size, "r") : NULL;
	struct error err = { 0 };
	struct pcap pcap;
	int more = 1;

	if (!file)
		return 0;
	if (pcap_begin(&pcap, file, &err)) {
		must(err.code < 0 && err.text[0] && !pcap.room);
	} else {
		while (more > 0)
			more = check_packet(&pcap, size, &err);
		must(!more == !err.text[0]);
		pcap_end(&pcap);
	}
	fclose(file);
	return 0;
}
