/* SPDX-License-Identifier: GPL-2.0 */
/* The programs of bpf/ compiled for the host, run on a frame as BPF_PROG_TEST_RUN runs the loaded ones. */
#ifndef TESTS_PACKETS_HOST_HOST_H
#define TESTS_PACKETS_HOST_HOST_H

#include "bpf/fw_abi.h"
#include "tests/packets/host/maps.h"
#include "tests/packets/program.h"

struct host_run {
	enum program program;
	__u32 ifindex, gso_size;
	__u32 container; /* whose counters tell the reason */
	const __u8 *frame;
	unsigned size; /* ETH_HLEN at least */
};
struct outcome host_run(const struct host_run *run);

/* connect(2) of a socket in the container's cgroup, whose verdicts are those of the cgroup's packets. */
struct host_connect {
	int family;
	__u32 protocol;
	__u32 container;
	__u16 port_be;
	const __u8 *addr; /* 4 bytes of it, or 16 */
};
struct outcome host_connect(const struct host_connect *connect);

/* A load-time constant by its name. */
void host_constant_set(const char *name, __u64 value);

/* What the clock says from now on; 0: the machine's. */
void host_clock_set(__u64 now_ns);

/* Where bpf_get_prandom_u32 begins. */
void host_random_set(__u32 seed);

/* The last event that was sent; its reason is FW_REASON_NONE where there was none since the run began. */
const struct fw_event *host_event(void);

#endif
