/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the oldest kernels ask of a program (4.19's verifier), checked over the final instructions of the five objects:
 * a bound on instructions and on the stack of nested calls, no loops, no newer instruction, no newer helper in code
 * that is not behind a load-time constant.
 */
#include "elf/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <linux/bpf.h>

#include "compat/plan_parts.h"
#include "elf/error.h"
#include "loader/embedded.h"

#define INSNS_MAX 4096
#define STACK_MAX 512
#define STACK_ROUND 32 /* each function's part is rounded up to this before 6.6 */
#define FUNCTIONS_MAX 64
#define HELPER_LAST_4_19 BPF_FUNC_skb_cgroup_id + 4 /* up to get_local_storage */

struct function {
	size_t begin, end;
	unsigned stack; /* rounded */
};

struct functions {
	struct function item[FUNCTIONS_MAX];
	size_t n;
};

static int is_call(const struct insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src == BPF_PSEUDO_CALL;
}

static void add_function(struct functions *functions, size_t begin)
{
	size_t i;

	for (i = 0; i < functions->n; i++)
		if (functions->item[i].begin == begin)
			return;
	assert_true(functions->n < FUNCTIONS_MAX);
	functions->item[functions->n++].begin = begin;
}

/* Each ends where the next begins. */
static void find_functions(const struct prog_spec *prog, struct functions *out)
{
	size_t i, k;

	memset(out, 0, sizeof(*out));
	add_function(out, 0);
	for (i = 0; i < prog->n_insns; i++)
		if (is_call(&prog->insns[i]))
			add_function(out, (size_t)((long)i + 1 + prog->insns[i].imm));
	for (i = 0; i < out->n; i++) {
		out->item[i].end = prog->n_insns;
		for (k = 0; k < out->n; k++)
			if (out->item[k].begin > out->item[i].begin && out->item[k].begin < out->item[i].end)
				out->item[i].end = out->item[k].begin;
	}
}

/*
 * The deepest byte that a function addresses below its frame pointer, which is r10, or another register made from it.
 */
static unsigned stack_of(const struct prog_spec *prog, const struct function *function)
{
	int deepest = 0;
	size_t i;

	for (i = function->begin; i < function->end; i++) {
		const struct insn *insn = &prog->insns[i];
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

static const struct function *function_at(const struct functions *functions, size_t begin)
{
	size_t i;

	for (i = 0; i < functions->n; i++)
		if (functions->item[i].begin == begin)
			return &functions->item[i];
	return NULL;
}

/* Calls do not recurse: the verifier would refuse that everywhere. */
static unsigned deepest_stack(const struct prog_spec *prog, const struct functions *functions,
			      const struct function *function, unsigned depth)
{
	unsigned below = 0;
	size_t i;

	assert_true(depth < 8);
	for (i = function->begin; i < function->end; i++) {
		const struct function *called;
		unsigned stack;

		if (!is_call(&prog->insns[i]))
			continue;
		called = function_at(functions, (size_t)((long)i + 1 + prog->insns[i].imm));
		assert_non_null(called);
		stack = deepest_stack(prog, functions, called, depth + 1);
		below = stack > below ? stack : below;
	}
	return function->stack + below;
}

static void check_stack(const struct prog_spec *prog)
{
	struct functions functions;
	unsigned stack;
	size_t i;

	find_functions(prog, &functions);
	for (i = 0; i < functions.n; i++)
		functions.item[i].stack = stack_of(prog, &functions.item[i]);
	stack = deepest_stack(prog, &functions, &functions.item[0], 0);
	if (stack > STACK_MAX)
		print_error("%s: %u bytes of stack\n", prog->name, stack);
	assert_true(stack <= STACK_MAX);
}

/* Newer, and called only where a load-time constant says that they are there. */
static int is_behind_constant(int helper)
{
	return helper == BPF_FUNC_ringbuf_output || helper == BPF_FUNC_ringbuf_reserve ||
	       helper == BPF_FUNC_ringbuf_submit;
}

static void check_insns(const struct prog_spec *prog)
{
	size_t i;

	assert_true(prog->n_insns <= INSNS_MAX);
	assert_int_equal(has_loop(prog->insns, prog->n_insns), 0);
	for (i = 0; i < prog->n_insns; i++) {
		const struct insn *insn = &prog->insns[i];

		assert_int_not_equal(BPF_CLASS(insn->code), BPF_JMP32);
		if (insn->code != (BPF_JMP | BPF_CALL) || insn->src)
			continue;
		if (insn->imm > HELPER_LAST_4_19 && !is_behind_constant(insn->imm))
			print_error("%s: helper %d\n", prog->name, insn->imm);
		assert_true(insn->imm <= HELPER_LAST_4_19 || is_behind_constant(insn->imm));
	}
}

/* Before 5.10, and where nothing compiles programs for the processor, one that has tail calls may have no other. */
static void check_tail_calls(const struct prog_spec *prog)
{
	size_t i, tail_calls = 0, calls = 0;

	for (i = 0; i < prog->n_insns; i++) {
		const struct insn *insn = &prog->insns[i];

		calls += is_call(insn);
		tail_calls += insn->code == (BPF_JMP | BPF_CALL) && !insn->src && insn->imm == BPF_FUNC_tail_call;
	}
	if (tail_calls && calls)
		print_error("%s: tail calls and calls\n", prog->name);
	assert_true(!tail_calls || !calls);
}

static void each_program(void (*check)(const struct prog_spec *))
{
	struct error err = { 0 };
	struct embedded embedded;
	struct spec spec;
	unsigned i;
	size_t k;

	assert_int_equal(embedded_open(&embedded, &err), 0);
	for (i = 0; i < EMBEDDED_N; i++) {
		assert_int_equal(spec_parse(embedded.object[i], &spec, &err), 0);
		assert_true(spec.n_progs > 0);
		for (k = 0; k < spec.n_progs; k++)
			check(&spec.progs[k]);
		spec_free(&spec);
	}
	embedded_close(&embedded);
}

static void nested_calls_fit_the_stack(void **state)
{
	(void)state;
	each_program(check_stack);
}

static void instructions_are_old_and_few(void **state)
{
	(void)state;
	each_program(check_insns);
}

static void tail_calls_are_the_only_calls(void **state)
{
	(void)state;
	each_program(check_tail_calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nested_calls_fit_the_stack),
		cmocka_unit_test(instructions_are_old_and_few),
		cmocka_unit_test(tail_calls_are_the_only_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
