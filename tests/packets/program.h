/* SPDX-License-Identifier: GPL-2.0 */
/* The programs by number, which of them a packet meets, and what one did: alike for the loaded ones and the host's. */
#ifndef TESTS_PACKETS_PROGRAM_H
#define TESTS_PACKETS_PROGRAM_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"
#include "tests/packets/packet.h"

enum program {
	XDP_FIREWALL,
	RATE_LIMIT,
	DNS_FILTER,
	TC_INGRESS,
	TC_EGRESS,
	CGROUP_INGRESS,
	CGROUP_DNS,
	CGROUP_EGRESS,
	PROGRAM_N,
};
const char *program_title(enum program program);

/* Those that a packet meets at one layer, in the hooks' order, ended by PROGRAM_N. */
#define PROGRAMS_MET_MAX 4
void programs_met(enum way way, enum fw_layer layer, bool uplink, enum program out[PROGRAMS_MET_MAX]);

/* What a program did with a frame. */
struct outcome {
	int error; /* -errno of the run itself, else 0 */
	__u32 retval;
	enum fw_action action;
	enum fw_reason reason; /* by the one counter that moved */
	unsigned counted;      /* drops that were counted, which has to be one for a drop, else none */
};

/* Sets all but the error that is there; -EPROTO: a number that is neither of the kernel's two verdicts. */
void outcome_set(struct outcome *outcome, enum program program, const struct pkt_stats *before,
		 const struct pkt_stats *after);

#endif
