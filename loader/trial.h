/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs tried on single packets (BPF_PROG_TEST_RUN) without a trace: they are loaded once more, with the
 * policy's own maps, which programs only read, and with maps of their own for all that they write. Of the state that
 * there is they get what a packet may need, as it is. All of it goes with the process.
 */
#ifndef LOADER_TRIAL_H
#define LOADER_TRIAL_H

#include <stdbool.h>
#include "elf/view.h"
#include "loader/attach.h"
#include "loader/event_source.h"
#include "loader/frame.h"
#include "loader/map_set.h"

struct trial_programs; /* those of a group of hooks; at cgroups for one container */

struct trial {
	struct firewall *fw; /* what is in force */
	struct firewall own; /* the maps of the trial in the same places; -1: not made yet */
	struct map_set maps;
	struct trial_programs *programs;
	unsigned n_programs;
	struct event_source events;
	void *room; /* for per-CPU counters */
};

/* -ENOTSUP with a sentence where the kernel has no test runs. */
int trial_open(struct trial *trial, struct firewall *fw, struct error *err);
void trial_close(struct trial *trial);

/* Loads what these hooks (HOOK_BIT) run, where they were not tried before. `container`: whose cgroup it is. */
int trial_prepare(struct trial *trial, __u32 hooks, __u32 container, struct error *err);

/*
 * What a packet meets next: the policy of the container (0: the uplinks') as it is now, and of the state what concerns
 * the flow (`quoted`: what an ICMP error is about), as it was when the trial first met it. After trial_prepare.
 */
void trial_meet(struct trial *trial, __u32 container, enum fw_direction direction, const struct flow *flow,
		const struct flow *quoted);

struct trial_answer {
	bool dropped;
	__u8 reason;        /* enum fw_reason, of a drop */
	__u32 rule;         /* of a drop; 0: none */
	__u8 domain_length; /* of a query that was dropped; 0: not readable */
	__u8 domain[FW_DOMAIN_MAX + 1];
};

/* Runs the frame through a hook's program. 0; -EMSGSIZE: the kernel takes no frame of that size; -errno and a sentence.
 */
int trial_run(struct trial *trial, enum hook hook, __u32 container, struct view frame, struct trial_answer *out,
	      struct error *err);

/* Its tracked connection, if it is alive: in the trial, or (`live`) in what is in force. */
bool trial_find(const struct trial *trial, const struct five_tuple *tuple, bool live, struct fw_connection *out);

#endif
