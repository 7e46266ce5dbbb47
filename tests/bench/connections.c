/* SPDX-License-Identifier: GPL-2.0 */
/*
 * connections -c CONTEXT OUT_PROGRAM IN_PROGRAM BASE COUNT FRAME: the programs of a container's device see the three
 * segments of COUNT handshakes, from 10.77.1.2 port 40000 to port 80 of the addresses from BASE on. FRAME gets a
 * segment of the first one, for test_run -s 30,BASE,COUNT. Prints how many segments were let pass.
 */
#include "tests/bench/tool.h"
#include "syscalls/bpf.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct segment {
	struct ethhdr ethernet;
	struct iphdr ip;
	struct tcphdr tcp;
	unsigned char rest[10];
} __attribute__((packed));

#define CONTAINER 0x0a4d0102

static struct bytes context;

static struct segment segment_of(__u32 remote, int out)
{
	struct segment segment = {
		.ethernet = { .h_dest = { 2, 0, 0, 0, 0, 1 },
			      .h_source = { 2, 0, 0, 0, 0, 2 },
			      .h_proto = htons(ETH_P_IP) },
		.ip = { .version = 4, .ihl = 5, .tot_len = htons(40), .ttl = 64, .protocol = 6 },
		.tcp = { .doff = 5, .window = htons(64240) },
	};

	segment.ip.saddr = htonl(out ? CONTAINER : remote);
	segment.ip.daddr = htonl(out ? remote : CONTAINER);
	segment.tcp.source = htons(out ? 40000 : 80);
	segment.tcp.dest = htons(out ? 80 : 40000);
	return segment;
}

/* Whether it passes. */
static int judge(int program, const struct segment *segment)
{
	struct bpf_test_run_args args = {
		.data_in = segment,
		.data_in_size = sizeof(*segment),
		.ctx_in = context.data,
		.ctx_in_size = context.size,
		.repeat = 1,
	};
	int error = sys_bpf_prog_test_run(program, &args);

	if (error)
		fail("BPF_PROG_TEST_RUN", error);
	return args.retval != 2 /* TC_ACT_SHOT */;
}

static __u32 open_connection(int out, int in, __u32 remote, struct segment *last)
{
	struct segment syn = segment_of(remote, 1), answer = segment_of(remote, 0), third = segment_of(remote, 1);

	syn.tcp.syn = 1;
	syn.tcp.seq = htonl(1000);
	answer.tcp.syn = answer.tcp.ack = 1;
	answer.tcp.seq = htonl(5000);
	answer.tcp.ack_seq = htonl(1001);
	third.tcp.ack = 1;
	third.tcp.seq = htonl(1001);
	third.tcp.ack_seq = htonl(5001);
	*last = third;
	return (__u32)(judge(out, &syn) + judge(in, &answer) + judge(out, &third));
}

static void write_segment(const char *path, const struct segment *segment)
{
	FILE *file = fopen(path, "we");

	if (!file || fwrite(segment, sizeof(*segment), 1, file) != 1 || fclose(file))
		fail(path, -errno);
}

int main(int argc, char **argv)
{
	__u32 base, count, passed = 0;
	struct segment last;
	int out, in;

	if (argc != 8 || strcmp(argv[1], "-c") != 0)
		fail("connections -c CONTEXT OUT_PROGRAM IN_PROGRAM BASE COUNT FRAME", 0);
	read_bytes(argv[2], &context);
	out = open_program(argv[3]);
	in = open_program(argv[4]);
	base = number(argv[5], 0, ~0U);
	count = number(argv[6], 1, 1U << 24);
	for (__u32 i = count; i-- > 0;)
		passed += open_connection(out, in, base + i, &last);
	write_segment(argv[7], &last);
	printf("%u\n", passed);
	return 0;
}
