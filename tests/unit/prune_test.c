/* SPDX-License-Identifier: GPL-2.0 */
/* compat/prune.c over hand-written instructions: what constants rule out goes, and what stays still means the same. */
#include "compat/plan_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <linux/bpf.h>

#include "compat/insn.h"

#define N(array) (sizeof(array) / sizeof(*(array)))
#define GO(distance)                                                                                                   \
	{                                                                                                              \
		BPF_JMP | BPF_JA, 0, 0, distance, 0                                                                    \
	}
#define CALL_LOCAL(distance)                                                                                           \
	{                                                                                                              \
		BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, distance                                                    \
	}
#define IF_ZERO(reg, distance) INSN_JUMP(BPF_JMP, BPF_JEQ, reg, 0, distance)
#define IF_SET(reg, distance) INSN_JUMP(BPF_JMP, BPF_JNE, reg, 0, distance)

static void is_left(struct bpf_insn *insns, size_t n, const struct bpf_insn *left, size_t n_left)
{
	assert_int_equal(prune(insns, &n), 0);
	assert_int_equal(n, n_left);
	assert_memory_equal(insns, left, n_left * sizeof(*left));
}

static void a_branch_that_is_never_taken_goes_with_what_it_leads_to(void **state)
{
	struct bpf_insn insns[] = {
		INSN_LD_IMM64(1, 0, 0, 0), IF_SET(1, 1), GO(2), INSN_MOV(0, 7), INSN_EXIT, INSN_MOV(0, 9), INSN_EXIT,
	};
	const struct bpf_insn left[] = { INSN_LD_IMM64(1, 0, 0, 0), GO(0), INSN_MOV(0, 9), INSN_EXIT };

	(void)state;
	is_left(insns, N(insns), left, N(left));
}

static void one_that_is_always_taken_becomes_a_jump(void **state)
{
	struct bpf_insn insns[] = {
		INSN_LD_IMM64(1, 0, 0, 0),
		INSN_MOV(2, 5),
		IF_ZERO(1, 2),
		CALL_LOCAL(3),
		INSN_EXIT,
		INSN_MOV(0, 9),
		INSN_EXIT,
		INSN_MOV(0, 1),
		INSN_EXIT,
	};
	const struct bpf_insn left[] = { INSN_LD_IMM64(1, 0, 0, 0), INSN_MOV(2, 5), GO(0), INSN_MOV(0, 9), INSN_EXIT };

	(void)state;
	is_left(insns, N(insns), left, N(left));
}

static void calls_and_jumps_over_what_went_are_shorter(void **state)
{
	struct bpf_insn insns[] = {
		IF_SET(3, 5),   INSN_LD_IMM64(1, 0, 0, 0),
		IF_ZERO(1, 1),  INSN_MOV(0, 7),
		INSN_MOV(0, 8), CALL_LOCAL(2),
		INSN_MOV(0, 0), INSN_EXIT,
		INSN_MOV(0, 3), INSN_EXIT,
	};
	const struct bpf_insn left[] = {
		IF_SET(3, 4),  INSN_LD_IMM64(1, 0, 0, 0),
		GO(0),         INSN_MOV(0, 8),
		CALL_LOCAL(2), INSN_MOV(0, 0),
		INSN_EXIT,     INSN_MOV(0, 3),
		INSN_EXIT,
	};

	(void)state;
	is_left(insns, N(insns), left, N(left));
}

static void what_may_have_another_value_stays(void **state)
{
	/* Where two ways meet, written between, a map's address, another register. */
	struct bpf_insn met[] = { IF_SET(3, 2), INSN_LD_IMM64(1, 0, 0, 0), IF_SET(1, 1), INSN_EXIT, INSN_EXIT };
	struct bpf_insn written[] = { INSN_LD_IMM64(1, 0, 0, 0), INSN_ADD(1, 1), IF_SET(1, 1), INSN_EXIT, INSN_EXIT };
	struct bpf_insn map[] = { INSN_LD_IMM64(1, BPF_PSEUDO_MAP_FD, 0, 0), IF_SET(1, 1), INSN_EXIT, INSN_EXIT };
	struct bpf_insn other[] = { INSN_LD_IMM64(1, 0, 0, 0), IF_SET(2, 1), INSN_EXIT, INSN_EXIT };
	struct bpf_insn called[] = {
		INSN_LD_IMM64(1, 0, 0, 0), CALL_LOCAL(3), IF_SET(1, 1), INSN_EXIT, INSN_EXIT, INSN_EXIT
	};
	struct {
		struct bpf_insn *insns;
		size_t n;
	} programs[] = {
		{ met, N(met) }, { written, N(written) }, { map, N(map) }, { other, N(other) }, { called, N(called) }
	};
	struct bpf_insn before[8];
	size_t i, n;

	(void)state;
	for (i = 0; i < N(programs); i++) {
		n = programs[i].n;
		memcpy(before, programs[i].insns, n * sizeof(*before));
		is_left(programs[i].insns, n, before, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_branch_that_is_never_taken_goes_with_what_it_leads_to),
		cmocka_unit_test(one_that_is_always_taken_becomes_a_jump),
		cmocka_unit_test(calls_and_jumps_over_what_went_are_shorter),
		cmocka_unit_test(what_may_have_another_value_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
