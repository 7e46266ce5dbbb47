/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames into the stack as if a device had received them, by BPF_F_TEST_XDP_LIVE_FRAMES (Linux 5.18):
 *
 *   inject [-p PACKETS] [-n ROUNDS] DEVICE FRAME...
 *
 * Prints a line for each round: nanoseconds of processor time a packet, over all that is done with it until its end. Of
 * several FRAMEs each is a part of PACKETS. The kernel does that on behalf of devices with an XDP program alone, so one
 * that passes everything is put on DEVICE meanwhile, where it has none. A frame that the stack writes to comes back as
 * it was left: they are for packets that end before they are forwarded. Exit status 4: this kernel has no live frames.
 */
#include "tests/bench/tool.h"
#include "syscalls/bpf.h"
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

#define FRAMES_MAX 16
#define BATCH 64

static void send_frames(int pass, __u32 ifindex, const struct bytes *frame, __u32 packets)
{
	struct xdp_md context = { .data_end = frame->size, .ingress_ifindex = ifindex };
	struct bpf_test_run_args args = {
		.data_in = frame->data,
		.data_in_size = frame->size,
		.ctx_in = &context,
		.ctx_in_size = sizeof(context),
		.repeat = packets,
		.flags = BPF_F_TEST_XDP_LIVE_FRAMES,
		.batch_size = BATCH,
	};
	int error = sys_bpf_prog_test_run(pass, &args);

	if (error == -EINVAL) {
		fprintf(stderr, "inject: no live frames on this kernel, or not on this device\n");
		_exit(4);
	}
	if (error)
		fail("live frames", error);
}

int main(int argc, char **argv)
{
	static struct bytes frames[FRAMES_MAX];
	__u32 packets = 200000, rounds = 1, n, ifindex;
	int option, pass, link;

	while ((option = getopt(argc, argv, "p:n:")) != -1) {
		if (option == 'p')
			packets = number(optarg, 1, 1U << 30);
		else if (option == 'n')
			rounds = number(optarg, 1, 1U << 20);
		else
			return 2;
	}
	n = (__u32)(argc - optind - 1);
	if (argc - optind < 2 || n > FRAMES_MAX)
		fail("inject [-p PACKETS] [-n ROUNDS] DEVICE FRAME...", 0);
	ifindex = if_nametoindex(argv[optind]);
	if (!ifindex)
		fail(argv[optind], -errno);
	for (__u32 i = 0; i < n; i++)
		read_bytes(argv[optind + 1 + (int)i], &frames[i]);
	pass = open_program("empty:xdp");
	link = sys_bpf_link_create(pass, (int)ifindex, BPF_XDP, 0);
	if (link < 0 && link != -EBUSY && link != -EEXIST)
		fail("an XDP program on the device", link);
	while (rounds--) {
		__u64 start = used_ns();

		for (__u32 i = 0; i < n; i++)
			send_frames(pass, ifindex, &frames[i], packets / n);
		printf("%.2f\n", (double)(used_ns() - start) / packets);
	}
	return 0;
}
