/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/kernels/stack.h"

#include <linux/bpf.h>

#define STACK_ROUND 32 /* each function's part is rounded up to this before 6.6 */
#define FUNCTIONS_MAX 64
#define CALLS_MAX 8

struct function {
	size_t begin, end;
	unsigned stack; /* rounded */
};

struct functions {
	const struct insn *insns;
	struct function item[FUNCTIONS_MAX];
	size_t n;
};

static int is_call(const struct insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src == BPF_PSEUDO_CALL;
}

static size_t called_by(size_t i, const struct insn *insn)
{
	return (size_t)((long)i + 1 + insn->imm);
}

static const struct function *function_at(const struct functions *functions, size_t begin)
{
	size_t i;

	for (i = 0; i < functions->n; i++)
		if (functions->item[i].begin == begin)
			return &functions->item[i];
	return NULL;
}

/* Each ends where the next begins. */
static int find_functions(size_t n, struct functions *out)
{
	size_t i, k;

	out->item[out->n++].begin = 0;
	for (i = 0; i < n; i++) {
		if (!is_call(&out->insns[i]) || function_at(out, called_by(i, &out->insns[i])))
			continue;
		if (out->n == FUNCTIONS_MAX)
			return -1;
		out->item[out->n++].begin = called_by(i, &out->insns[i]);
	}
	for (i = 0; i < out->n; i++) {
		out->item[i].end = n;
		for (k = 0; k < out->n; k++)
			if (out->item[k].begin > out->item[i].begin && out->item[k].begin < out->item[i].end)
				out->item[i].end = out->item[k].begin;
	}
	return 0;
}

/*
 * The deepest byte that a function addresses below its frame pointer, which is r10, or another register made from it.
 */
static unsigned stack_of(const struct insn *insns, const struct function *function)
{
	int deepest = 0;
	size_t i;

	for (i = function->begin; i < function->end; i++) {
		const struct insn *insn = &insns[i];
		unsigned class = BPF_CLASS(insn->code);
		int at = 0;

		if ((class == BPF_LDX && insn->src == 10) || ((class == BPF_STX || class == BPF_ST) && insn->dst == 10))
			at = insn->off;
		else if (insn->code == (BPF_ALU64 | BPF_MOV | BPF_X) && insn->src == 10 && i + 1 < function->end &&
			 insn[1].code == (BPF_ALU64 | BPF_ADD | BPF_K) && insn[1].dst == insn->dst)
			at = insn[1].imm;
		deepest = at < deepest ? at : deepest;
	}
	return ((unsigned)-deepest + (deepest == 0) + STACK_ROUND - 1) / STACK_ROUND * STACK_ROUND;
}

static long deepest_stack(const struct functions *functions, const struct function *function, unsigned depth)
{
	long below = 0, stack;
	size_t i;

	if (!function || depth == CALLS_MAX)
		return -1;
	for (i = function->begin; i < function->end; i++) {
		if (!is_call(&functions->insns[i]))
			continue;
		stack = deepest_stack(functions, function_at(functions, called_by(i, &functions->insns[i])), depth + 1);
		if (stack < 0)
			return -1;
		below = stack > below ? stack : below;
	}
	return function->stack + below;
}

long program_stack(const struct insn *insns, size_t n)
{
	struct functions functions = { .insns = insns };
	size_t i;

	if (find_functions(n, &functions))
		return -1;
	for (i = 0; i < functions.n; i++)
		functions.item[i].stack = stack_of(insns, &functions.item[i]);
	return deepest_stack(&functions, &functions.item[0], 0);
}
