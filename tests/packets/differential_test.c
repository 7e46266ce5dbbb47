/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The loaded programs against the same sources compiled for the host: the table's rows as sequences of packets, made
 * wrong at random. Each program has to give the same verdict for the same reason on both sides, and to leave the same
 * state. DIFFERENTIAL_PACKETS: how many mutated packets are compared; DIFFERENTIAL_SEED: the same sequences again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/packets/host/host.h"
#include "tests/packets/mirror.h"
#include "tests/packets/mutate.h"
#include "tests/packets/corpus.h"
#include "tests/packets/trial.h"
#include "tests/packets/world.h"

#define PACKETS 100000
#define STEPS_MAX 128
#define DONORS 64
#define PRINTED_MAX 20
#define BIG_SEGMENT 1400
#define SLOW_STEP 64
#define SLOW_ROW 16

/* How a row is run this time. */
struct sequence {
	const struct row *row;
	int family;
	enum box box;
	enum fw_layer layer;
	unsigned tags;
	__u32 shift;
	unsigned wrongness; /* of 8 packets, how many are mutated */
	struct step step[STEPS_MAX];
	struct frame *frame[STEPS_MAX]; /* NULL: no packet */
	bool mutated[STEPS_MAX];        /* it has other bytes than the row's */
	unsigned n;
};

static struct {
	unsigned seed;
	unsigned long sequences, packets, mutated, compared, runs, refused, differences;
} count;

static struct frame frames[STEPS_MAX], donors[DONORS];

/* The host's side: every other sequence goes the long way, which has to lead to the same. */
static bool takes_shortcuts;

/* ---- a difference ---- */

static void print_frame(const struct frame *frame)
{
	unsigned i;

	printf("# frame of %u bytes ", frame->size);
	for (i = 0; i < frame->size; i++)
		printf("%02x", frame->data[i]);
	printf("\n");
}

static void print_outcome(const char *side, const struct outcome *outcome)
{
	printf("# %s: returned %d: %s, counted %u, error %d\n", side, (int)outcome->retval,
	       verdict_title(outcome->reason), outcome->counted, outcome->error);
}

static bool is_told(void)
{
	return ++count.differences <= PRINTED_MAX;
}

static void print_sequence(const struct sequence *sequence)
{
	printf("# difference %lu, sequence %lu: row %s: %s, IPv%d, %u tags, layer %u, box %u\n", count.differences,
	       count.sequences, sequence->row->number, sequence->row->name, sequence->family, sequence->tags,
	       (unsigned)sequence->layer, (unsigned)sequence->box);
}

/* ---- one packet ---- */

static struct outcome run_on_host(const struct run *run)
{
	struct host_run host = {
		.program = run->program,
		.ifindex = run->program == XDP_FIREWALL ? 1 : world_ifindex(run),
		.gso_size = run->gso_size,
		.container = world_container(run),
		.frame = run->frame,
		.size = run->size,
	};

	/* The world loads them for one container each, as they are where cgroups store nothing. */
	host_constant_set("bulkhead_container", host.container);
	host_constant_set("bulkhead_takes_shortcuts", takes_shortcuts);
	return host_run(&host);
}

static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
	return a->error == b->error && a->retval == b->retval && a->reason == b->reason && a->counted == b->counted;
}

/* False: the two sides went apart, and would stay so. What the kernel does not run is not compared. */
static bool run_program(const struct sequence *sequence, const struct frame *frame, const struct run *run,
			bool *compared)
{
	struct outcome kernel = world_run(run), host;

	count.runs++;
	if (kernel.error == -EINVAL) {
		count.refused++;
		return true;
	}
	*compared = true;
	host = run_on_host(run);
	if (same_outcome(&kernel, &host) && !kernel.error)
		return true;
	if (is_told()) {
		print_sequence(sequence);
		printf("# %s, gso_size %u\n", program_title(run->program), run->gso_size);
		print_frame(frame);
		print_outcome("loaded", &kernel);
		print_outcome("host", &host);
	}
	return false;
}

static bool run_packet(const struct sequence *sequence, const struct step *step, const struct frame *frame,
		       bool *compared)
{
	enum program met[PROGRAMS_MET_MAX];
	struct run run = { .box = sequence->box, .uplink = step->uplink, .frame = frame->data, .size = frame->size };
	unsigned i;

	if (step->twin && sequence->layer == FW_LAYER_TC)
		run.box = TWIN;
	if (sequence->layer == FW_LAYER_CGROUP)
		run.uplink = 0;
	run.gso_size = step->packet->gso_size;
	if (!below(16))
		run.gso_size = run.gso_size ? 0 : BIG_SEGMENT;
	programs_met(step->way, sequence->layer, run.uplink, met);
	for (i = 0; met[i] != PROGRAM_N; i++) {
		run.program = met[i];
		if (!run_program(sequence, frame, &run, compared))
			return false;
	}
	return true;
}

/* ---- a sequence ---- */

static const struct row *random_row(void)
{
	unsigned n = 0, i;

	for (i = 0; row_tables[i]; i++)
		n += row_tables[i]->n;
	n = below(n);
	for (i = 0; n >= row_tables[i]->n; i++)
		n -= row_tables[i]->n;
	return &row_tables[i]->rows[n];
}

/* A row's other restrictions are of its verdicts. Its commands are of the container that it is for. */
static void choose(struct sequence *sequence)
{
	static const unsigned wrongness[] = { 1, 4, 8 };

	memset(sequence, 0, sizeof(*sequence));
	takes_shortcuts = !below(2);
	do
		sequence->row = random_row();
	while (sequence->row->only & SLOW && below(SLOW_ROW));
	sequence->family = below(2) ? 4 : 6;
	if (sequence->row->only & (ONLY_V4 | ONLY_V6))
		sequence->family = sequence->row->only & ONLY_V4 ? 4 : 6;
	sequence->box = below(2) || sequence->row->only & ONLY_DENY ? BOX : OPEN;
	sequence->layer = below(3) ? FW_LAYER_TC : FW_LAYER_CGROUP;
	sequence->tags = sequence->layer == FW_LAYER_TC && !below(3) ? 1 + below(2) : 0;
	sequence->shift = shifts[below(SHIFTS_N)];
	sequence->wrongness = wrongness[below(3)];
}

static void add(struct sequence *sequence, const struct step *step, const struct frame *like)
{
	const struct framing framing = {
		.family = sequence->family, .tags = sequence->tags, .way = step->way, .shift = sequence->shift
	};
	struct frame *frame = &frames[sequence->n];

	if (sequence->n == STEPS_MAX)
		return;
	sequence->step[sequence->n] = *step;
	if (step->kind == STEP_PACKET) {
		sequence->frame[sequence->n] = frame;
		if (like)
			*frame = *like;
		else
			frame->size = packet_build(step->packet, &framing, frame->data);
	}
	sequence->n++;
}

/* Whether its bytes are others then. */
static bool maybe_mutate(struct sequence *sequence, struct frame *frame)
{
	static struct frame before;
	unsigned changes = 1 + below(3);
	struct frame *donor = &donors[below(DONORS)];

	if (!below(4)) {
		memcpy(donor->data, frame->data, frame->size);
		donor->size = frame->size;
	}
	if (below(8) >= sequence->wrongness)
		return false;
	memcpy(before.data, frame->data, frame->size);
	before.size = frame->size;
	while (changes--)
		mutate(frame, donor->size ? donor : frame);
	return frame->size != before.size || memcmp(frame->data, before.data, frame->size);
}

/* Two packets change places; commands stay where they are. */
static void swap(struct sequence *sequence)
{
	unsigned a = below(sequence->n), b = below(sequence->n);
	struct step step = sequence->step[a];
	struct frame *frame = sequence->frame[a];
	bool mutated = sequence->mutated[a];

	if (!frame || !sequence->frame[b])
		return;
	sequence->step[a] = sequence->step[b];
	sequence->frame[a] = sequence->frame[b];
	sequence->mutated[a] = sequence->mutated[b];
	sequence->step[b] = step;
	sequence->frame[b] = frame;
	sequence->mutated[b] = mutated;
}

static void build(struct sequence *sequence)
{
	const struct step *step;
	unsigned i;

	for (step = sequence->row->steps; step->kind != STEP_END; step++) {
		add(sequence, step, NULL);
		if (step->kind == STEP_PACKET && !below(16))
			add(sequence, step, sequence->frame[sequence->n - 1]);
	}
	for (i = 0; i < sequence->n; i++)
		if (sequence->frame[i])
			sequence->mutated[i] = maybe_mutate(sequence, sequence->frame[i]);
	if (!below(4))
		swap(sequence);
}

/* A limit is reached by some of the sequences, since the hundred packets before it are all the same. */
static unsigned times_of(const struct step *step)
{
	if (step->times < 2)
		return 1;
	return below(4) ? 2 : step->times;
}

static bool run_step(const struct sequence *sequence, unsigned at)
{
	const struct step *step = &sequence->step[at];
	bool same = true, compared = false;
	unsigned i, times = times_of(step);

	switch (step->kind) {
	case STEP_PACKET:
		for (i = 0; same && i < times; i++)
			same = run_packet(sequence, step, sequence->frame[at], &compared);
		count.packets++;
		count.mutated += sequence->mutated[at];
		count.compared += sequence->mutated[at] && compared;
		return same;
	case STEP_AGE:
		mirror_age(step->number);
		return true;
	case STEP_FILL:
		if (!below(SLOW_STEP)) /* a third of a second each */
			mirror_fill();
		return true;
	default:
		return true;
	}
}

/* 1: the two sides have tracked the same. */
static bool state_is_same(const struct sequence *sequence)
{
	unsigned i;

	if (!mirror_compare(count.differences < PRINTED_MAX))
		return true;
	if (!is_told())
		return false;
	print_sequence(sequence);
	for (i = 0; i < sequence->n; i++)
		if (sequence->frame[i])
			print_frame(sequence->frame[i]);
	return false;
}

/* What a command does to the tracked connections it does in the kernel alone. */
static int run_command(const struct sequence *sequence, const struct step *step)
{
	if (world_command(step->command, sequence->box, sequence->family) || world_follow() || mirror_policy())
		return -1;
	return mirror_tracked();
}

/* Commands are run to the end in any case, as the last ones take back what the first ones did. */
static int run_sequence(const struct sequence *sequence)
{
	bool same = true;
	unsigned i;

	mirror_forget();
	for (i = 0; i < sequence->n; i++) {
		const struct step *step = &sequence->step[i];

		if (step->kind != STEP_COMMAND) {
			same = same && run_step(sequence, i);
			continue;
		}
		same = same && state_is_same(sequence);
		if (run_command(sequence, step))
			return -1;
	}
	if (same)
		state_is_same(sequence);
	return 0;
}

/* ---- all of it ---- */

static unsigned long number_from(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoul(text, NULL, 0) : otherwise;
}

static int run(void)
{
	static struct sequence sequence;
	unsigned long wanted = number_from("DIFFERENTIAL_PACKETS", PACKETS);
	int code = mirror_policy() || mirror_tracked();

	count.seed = (unsigned)number_from("DIFFERENTIAL_SEED", (unsigned long)time(NULL));
	srand(count.seed);
	while (!code && count.compared < wanted) {
		count.sequences++;
		choose(&sequence);
		build(&sequence);
		code = run_sequence(&sequence);
	}
	printf("# seed %u, %lu packets of which %lu mutated and %lu of these compared, %lu program runs of which the "
	       "kernel refused %lu, %lu differences\n",
	       count.seed, count.packets, count.mutated, count.compared, count.runs, count.refused, count.differences);
	printf("1..1\n%sok 1 - the loaded programs and the host's judge alike\n",
	       code || count.differences ? "not " : "");
	return code || count.differences;
}

int main(void)
{
	return world_main("the loaded programs and the host's", NULL, run);
}
