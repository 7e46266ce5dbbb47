/* SPDX-License-Identifier: GPL-2.0 */
/* The verdicts that are promised, row by row, from the loaded programs: both families, tagged or not, both defaults. */
#include <stdio.h>

#include "tests/packets/corpus.h"

static unsigned n_packets;

static void check(const struct variant *variant, unsigned step, const struct run *run, enum fw_reason expected)
{
	struct outcome outcome = world_run(run);
	char what[160];
	unsigned counted = expected != FW_REASON_NONE;

	n_packets++;
	if (!outcome.error && outcome.reason == expected && outcome.counted == counted &&
	    outcome.action == (expected ? FW_DROP : FW_PASS))
		return;
	snprintf(what, sizeof(what), "%s: expected %s, got %s (returned %d, counted %u, error %d)",
		 program_title(run->program), verdict_title(expected), verdict_title(outcome.reason),
		 (int)outcome.retval, outcome.counted, outcome.error);
	wrong(variant, step, what);
}

static void run_in(const struct variant *variant, const struct step *step, unsigned at, struct run *run)
{
	enum fw_reason expected = expected_of(variant, step);
	enum fw_reason xdp = xdp_of(variant->row, expected);

	run->program = XDP_FIREWALL;
	if (variant->layer != FW_LAYER_CGROUP)
		check(variant, at, run, xdp);
	if (variant->row->only & ONLY_XDP)
		return;
	if (step->uplink) {
		run->program = RATE_LIMIT;
		run->uplink = 1;
		check(variant, at, run, expected);
		run->uplink = 0;
		return;
	}
	run->program = variant->layer == FW_LAYER_TC ? TC_EGRESS : CGROUP_INGRESS;
	check(variant, at, run, expected);
}

/* In the order that the hook has; the first to drop ends it. */
static void run_out(const struct variant *variant, const struct step *step, unsigned at, struct run *run)
{
	enum fw_reason expected = expected_of(variant, step);

	if (variant->layer == FW_LAYER_CGROUP) {
		run->program = CGROUP_DNS;
		check(variant, at, run, expected == FW_REASON_DNS ? expected : FW_REASON_NONE);
		if (expected == FW_REASON_DNS)
			return;
		run->program = CGROUP_EGRESS;
		check(variant, at, run, expected);
		return;
	}
	run->program = RATE_LIMIT;
	check(variant, at, run, expected == FW_REASON_RATE_LIMIT ? expected : FW_REASON_NONE);
	if (expected == FW_REASON_RATE_LIMIT)
		return;
	run->program = DNS_FILTER;
	check(variant, at, run, expected == FW_REASON_DNS ? expected : FW_REASON_NONE);
	if (expected == FW_REASON_DNS)
		return;
	run->program = TC_INGRESS;
	check(variant, at, run, expected);
}

static void run_packet(const struct variant *variant, const struct step *step, unsigned at)
{
	static __u8 frame[FRAME_MAX];
	struct run run = { .box = step->twin ? TWIN : variant->box,
			   .gso_size = step->packet->gso_size,
			   .frame = frame };
	unsigned i;

	run.size = variant_build(variant, step, frame);
	for (i = 0; i < (step->times ? step->times : 1); i++) {
		if (step->way == IN)
			run_in(variant, step, at, &run);
		else
			run_out(variant, step, at, &run);
	}
}

static int run(void)
{
	static const struct corpus corpus = { .cgroup = true, .shifted = true, .paths = 1, .run_packet = run_packet };
	unsigned n;
	int failed = corpus_run(&corpus, &n);

	printf("# %u rows, %u runs of a program\n", n, n_packets);
	return failed;
}

int main(void)
{
	return world_main("the verdicts of the loaded programs", NULL, run);
}
