/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `why` tries gives what the programs in force give, row by row: where its own tables have seen the row's packets,
 * and where it brings them what there is before each packet.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/programs.h"
#include "loader/trial.h"
#include "syscalls/bpf.h"
#include "tests/packets/corpus.h"

enum { REPLAYED, BROUGHT, PATHS };

static struct trial trial;
static struct firewall fw; /* as `why` opens it */
static unsigned n_packets;

static const enum hook hooks[PROGRAM_N] = {
	[XDP_FIREWALL] = HOOK_XDP,      [RATE_LIMIT] = HOOK_TC_RATE_LIMIT,    [DNS_FILTER] = HOOK_TC_DNS,
	[TC_INGRESS] = HOOK_TC_INGRESS, [TC_EGRESS] = HOOK_TC_EGRESS,         [CGROUP_INGRESS] = HOOK_CGROUP_INGRESS,
	[CGROUP_DNS] = HOOK_CGROUP_DNS, [CGROUP_EGRESS] = HOOK_CGROUP_EGRESS,
};

static bool applies(const struct variant *variant)
{
	return !variant->tags; /* a capture's are taken out */
}

static bool is_piece(const struct packet *packet)
{
	return packet->more || packet->offset || packet->n_extensions;
}

/*
 * What the kernel cuts cannot be asked for. A row whose connections are changed from outside cannot be replayed; whose
 * tables are full, or whose datagrams are in pieces or queries come again, needs more than is brought.
 */
static bool can_ask(const struct variant *variant)
{
	const struct step *step;

	for (step = variant->row->steps; step->kind != STEP_END; step++) {
		bool is_packet = step->kind == STEP_PACKET;

		if (is_packet && (step->packet->gso_size ||
				  (variant->path == BROUGHT && (is_piece(step->packet) || step->packet->stream))))
			return false;
		if ((step->command && !strncmp(step->command, "quota", 5)) || step->kind == STEP_FILL ||
		    step->kind == STEP_FILL_OTHERS || (!is_packet && variant->path == REPLAYED))
			return false;
	}
	return true;
}

static void empty(int map_fd)
{
	union {
		struct five_tuple tuple;
		struct fw_query_key query;
	} key;

	while (!sys_bpf_map_next_key(map_fd, NULL, &key))
		sys_bpf_map_delete(map_fd, &key);
}

static void forget(void)
{
	static const enum fw_map maps[] = { MAP_CONNTRACK,       MAP_CONNTRACK_HALF_OPEN, MAP_CONNTRACK_ASKED,
					    MAP_CONNTRACK_SLOTS, MAP_CONNTRACK_COUNTS,    MAP_FRAGMENTED,
					    MAP_FW_NEIGHBOURS,   MAP_RATE_LIMITER,        MAP_DNS_QUERIES };
	unsigned i;

	for (i = 0; i < sizeof(maps) / sizeof(*maps); i++)
		if (trial.own.map_fd[maps[i]] >= 0)
			empty(trial.own.map_fd[maps[i]]);
	empty(map_set_find(&trial.maps, "seen"));
}

/* Gives whether it was dropped. */
static bool compare(const struct variant *variant, unsigned at, const struct run *run)
{
	enum hook hook = run->uplink ? HOOK_UPLINK_RATE_LIMIT : hooks[run->program];
	struct trial_answer answer;
	struct outcome outcome;
	struct error err = { 0 };
	char what[160];
	int code = trial_run(&trial, hook, world_container(run), (struct view) { run->frame, run->size }, &answer,
			     &err);

	outcome = world_run(run);
	n_packets++;
	if ((code == -EMSGSIZE && outcome.error) ||
	    (!code && !outcome.error && answer.dropped == (outcome.action == FW_DROP) &&
	     answer.reason == outcome.reason))
		return outcome.action == FW_DROP;
	snprintf(what, sizeof(what), "%s: why says %s, the program %s (%d, %d) %.60s", program_title(run->program),
		 verdict_title(answer.reason), verdict_title(outcome.reason), code, outcome.error, err.text);
	wrong(variant, at, what);
	return true;
}

/* 1: it was dropped there, or cannot be tried. */
static int ask(const struct variant *variant, const struct step *step, unsigned at, const struct run *run)
{
	__u32 hook = HOOK_BIT(run->uplink ? HOOK_UPLINK_RATE_LIMIT : hooks[run->program]);
	struct error err = { 0 };
	struct flow flow, quoted;

	frame_read((struct view) { run->frame, run->size }, &flow, &quoted);
	if (trial_prepare(&trial, hook, world_container(run), &err)) {
		wrong(variant, at, err.text);
		return 1;
	}
	trial_meet(&trial, world_container(run), step->way == IN ? FW_IN : FW_OUT, &flow, &quoted);
	return compare(variant, at, run);
}

static void run_once(const struct variant *variant, const struct step *step, unsigned at, struct run *run)
{
	enum program met[PROGRAMS_MET_MAX];
	bool asks = can_ask(variant);
	unsigned i;

	programs_met(step->way, variant->layer, step->uplink, met);
	for (i = 0; met[i] != PROGRAM_N; i++) {
		run->program = met[i];
		run->uplink = step->uplink && met[i] == RATE_LIMIT;
		if (asks ? ask(variant, step, at, run) : world_run(run).action == FW_DROP)
			return;
	}
}

/* A command of the row may have loaded the programs anew. */
static int follow(const struct variant *variant, unsigned at)
{
	const struct firewall *world = world_firewall();
	struct error err = { 0 };

	if (fw.lock_fd >= 0 && fw.config.specialised == world->config.specialised)
		return 0;
	if (fw.lock_fd >= 0) {
		trial_close(&trial);
		firewall_close(&fw);
	}
	if (!firewall_open(&fw, world->options, FIREWALL_READ, &err) && !trial_open(&trial, &fw, &err))
		return 0;
	wrong(variant, at, err.text);
	return -1;
}

static void run_packet(const struct variant *variant, const struct step *step, unsigned at)
{
	static __u8 frame[FRAME_MAX];
	struct run run = { .box = step->twin ? TWIN : variant->box, .frame = frame };
	unsigned i;

	if (follow(variant, at))
		return;
	if (!at || variant->path == BROUGHT)
		forget();
	run.size = variant_build(variant, step, frame);
	for (i = 0; i < (step->times ? step->times : 1); i++)
		run_once(variant, step, at, &run);
}

static int run(void)
{
	static const struct corpus corpus = {
		.cgroup = true, .without = SLOW, .paths = PATHS, .applies = applies, .run_packet = run_packet
	};
	unsigned n;
	int failed;

	fw.lock_fd = -1;
	failed = corpus_run(&corpus, &n);
	printf("# %u rows, %u runs of a program and of its like\n", n, n_packets);
	if (fw.lock_fd >= 0) {
		trial_close(&trial);
		firewall_close(&fw);
	}
	return failed;
}

int main(void)
{
	return world_main("what why tries is what the programs give", NULL, run);
}
