/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an old kernel's verifier refuses at sight: of every instruction those it does not know, of those it comes to the
 * helpers and fields that it does not let this type of program have. That the rest is right the running kernel finds
 * out.
 */
#include "tests/kernels/old_kernel.h"

#include <errno.h>
#include <stdlib.h>

#include "compat/plan_parts.h"
#include "tests/kernels/live_code.h"

static bool is_pseudo_call(const struct insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src == BPF_PSEUDO_CALL;
}

static bool is_helper_call(const struct insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && !insn->src;
}

/* replace_map_fd_with_map_ptr, or resolve_pseudo_ldimm64: of all instructions, also those that nothing comes to. */
static int insn_refused(const struct old_kernel *kernel, const struct insn *insn, size_t at, struct refusal *refusal)
{
	unsigned class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

	if (!kernel->opcodes[insn->code])
		return refuse(refusal, -EINVAL, "unknown opcode %02x at %zu", insn->code, at);
	if (class == BPF_LDX && insn->imm)
		return refuse(refusal, -EINVAL, "BPF_LDX uses reserved fields at %zu", at);
	if (class == BPF_STX && insn->imm) /* the other atomics, 5.12 */
		return refuse(refusal, -EINVAL, "BPF_STX uses reserved fields at %zu", at);
	if (insn->code == (BPF_LD | BPF_IMM | BPF_DW) && insn->src > kernel->last_pseudo_load)
		return refuse(refusal, -EINVAL, "unrecognized bpf_ld_imm64 insn at %zu", at);
	if ((class == BPF_ALU || class == BPF_ALU64) && insn->off) /* sign extension and signed division, 6.6 */
		return refuse(refusal, -EINVAL, "%s uses reserved fields at %zu", op == BPF_MOV ? "BPF_MOV" : "BPF_ALU",
			      at);
	if (insn->code == (BPF_JMP | BPF_CALL) && insn->src > BPF_PSEUDO_CALL)
		return refuse(refusal, -EINVAL, "BPF_CALL uses reserved fields at %zu", at);
	return 0;
}

static int live_refused(const struct old_kernel *kernel, const struct program *program, size_t at, bool touches_context,
			bool has_calls, struct refusal *refusal)
{
	static const unsigned bytes[] = { [BPF_W >> 3] = 4, [BPF_H >> 3] = 2, [BPF_B >> 3] = 1, [BPF_DW >> 3] = 8 };
	const struct insn *insn = &program->insns[at];
	const char *field;
	bool is_write = BPF_CLASS(insn->code) != BPF_LDX;

	if (is_helper_call(insn)) {
		if (!old_kernel_has_helper(kernel, program->type, insn->imm))
			return refuse(refusal, -EINVAL, "%s func %s#%d at %zu",
				      insn->imm > kernel->last_helper ? "invalid" : "unknown", helper_name(insn->imm),
				      insn->imm, at);
		if (insn->imm == BPF_FUNC_tail_call && has_calls && !kernel->tail_calls_and_calls)
			return refuse(refusal, -EINVAL,
				      "tail_calls are not allowed in programs with bpf-to-bpf calls, at %zu", at);
	}
	if (touches_context && !old_kernel_lets_access(kernel, program->type, insn->off,
						       bytes[BPF_SIZE(insn->code) >> 3], is_write, &field))
		return refuse(refusal, -EACCES, "invalid bpf_context access off=%d size=%u (%s%s) at %zu", insn->off,
			      bytes[BPF_SIZE(insn->code) >> 3], field ? field : "no field", is_write ? ", written" : "",
			      at);
	return 0;
}

static int insns_refused(const struct old_kernel *kernel, const struct program *program, struct liveness *live,
			 struct refusal *refusal)
{
	const struct insn *insns = program->insns;
	bool has_calls = false;
	size_t i;
	int code = 0;

	for (i = 0; !code && i < program->n_insns; i++) {
		code = insn_refused(kernel, &insns[i], i, refusal);
		has_calls = has_calls || is_pseudo_call(&insns[i]);
		i += insns[i].code == (BPF_LD | BPF_IMM | BPF_DW);
	}
	if (!code && !kernel->loops && has_loop(insns, program->n_insns) > 0)
		code = refuse(refusal, -EINVAL, "back-edge");
	if (!code)
		code = live_code_find(insns, program->n_insns, live);
	for (i = 0; !code && i < program->n_insns; i++)
		if (live[i].is_live)
			code = live_refused(kernel, program, i, live[i].touches_context, has_calls, refusal);
	return code;
}

static bool is_among(const int *list, int number)
{
	for (; *list >= 0; list++)
		if (*list == number)
			return true;
	return false;
}

/* In the order in which bpf_prog_load asks. */
int program_refused(const struct old_kernel *kernel, const struct program *program, struct refusal *refusal)
{
	const struct program_row *row = program->type < kernel->n_programs ? &kernel->programs[program->type] : NULL;
	struct liveness *live;
	int code;

	if (program->n_insns > kernel->max_insns)
		return refuse(refusal, -E2BIG, "%zu instructions", program->n_insns);
	if (row && row->attach_types && !is_among(row->attach_types, (int)program->attach_type))
		return refuse(refusal, -EINVAL, "attach type %u of program type %s", program->attach_type, row->name);
	if (!row || !row->name)
		return refuse(refusal, -EINVAL, "program type %u", program->type);
	live = calloc(program->n_insns + 1, sizeof(*live));
	if (!live)
		return -ENOMEM;
	code = insns_refused(kernel, program, live, refusal);
	free(live);
	return code;
}
