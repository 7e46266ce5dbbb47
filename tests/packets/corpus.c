/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/packets/corpus.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

static const struct corpus *corpus;
static unsigned n_wrong, n_run;

const char *verdict_title(unsigned reason)
{
	static const char *const titles[FW_REASON_N] = { "pass",     "blocklist",    "rate limit", "dns",
							 "rule",     "default deny", "invalid",    "fragment",
							 "no state", "egress",       "spoof",      "table full" };

	return titles[reason];
}

const __u32 shifts[SHIFTS_N] = { 0, -CLIENT_ISN - 5, -SERVER_ISN - 5, 0x9fffec78 };

void wrong(const struct variant *variant, unsigned step, const char *what)
{
	static const char *const layers[] = { "", "xdp", "tc", "cgroup" };
	static const char *const boxes[] = { "default deny", "default allow", "twin" };

	n_wrong++;
	printf("# row %s: %s: packet %u, IPv%d, %u tags, shift %#x, %s, %s: %s\n", variant->row->number,
	       variant->row->name, step + 1, variant->family, variant->tags, variant->shift, boxes[variant->box],
	       layers[variant->layer], what);
}

unsigned variant_build(const struct variant *variant, const struct step *step, __u8 frame[FRAME_MAX])
{
	const struct framing framing = {
		.family = variant->family, .tags = variant->tags, .way = step->way, .shift = variant->shift
	};

	return packet_build(step->packet, &framing, frame);
}

/* At the cgroup what comes in is not for the rules, and what goes out by no rule has a reason of its own. */
enum fw_reason expected_of(const struct variant *variant, const struct step *step)
{
	enum expected expected = step->expected[variant->box == OPEN && step->expected[1] != SAME];
	enum fw_reason reason = expected == SAME ? FW_REASON_NONE : (enum fw_reason)(expected - 1);

	if (variant->layer != FW_LAYER_CGROUP || (reason != FW_REASON_DEFAULT_DENY && reason != FW_REASON_RULE))
		return reason;
	if (step->way == IN)
		return FW_REASON_NONE;
	return reason == FW_REASON_RULE ? reason : FW_REASON_EGRESS;
}

enum fw_reason xdp_of(const struct row *row, enum fw_reason expected)
{
	if (expected == FW_REASON_BLOCKLIST || row->only & XDP_BLOCKS)
		return FW_REASON_BLOCKLIST;
	return row->only & XDP_INVALID ? FW_REASON_INVALID : FW_REASON_NONE;
}

static void run_step(const struct variant *variant, const struct step *step, unsigned at)
{
	char what[80];
	unsigned n;

	switch (step->kind) {
	case STEP_PACKET:
		corpus->run_packet(variant, step, at);
		break;
	case STEP_COMMAND:
		if (world_command(step->command, variant->box, variant->family) || world_follow())
			wrong(variant, at, step->command);
		break;
	case STEP_AGE:
		world_age(step->number);
		break;
	case STEP_FILL:
		world_fill();
		break;
	case STEP_FILL_OTHERS:
		world_fill_others(variant->box, step->number);
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

	if (corpus->applies && !corpus->applies(variant))
		return;
	n_run++;
	world_forget();
	for (at = 0; step[at].kind != STEP_END; at++)
		run_step(variant, &step[at], at);
}

static bool is_tcp(const struct packet *packet)
{
	return packet->proto == TCP || (!packet->proto && !packet->arp) || packet->shape == TCP;
}

static bool has_tcp(const struct row *row)
{
	const struct step *step;

	for (step = row->steps; step->kind != STEP_END; step++)
		if (step->kind == STEP_PACKET &&
		    (is_tcp(step->packet) || (step->packet->quoted && is_tcp(step->packet->quoted))))
			return true;
	return false;
}

/* There, what takes long and says nothing of the kernel is left out. */
static bool is_emulated(void)
{
	return getenv("PACKETS_EMULATED");
}

/* Without tags, which say nothing of what they are before. */
static void run_shifted(struct variant variant)
{
	unsigned i;

	if (!corpus->shifted || is_emulated() || variant.row->only & SLOW || !has_tcp(variant.row))
		return;
	for (i = 1; i < SHIFTS_N; i++) {
		variant.shift = shifts[i];
		run_variant(&variant);
	}
}

static void run_layers(struct variant variant)
{
	unsigned only = variant.row->only, step = is_emulated() ? 2 : 1;

	variant.layer = FW_LAYER_TC;
	for (variant.tags = 0; !(only & ONLY_CGROUP) && variant.tags <= (only & ONLY_BARE ? 0 : 2);
	     variant.tags += step)
		for (variant.path = 0; variant.path < corpus->paths; variant.path++)
			run_variant(&variant);
	variant.path = 0;
	variant.tags = 0;
	if (!(only & ONLY_CGROUP))
		run_shifted(variant);
	if (!corpus->cgroup || only & (ONLY_TC | ONLY_XDP))
		return;
	variant.layer = FW_LAYER_CGROUP;
	run_variant(&variant);
	run_shifted(variant);
}

static bool row_has_its_verdicts(const struct row *row)
{
	struct variant variant = { .row = row };
	unsigned only = row->only, before = n_wrong, run_before = n_run;

	for (variant.family = 4; variant.family <= 6; variant.family += 2) {
		if (only & (variant.family == 4 ? ONLY_V6 : ONLY_V4))
			continue;
		for (variant.box = BOX; variant.box <= (only & ONLY_DENY ? BOX : OPEN); variant.box++)
			run_layers(variant);
	}
	if (n_run == run_before)
		printf("# there is no way to run it\n");
	if (n_wrong != before)
		printf("# %u verdicts are wrong\n", n_wrong - before);
	return n_run != run_before && n_wrong == before;
}

static bool is_wanted(const struct row *row)
{
	const char *wanted = getenv("PACKETS_ROWS");

	return !wanted || !fnmatch(wanted, row->number, 0);
}

/* How many rows failed; *n counts them all. */
static int run_table(const struct table *table, unsigned *n)
{
	int failed = 0;
	unsigned i;

	for (i = 0; i < table->n; i++) {
		const struct row *row = &table->rows[i];
		bool passed;

		if (row->only & corpus->without || (is_emulated() && row->only & RELOADS) || !is_wanted(row))
			continue;
		passed = row_has_its_verdicts(row);
		failed += !passed;
		printf("%sok %u - row %s: %s\n", passed ? "" : "not ", ++*n, row->number, row->name);
	}
	return failed;
}

int corpus_run(const struct corpus *way, unsigned *n_rows)
{
	int failed = 0;
	unsigned i;

	corpus = way;
	*n_rows = 0;
	for (i = 0; row_tables[i]; i++)
		failed += run_table(row_tables[i], n_rows);
	if (corpus->more)
		failed += run_table(corpus->more, n_rows);
	printf("1..%u\n", *n_rows);
	return failed;
}
