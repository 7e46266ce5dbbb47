/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drop_all DEVICE PIN: all that DEVICE receives is dropped by a program of one verdict, the least that a tcx link takes
 * (Linux 6.6), until PIN, which holds the link, is removed. Exit status 4: this kernel has no tcx.
 */
#include "tests/bench/tool.h"
#include "syscalls/bpf.h"
#include <errno.h>
#include <net/if.h>
#include <stdio.h>

#define TCX_INGRESS 46 /* of Linux 6.6: older headers do not have it */

int main(int argc, char **argv)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 2 /* TC_ACT_SHOT */ },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	__u32 ifindex;
	int link, error;

	if (argc != 3)
		fail("drop_all DEVICE PIN", 0);
	ifindex = if_nametoindex(argv[1]);
	if (!ifindex)
		fail(argv[1], -errno);
	link = load_program(BPF_PROG_TYPE_SCHED_CLS, 0, 0, insns, 2);
	if (link < 0)
		fail("a program that drops", link);
	link = sys_bpf_link_create_tcx(link, (int)ifindex, TCX_INGRESS, 0, 0);
	if (link == -EINVAL) {
		fprintf(stderr, "drop_all: this kernel has no tcx\n");
		return 4;
	}
	if (link < 0)
		fail("a tcx link on the device", link);
	error = sys_bpf_obj_pin(link, argv[2]);
	if (error)
		fail(argv[2], error);
	return 0;
}
