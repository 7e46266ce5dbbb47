/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Any packets, in any order: the programs, compiled for the host, judge each without touching what is not theirs, and
 * keep what is promised of every verdict. No kernel is asked and no right is needed.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/verdict_input.h"
#include "tests/fuzz/verdict_policy.h"
#include "tests/packets/host/host.h"

#define BEGIN_NS 1000000000000ULL
#define MILLISECOND_NS 1000000ULL
#define LATER_NS 40000000000ULL
#define BIG_SEGMENT 1400
#define ETHERNET 14

struct packet_at {
	__u8 how;
	__u8 frame[ETHERNET + 8 + INPUT_SIZE_MAX];
	unsigned size;
};

static void must(int truth, const char *what)
{
	if (truth)
		return;
	fprintf(stderr, "not so: %s\n", what);
	abort();
}

/* ---- the input ---- */

static unsigned link_header(__u8 *frame, unsigned tags, __u8 first)
{
	static const __u8 macs[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 9 };
	unsigned at = sizeof(macs);

	memcpy(frame, macs, sizeof(macs));
	for (; tags; tags--, at += 4)
		memcpy(frame + at, tags > 1 ? "\x88\xa8\0\x66" : "\x81\0\0\x65", 4);
	memcpy(frame + at, first >> 4 == 4 ? "\x08\0" : first >> 4 == 6 ? "\x86\xdd" : "\x08\x06", 2);
	return at + 2;
}

/* How many bytes of the input were taken; 0: it has ended. */
static size_t cut(struct packet_at *packet, const uint8_t *data, size_t size)
{
	unsigned tags, n, at = 0;

	if (size < 3)
		return 0;
	packet->how = data[0];
	n = (data[1] | (unsigned)data[2] << 8) & INPUT_SIZE_MAX;
	n = n > size - 3 ? (unsigned)(size - 3) : n;
	tags = (packet->how & INPUT_TAGS) >> INPUT_TAGS_SHIFT;
	memset(packet->frame, 0, ETHERNET);
	if (tags < 3)
		at = link_header(packet->frame, tags, n ? data[3] : 0);
	memcpy(packet->frame + at, data + 3, n);
	packet->size = at + n < ETHERNET ? ETHERNET : at + n;
	return 3 + n;
}

/* ---- what is asserted of it: a reader of its own, of the plainest packets ---- */

/* Where the network header begins; 0: not IP, or cut off. */
static unsigned network(const struct packet_at *packet)
{
	const __u8 *frame = packet->frame;
	unsigned at = 12;

	while (at < 20 && at + 6 <= packet->size &&
	       (!memcmp(frame + at, "\x81\0", 2) || !memcmp(frame + at, "\x88\xa8", 2) ||
		!memcmp(frame + at, "\x91\0", 2)))
		at += 4;
	if (at + 2 + 40 > packet->size)
		return 0;
	if (!memcmp(frame + at, "\x08\0", 2) || !memcmp(frame + at, "\x86\xdd", 2))
		return at + 2;
	return 0;
}

static int is_blocked(const __u8 *addr, int family)
{
	if (family == 4)
		return !memcmp(addr, "\xcb\0\x71", 3) || !memcmp(addr, "\xc0\0\2\x42", 4);
	return !memcmp(addr, "\x20\1\x0d\xb8\x0b\xad", 6) ||
	       !memcmp(addr, "\x20\1\x0d\xb8\0\x66\0\0\0\0\0\0\0\0\0\x66", 16);
}

/* In IPv6 TCP and UDP alone: what keeps the link working is nobody's to block. */
static int is_from_blocked(const struct packet_at *packet)
{
	unsigned at = network(packet);
	const __u8 *header = packet->frame + at;

	if (!at)
		return 0;
	if (packet->frame[at - 2] == 0x08)
		return is_blocked(header + 12, 4);
	return (header[6] == TCP || header[6] == UDP) && is_blocked(header + 8, 6);
}

/* A later fragment has none, whatever its protocol: what goes with it was judged with the first. */
static int is_tcp(const struct packet_at *packet)
{
	unsigned at = network(packet);
	const __u8 *header = packet->frame + at;

	if (!at)
		return 0;
	if (packet->frame[at - 2] == 0x08)
		return header[9] == TCP && !(header[6] & 0x1f) && !header[7];
	return header[6] == TCP;
}

static int is_tcp_without_syn(const struct packet_at *packet)
{
	unsigned at = network(packet), transport;
	const __u8 *header = packet->frame + at;

	if (!is_tcp(packet))
		return 0;
	transport = at + (packet->frame[at - 2] == 0x08 ? (header[0] & 15U) * 4 : 40);
	return transport + 14 <= packet->size && !(packet->frame[transport + 13] & SYN);
}

/* ---- running ---- */

static __u32 whose(const struct packet_at *packet)
{
	return BOX + ((packet->how & INPUT_WHOSE) >> INPUT_WHOSE_SHIFT);
}

static void judge_packet(const struct packet_at *packet, enum program program, const struct outcome *outcome,
			 unsigned connections)
{
	int passed = outcome->action == FW_PASS, uplink = whose(packet) == UPLINK;

	must(!outcome->error, "a verdict is one of the kernel's");
	must(outcome->counted == !passed, "a drop is counted once, a pass not at all");
	if (program < CGROUP_INGRESS || policy_tells_at_cgroup())
		must(host_event()->reason == outcome->reason, "the event has the counter's reason");
	if (!passed || uplink)
		return;
	if (program == TC_EGRESS && whose(packet) != OPEN)
		must(!is_from_blocked(packet), "nothing passes from a blocked address");
	/* No tag comes to a cgroup: it would be another protocol there. */
	if (program >= CGROUP_INGRESS && network(packet) != ETHERNET)
		return;
	if (program >= TC_INGRESS && program != CGROUP_DNS && !connections)
		must(!is_tcp_without_syn(packet), "TCP without SYN opens nothing");
	if ((program == TC_INGRESS || program == TC_EGRESS) && whose(packet) != OPEN && policy_is_revoked())
		must(!is_tcp(packet), "what was allowed passes no longer once it is not");
}

static void run_program(const struct packet_at *packet, enum program program)
{
	struct host_run run = {
		.program = program,
		.ifindex = IFINDEX_OF(whose(packet)),
		.container = program == XDP_FIREWALL || whose(packet) == UPLINK ? NO_CONTAINER : whose(packet),
		.gso_size = packet->how & INPUT_GSO ? BIG_SEGMENT : 0,
		.frame = packet->frame,
		.size = packet->size,
	};
	unsigned connections = policy_connections();
	struct outcome outcome = host_run(&run);

	judge_packet(packet, program, &outcome, connections);
}

/* A socket that goes where the packet goes: to what is blocked it does not. */
static void run_connect(const struct packet_at *packet)
{
	int ipv4 = packet->frame[12] == 0x08;
	const __u8 *header = packet->frame + ETHERNET;
	struct host_connect connect = {
		.family = ipv4 ? FW_IPV4 : FW_IPV6,
		.protocol = header[ipv4 ? 9 : 6],
		.container = whose(packet),
		.addr = header + (ipv4 ? 16 : 24),
	};
	struct outcome outcome;

	if (network(packet) != ETHERNET || packet->size < ETHERNET + 44)
		return;
	memcpy(&connect.port_be, header + (ipv4 ? 22 : 42), 2);
	outcome = host_connect(&connect);
	must(!outcome.error, "a verdict is one of the kernel's");
	must(outcome.counted == (outcome.action == FW_DROP), "what is refused is counted once");
	if (connect.protocol == TCP && !policy_leaves_connect() && is_blocked(connect.addr, ipv4 ? 4 : 6))
		must(outcome.action == FW_DROP, "nothing is connected to a blocked address");
}

static void run_packet(const struct packet_at *packet)
{
	enum program met[PROGRAMS_MET_MAX];
	enum way way = packet->how & INPUT_OUT ? OUT : IN;
	int uplink = whose(packet) == UPLINK;
	enum fw_layer layer = packet->how & INPUT_CGROUP && !uplink ? FW_LAYER_CGROUP : FW_LAYER_TC;
	unsigned i;

	policy_set_cgroup(whose(packet));
	programs_met(uplink ? IN : way, layer, uplink, met);
	for (i = 0; met[i] != PROGRAM_N; i++)
		run_program(packet, met[i]);
	if (layer == FW_LAYER_CGROUP && way == OUT)
		run_connect(packet);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	policy_write();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct packet_at packet;
	__u64 now = BEGIN_NS;
	size_t taken;

	policy_forget();
	host_random_set(1);
	if (!size)
		return 0;
	policy_begin(*data++);
	size--;
	while ((taken = cut(&packet, data, size))) {
		now += packet.how & INPUT_LATER ? LATER_NS : MILLISECOND_NS;
		host_clock_set(now);
		policy_change();
		run_packet(&packet);
		data += taken;
		size -= taken;
	}
	return 0;
}
