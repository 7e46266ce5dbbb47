/* SPDX-License-Identifier: GPL-2.0 */
/* The verdicts that are promised, row by row, from the loaded programs: both families, tagged or not, both defaults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/packets/row.h"
#include "tests/packets/world.h"

/* One way to run a row. */
struct variant {
	const struct row *row;
	int family;
	enum box box;
	enum fw_layer layer;
	unsigned tags;
};

static unsigned n_packets, n_wrong;

static const char *verdict_title(unsigned reason)
{
	static const char *const titles[FW_REASON_N] = { "pass",     "blocklist",    "rate limit", "dns",
							 "rule",     "default deny", "invalid",    "fragment",
							 "no state", "egress",       "spoof",      "table full" };

	return titles[reason];
}

static void wrong(const struct variant *variant, unsigned step, const char *what)
{
	static const char *const layers[] = { "", "xdp", "tc", "cgroup" };
	static const char *const boxes[] = { "default deny", "default allow", "twin" };

	n_wrong++;
	printf("# row %s: %s: packet %u, IPv%d, %u tags, %s, %s: %s\n", variant->row->number, variant->row->name,
	       step + 1, variant->family, variant->tags, boxes[variant->box], layers[variant->layer], what);
}

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

/* At the cgroup what comes in is not for the rules, and what goes out by no rule has a reason of its own. */
static enum fw_reason expected_of(const struct variant *variant, const struct step *step)
{
	enum expected expected = step->expected[variant->box == OPEN && step->expected[1] != SAME];
	enum fw_reason reason = expected == SAME ? FW_REASON_NONE : (enum fw_reason)(expected - 1);

	if (variant->layer != FW_LAYER_CGROUP || (reason != FW_REASON_DEFAULT_DENY && reason != FW_REASON_RULE))
		return reason;
	if (step->way == IN)
		return FW_REASON_NONE;
	return reason == FW_REASON_RULE ? reason : FW_REASON_EGRESS;
}

static enum fw_reason xdp_of(const struct row *row, enum fw_reason expected)
{
	if (expected == FW_REASON_BLOCKLIST || row->only & XDP_BLOCKS)
		return FW_REASON_BLOCKLIST;
	return row->only & XDP_INVALID ? FW_REASON_INVALID : FW_REASON_NONE;
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
	struct run run = { .box = step->twin ? TWIN : variant->box, .frame = frame };
	unsigned i;

	run.size = packet_build(step->packet, variant->family, variant->tags, step->way, frame);
	for (i = 0; i < (step->times ? step->times : 1); i++) {
		if (step->way == IN)
			run_in(variant, step, at, &run);
		else
			run_out(variant, step, at, &run);
	}
}

static void run_step(const struct variant *variant, const struct step *step, unsigned at)
{
	char what[80];
	unsigned n;

	switch (step->kind) {
	case STEP_PACKET:
		run_packet(variant, step, at);
		break;
	case STEP_COMMAND:
		if (world_command(step->command, variant->box, variant->family))
			wrong(variant, at, step->command);
		break;
	case STEP_AGE:
		world_age(step->number);
		break;
	case STEP_FILL:
		world_fill();
		break;
	case STEP_CONNECTIONS:
		n = world_connections();
		snprintf(what, sizeof(what), "%u connections are tracked and not %u", n, step->number);
		if (n != step->number)
			wrong(variant, at, what);
		break;
	case STEP_END:
		break;
	}
}

static void run_variant(const struct variant *variant)
{
	const struct step *step = variant->row->steps;
	unsigned at;

	world_forget();
	for (at = 0; step[at].kind != STEP_END; at++)
		run_step(variant, &step[at], at);
}

static void run_layers(struct variant variant)
{
	unsigned only = variant.row->only;

	variant.layer = FW_LAYER_TC;
	for (variant.tags = 0; variant.tags <= (only & ONLY_BARE ? 0 : 2); variant.tags++)
		run_variant(&variant);
	if (only & (ONLY_TC | ONLY_XDP))
		return;
	variant.layer = FW_LAYER_CGROUP;
	variant.tags = 0;
	run_variant(&variant);
}

static void row_has_its_verdicts(void **state)
{
	struct variant variant = { .row = *state };
	unsigned only = variant.row->only, before = n_wrong;

	for (variant.family = 4; variant.family <= 6; variant.family += 2) {
		if (only & (variant.family == 4 ? ONLY_V6 : ONLY_V4))
			continue;
		for (variant.box = BOX; variant.box <= (only & ONLY_DENY ? BOX : OPEN); variant.box++)
			run_layers(variant);
	}
	if (n_wrong != before)
		fail_msg("%u verdicts are wrong", n_wrong - before);
}

static const struct table *const tables[] = {
	&parsing_rows, &blocklist_rows, &fragment_rows, &tcp_rows, &icmp_rows, &dns_rows, &policy_rows,
};

#define ROWS_MAX 256

static unsigned collect(struct CMUnitTest tests[ROWS_MAX], char names[ROWS_MAX][120])
{
	unsigned n = 0, i, j;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		for (j = 0; j < tables[i]->n && n < ROWS_MAX; j++, n++) {
			const struct row *row = &tables[i]->rows[j];

			snprintf(names[n], sizeof(names[n]), "row %s: %s", row->number, row->name);
			tests[n] = (struct CMUnitTest) { .name = names[n],
							 .test_func = row_has_its_verdicts,
							 .initial_state = (void *)(uintptr_t)row };
		}
	}
	return n;
}

static int run(void)
{
	static struct CMUnitTest tests[ROWS_MAX];
	static char names[ROWS_MAX][120];
	unsigned n = collect(tests, names);
	int failed = _cmocka_run_group_tests("verdicts", tests, n, NULL, NULL);

	printf("# %u rows, %u runs of a program\n", n, n_packets);
	return failed;
}

int main(void)
{
	return world_main("the verdicts of the loaded programs", run);
}
