/* SPDX-License-Identifier: GPL-2.0 */
/* Features found out by attaching to what is not there: how far the kernel gets tells. */
#include "compat/probe.h"

#include <unistd.h>

#include "syscalls/bpf.h"

#define NO_DESCRIPTOR (-1)
#define NO_INTERFACE 0x7fffffff

/* Facts of linux/bpf.h newer than the oldest header this is built with. */
#define ATTACH_XDP 37         /* BPF_XDP, 5.9 */
#define ATTACH_TCX_INGRESS 46 /* BPF_TCX_INGRESS, 6.6 */

int ask_test_run(void)
{
	return sys_bpf_prog_test_run(NO_DESCRIPTOR, &(struct bpf_test_run_args) { 0 });
}

int ask_prog_query(void)
{
	__u32 id, flags, count = 1;

	return sys_bpf_prog_query(NO_DESCRIPTOR, BPF_CGROUP_INET_EGRESS, &id, &count, &flags);
}

/* Loading alone works without CONFIG_CGROUP_BPF too. */
int ask_cgroup_skb(void)
{
	int result, prog = probe_program(BPF_PROG_TYPE_CGROUP_SKB);

	if (prog < 0)
		return prog;
	result = sys_bpf_prog_attach(prog, NO_DESCRIPTOR, BPF_CGROUP_INET_EGRESS, 0, 0);
	close(prog);
	return result;
}

int ask_cgroup_link(void)
{
	int result, prog = probe_program(BPF_PROG_TYPE_CGROUP_SKB);

	if (prog < 0)
		return prog;
	result = sys_bpf_link_create(prog, NO_DESCRIPTOR, BPF_CGROUP_INET_EGRESS, 0);
	close(prog);
	return result;
}

/*
 * No program rather than no interface: for that one the answer is EINVAL, with and without the feature. Links came
 * in 5.7; until 5.9, BPF_XDP is no attach type they know, and they say so (EINVAL) before they look at the descriptor
 * (EBADF).
 */
int ask_xdp_link(void)
{
	return sys_bpf_link_create(NO_DESCRIPTOR, NO_INTERFACE, ATTACH_XDP, 0);
}

/* EINVAL also from a newer kernel without CONFIG_NET_XGRESS. */
int ask_tcx(void)
{
	int result, prog = probe_program(BPF_PROG_TYPE_SCHED_CLS);

	if (prog < 0)
		return prog;
	result = sys_bpf_link_create_tcx(prog, NO_INTERFACE, ATTACH_TCX_INGRESS, 0, 0);
	close(prog);
	return result;
}
