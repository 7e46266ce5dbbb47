/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether a program has a loop, as verifiers before 5.3 mean it: an edge back to an instruction on the path that led
 * here. A jump backwards alone is none. Depth first, without recursion.
 */
#include "compat/plan_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <linux/bpf.h>

enum visit { UNSEEN, ENTERED, FIRST_TAKEN, BOTH_TAKEN, DONE };

#define NOWHERE ((size_t)-1)

/* Where instruction i goes on to: 0 the next, 1 its jump; NOWHERE: it does not. */
static size_t successor(const struct insn *insn, size_t i, size_t n, int edge)
{
	unsigned class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);
	bool jumps = (class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL && op != BPF_EXIT;
	long long to = (long long)i + 1;

	if (edge == 0 && ((class == BPF_JMP && op == BPF_EXIT) || (jumps && op == BPF_JA)))
		return NOWHERE;
	if (edge == 1 && !jumps)
		return NOWHERE;
	if (edge == 1) /* the long jump of cpu v4 has its distance in imm */
		to += class == BPF_JMP32 && op == BPF_JA ? insn->imm : insn->off;
	return to >= 0 && to < (long long)n ? (size_t)to : NOWHERE;
}

static bool loops_from(const struct insn *insns, size_t n, size_t start, unsigned char *state, size_t *path)
{
	size_t depth = 0, at, to;

	path[depth++] = start;
	state[start] = ENTERED;
	while (depth) {
		at = path[depth - 1];
		if (state[at] == BOTH_TAKEN) {
			state[at] = DONE;
			depth--;
			continue;
		}
		to = successor(&insns[at], at, n, state[at] == FIRST_TAKEN);
		state[at]++;
		if (to == NOWHERE || state[to] == DONE)
			continue;
		if (state[to] != UNSEEN)
			return true;
		state[to] = ENTERED;
		path[depth++] = to;
	}
	return false;
}

int has_loop(const struct insn *insns, size_t n)
{
	unsigned char *state = calloc(n ? n : 1, 1);
	size_t *path = calloc(n ? n : 1, sizeof(*path));
	int result = state && path ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; !result && i < n; i++)
		if (state[i] == UNSEEN && loops_from(insns, n, i, state, path))
			result = 1;
	free(state);
	free(path);
	return result;
}
