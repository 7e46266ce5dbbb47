/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a program's constants rule out is left out, for kernels that count an instruction whether it can be reached or
 * not. A branch is decided where the constant it tests was loaded shortly before it, which is how the compiler puts
 * them.
 */
#include "compat/plan_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <linux/bpf.h>

enum way { GOES_BOTH, NEVER_JUMPS, ALWAYS_JUMPS };

static bool is_wide(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

static bool is_jump(const struct bpf_insn *insn)
{
	unsigned op = BPF_OP(insn->code);

	return BPF_CLASS(insn->code) == BPF_JMP && op != BPF_CALL && op != BPF_EXIT;
}

static bool is_local_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL;
}

struct pruning {
	struct bpf_insn *insns;
	size_t n;
	unsigned char *reached, *jumped_to, *way;
	__u32 *place; /* where an instruction comes to stand; before, those that are to be followed */
	size_t n_waiting;
};

static void reach(struct pruning *pruning, size_t i)
{
	if (i >= pruning->n || pruning->reached[i])
		return;
	pruning->reached[i] = 1;
	pruning->place[pruning->n_waiting++] = (__u32)i;
}

static size_t target(const struct bpf_insn *insns, size_t i)
{
	return i + 1 + (size_t)(long)(is_local_call(&insns[i]) ? insns[i].imm : insns[i].off);
}

/* Where the register that the branch at `i` tests got a constant, on the only way there; NULL: it is not known. */
static const struct bpf_insn *constant_of(const struct pruning *pruning, size_t i)
{
	const struct bpf_insn *insns = pruning->insns;
	unsigned tested = insns[i].dst_reg;
	size_t at = i;

	while (!pruning->jumped_to[at] && at >= 2) {
		at--;
		if (!insns[at].code) /* the second half of a wide load */
			at--;
		if (is_wide(&insns[at]) && insns[at].dst_reg == tested)
			return insns[at].src_reg ? NULL : &insns[at];
		if (BPF_CLASS(insns[at].code) == BPF_JMP ||
		    (BPF_CLASS(insns[at].code) != BPF_ST && BPF_CLASS(insns[at].code) != BPF_STX &&
		     insns[at].dst_reg == tested))
			return NULL;
	}
	return NULL;
}

static enum way way_of(const struct pruning *pruning, size_t i)
{
	const struct bpf_insn *branch = &pruning->insns[i], *load;
	bool equals;

	if (branch->code != (BPF_JMP | BPF_JEQ | BPF_K) && branch->code != (BPF_JMP | BPF_JNE | BPF_K))
		return GOES_BOTH;
	load = constant_of(pruning, i);
	if (!load)
		return GOES_BOTH;
	equals = load[0].imm == branch->imm && load[1].imm == (branch->imm < 0 ? -1 : 0);
	return equals == (BPF_OP(branch->code) == BPF_JEQ) ? ALWAYS_JUMPS : NEVER_JUMPS;
}

static void find_ways(struct pruning *pruning)
{
	const struct bpf_insn *insns = pruning->insns;
	size_t i;

	for (i = 0; i < pruning->n; i++)
		if ((is_jump(&insns[i]) || is_local_call(&insns[i])) && target(insns, i) < pruning->n)
			pruning->jumped_to[target(insns, i)] = 1;
	for (i = 0; i < pruning->n; i++) {
		if (insns[i].code == (BPF_JMP | BPF_JA))
			pruning->way[i] = ALWAYS_JUMPS;
		else if (is_jump(&insns[i]))
			pruning->way[i] = way_of(pruning, i);
	}
}

static void follow(struct pruning *pruning, size_t i)
{
	const struct bpf_insn *insn = &pruning->insns[i];
	unsigned char way = pruning->way[i];

	if ((is_jump(insn) && way != NEVER_JUMPS) || is_local_call(insn))
		reach(pruning, target(pruning->insns, i));
	if (insn->code == (BPF_JMP | BPF_EXIT) || way == ALWAYS_JUMPS)
		return;
	if (is_wide(insn) && i + 1 < pruning->n)
		pruning->reached[i + 1] = 1;
	reach(pruning, i + 1 + is_wide(insn));
}

/* What is not kept has the place of the next that is. Gives the number of those kept. */
static size_t find_places(struct pruning *pruning)
{
	size_t i, n = 0;

	for (i = 0; i < pruning->n; i++) {
		if (pruning->way[i] == NEVER_JUMPS)
			pruning->reached[i] = 0;
		pruning->place[i] = (__u32)n;
		n += pruning->reached[i];
	}
	return n;
}

/* No place lies behind where it is filled from. */
static void move(const struct pruning *pruning)
{
	size_t i;

	for (i = 0; i < pruning->n; i++) {
		__u32 at = pruning->place[i];
		struct bpf_insn insn = pruning->insns[i];
		bool calls = is_local_call(&insn);
		int distance;

		if (!pruning->reached[i])
			continue;
		if (calls || is_jump(&insn)) {
			distance = (int)(pruning->place[target(pruning->insns, i)] - at - 1);
			if (pruning->way[i] == ALWAYS_JUMPS)
				insn = (struct bpf_insn) { .code = BPF_JMP | BPF_JA };
			if (calls)
				insn.imm = distance;
			else
				insn.off = (short)distance;
		}
		pruning->insns[at] = insn;
	}
}

int prune(struct bpf_insn *insns, size_t *n)
{
	struct pruning pruning = { .insns = insns, .n = *n };

	pruning.reached = calloc(3, *n);
	pruning.place = calloc(*n, sizeof(*pruning.place));
	if (!pruning.reached || !pruning.place) {
		free(pruning.reached);
		free(pruning.place);
		return -ENOMEM;
	}
	pruning.jumped_to = pruning.reached + *n;
	pruning.way = pruning.jumped_to + *n;
	find_ways(&pruning);
	reach(&pruning, 0);
	while (pruning.n_waiting)
		follow(&pruning, pruning.place[--pruning.n_waiting]);
	*n = find_places(&pruning);
	move(&pruning);
	free(pruning.reached);
	free(pruning.place);
	return 0;
}
