/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/kernels/live_code.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bpf.h>

#define REGISTERS 11
#define FRAME 10
#define SLOTS 64 /* of 8 bytes, below the frame pointer */

enum kind { NEVER, NUMBER, CONTEXT, ANYTHING };

struct value {
	enum kind kind;
	__u64 number;
};

/* What is known before an instruction. Numbers are forgotten on the stack, as 4.19 does. */
struct state {
	struct value reg[REGISTERS];
	bool context_in[SLOTS];
};

struct walk {
	const struct insn *insns;
	size_t n;
	struct liveness *out;
	struct state *before;
	size_t *pending;
	unsigned char *is_pending;
	size_t n_pending;
};

static const struct value anything = { ANYTHING, 0 };

static struct value number(__u64 n)
{
	return (struct value) { NUMBER, n };
}

static bool same(struct value a, struct value b)
{
	return a.kind == b.kind && (a.kind != NUMBER || a.number == b.number);
}

/* Takes into `into` that it may be reached with `from`; whether that changes what is known. */
static bool join(struct state *into, const struct state *from)
{
	bool changed = false;
	unsigned i;

	for (i = 0; i < REGISTERS; i++) {
		struct value known = into->reg[i], other = from->reg[i];

		if (known.kind == ANYTHING || same(known, other))
			continue;
		into->reg[i] = known.kind == NEVER ? other : anything;
		changed = true;
	}
	for (i = 0; i < SLOTS; i++) {
		if (!from->context_in[i] || into->context_in[i])
			continue;
		into->context_in[i] = true;
		changed = true;
	}
	return changed;
}

static void reach(struct walk *walk, long long to, const struct state *state)
{
	if (to < 0 || to >= (long long)walk->n)
		return;
	if (!join(&walk->before[to], state) && walk->out[to].is_live)
		return;
	walk->out[to].is_live = true;
	if (walk->is_pending[to])
		return;
	walk->is_pending[to] = 1;
	walk->pending[walk->n_pending++] = (size_t)to;
}

/* NULL: not a whole word of the stack. */
static bool *slot_of(struct state *state, const struct insn *insn)
{
	int slot = -insn->off / 8 - 1;

	if (BPF_SIZE(insn->code) != BPF_DW || insn->off % 8 || slot < 0 || slot >= SLOTS)
		return NULL;
	return &state->context_in[slot];
}

static struct value arithmetic(unsigned op, struct value left, struct value right)
{
	if (left.kind != NUMBER || right.kind != NUMBER)
		return anything;
	switch (op) {
	case BPF_ADD:
		return number(left.number + right.number);
	case BPF_SUB:
		return number(left.number - right.number);
	case BPF_AND:
		return number(left.number & right.number);
	case BPF_OR:
		return number(left.number | right.number);
	case BPF_LSH:
		return right.number < 64 ? number(left.number << right.number) : anything;
	case BPF_RSH:
		return right.number < 64 ? number(left.number >> right.number) : anything;
	default:
		return anything;
	}
}

static void step_arithmetic(struct state *state, const struct insn *insn)
{
	struct value right = BPF_SRC(insn->code) == BPF_X ? state->reg[insn->src] : number((__u64)(__s64)insn->imm);
	struct value *to = &state->reg[insn->dst];
	bool is_move = BPF_OP(insn->code) == BPF_MOV;

	if (BPF_CLASS(insn->code) == BPF_ALU64)
		*to = is_move ? right : arithmetic(BPF_OP(insn->code), *to, right);
	else
		*to = is_move && right.kind == NUMBER ? number((__u32)right.number) : anything;
}

static void step_memory(struct state *state, const struct insn *insn, struct liveness *out)
{
	unsigned class = BPF_CLASS(insn->code);
	unsigned address = class == BPF_LDX ? insn->src : insn->dst;
	bool *slot = address == FRAME ? slot_of(state, insn) : NULL;
	bool is_spilt = class == BPF_STX && state->reg[insn->src].kind == CONTEXT;

	out->touches_context = out->touches_context || state->reg[address].kind == CONTEXT;
	if (class == BPF_LDX)
		state->reg[insn->dst] = slot && *slot ? (struct value) { CONTEXT, 0 } : anything;
	else if (slot)
		*slot = is_spilt;
}

static void after_call(struct state *state)
{
	unsigned i;

	for (i = 0; i <= 5; i++)
		state->reg[i] = anything;
}

/* A function begins with the arguments alone. */
static void reach_function(struct walk *walk, long long to, const struct state *caller)
{
	struct state state = { 0 };
	unsigned i;

	for (i = 0; i < REGISTERS; i++)
		state.reg[i] = i >= 1 && i <= 5 ? caller->reg[i] : anything;
	reach(walk, to, &state);
}

/*
 * 4.19 knows the way only where a register that is a number is compared for equality with a constant
 * (check_cond_jmp_op); newer kernels know more.
 */
static void step_jump(struct walk *walk, size_t at, const struct state *state)
{
	const struct insn *insn = &walk->insns[at];
	unsigned op = BPF_OP(insn->code);
	struct value left = state->reg[insn->dst];
	long long next = (long long)at + 1, far = next + insn->off;
	bool is_known = BPF_CLASS(insn->code) == BPF_JMP && BPF_SRC(insn->code) == BPF_K && left.kind == NUMBER &&
			(op == BPF_JEQ || op == BPF_JNE);
	bool is_equal = left.number == (__u64)(__s64)insn->imm;

	if (op == BPF_JA) {
		reach(walk, far, state);
		return;
	}
	if (!is_known || is_equal == (op == BPF_JEQ))
		reach(walk, far, state);
	if (!is_known || is_equal != (op == BPF_JEQ))
		reach(walk, next, state);
}

static void step(struct walk *walk, size_t at)
{
	const struct insn *insn = &walk->insns[at];
	struct state state = walk->before[at];
	unsigned class = BPF_CLASS(insn->code);
	long long next = (long long)at + 1;

	if (insn->code == (BPF_JMP | BPF_EXIT))
		return;
	if (insn->code == (BPF_JMP | BPF_CALL)) {
		if (insn->src == BPF_PSEUDO_CALL)
			reach_function(walk, next + insn->imm, &state);
		after_call(&state);
		reach(walk, next, &state);
		return;
	}
	if (class == BPF_JMP || class == BPF_JMP32) {
		step_jump(walk, at, &state);
		return;
	}
	if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
		state.reg[insn->dst] = insn->src || at + 1 == walk->n
					       ? anything
					       : number((__u32)insn->imm | (__u64)(__u32)insn[1].imm << 32);
		if (at + 1 < walk->n)
			walk->out[at + 1].is_live = true;
		reach(walk, next + 1, &state);
		return;
	}
	if (class == BPF_ALU || class == BPF_ALU64)
		step_arithmetic(&state, insn);
	else if (class != BPF_LD)
		step_memory(&state, insn, &walk->out[at]);
	else
		after_call(&state);
	reach(walk, next, &state);
}

int live_code_find(const struct insn *insns, size_t n, struct liveness *out)
{
	struct walk walk = { .insns = insns, .n = n, .out = out };
	struct state start = { 0 };
	unsigned i;

	memset(out, 0, n * sizeof(*out));
	walk.before = calloc(n + 1, sizeof(*walk.before));
	walk.pending = calloc(n + 1, sizeof(*walk.pending));
	walk.is_pending = calloc(n + 1, 1);
	for (i = 0; i < REGISTERS; i++)
		start.reg[i] = i == 1 ? (struct value) { CONTEXT, 0 } : anything;
	if (walk.before && walk.pending && walk.is_pending && n)
		reach(&walk, 0, &start);
	while (walk.n_pending) {
		size_t at = walk.pending[--walk.n_pending];

		walk.is_pending[at] = 0;
		step(&walk, at);
	}
	i = walk.before && walk.pending && walk.is_pending;
	free(walk.before);
	free(walk.pending);
	free(walk.is_pending);
	return i ? 0 : -ENOMEM;
}
