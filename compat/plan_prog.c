/* SPDX-License-Identifier: GPL-2.0 */
/* One program: whether this kernel and this loader can do it, and its instructions in the host's layout. */
#include "compat/plan_parts.h"

#include <errno.h>
#include <string.h>
#include <linux/bpf.h>

#include "elf/arena.h"
#include "elf/error.h"

#ifndef BPF_PSEUDO_FUNC
#define BPF_PSEUDO_FUNC 4
#endif

static int check_type(const struct plan_context *context, const struct prog_spec *prog)
{
	static const struct {
		__u32 type;
		enum feature feature;
	} asked[] = {
		{ BPF_PROG_TYPE_XDP, FEATURE_XDP },
		{ BPF_PROG_TYPE_SCHED_CLS, FEATURE_SCHED_CLS },
		{ BPF_PROG_TYPE_CGROUP_SKB, FEATURE_CGROUP_SKB },
	};
	size_t i;

	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		if (prog->type == asked[i].type && lacks_feature(context->features, asked[i].feature))
			return refuse_feature(context, "program", prog->name, asked[i].feature);
	switch (prog->type) {
	case BPF_PROG_TYPE_UNSPEC:
		return error_set(context->err, -EINVAL,
				 "program %s: section %s: names no type of program: "
				 "use a section such as xdp, tc or cgroup_skb/egress",
				 prog->name, prog->section);
	case BPF_PROG_TYPE_STRUCT_OPS:
		return error_set(context->err, -ENOTSUP,
				 "program %s: is part of a struct_ops, which this loader does not "
				 "register: leave it out of the object",
				 prog->name);
	case BPF_PROG_TYPE_TRACING:
	case BPF_PROG_TYPE_EXT:
	case BPF_PROG_TYPE_LSM:
		return error_set(context->err, -ENOTSUP,
				 "program %s: section %s: attaches by the kernel's own types, which "
				 "this loader does not read: use a kprobe or a tracepoint",
				 prog->name, prog->section);
	default:
		return 0;
	}
}

static bool has_jmp32(const struct prog_spec *prog)
{
	size_t i;

	for (i = 0; i < prog->n_insns; i++)
		if (BPF_CLASS(prog->insns[i].code) == BPF_JMP32)
			return true;
	return false;
}

static int check_insns(const struct plan_context *context, const struct prog_spec *prog)
{
	const struct features *features = context->features;
	int loop;

	if (lacks_feature(features, FEATURE_JMP32) && has_jmp32(prog))
		return error_set(context->err, -ENOTSUP,
				 "program %s: uses 32-bit jumps, which this kernel lacks: "
				 "compile it with -mcpu=v2",
				 prog->name);
	if (!lacks_feature(features, FEATURE_BOUNDED_LOOPS))
		return 0;
	loop = has_loop(prog->insns, prog->n_insns);
	if (loop > 0)
		return error_set(context->err, -ENOTSUP,
				 "program %s: has a loop, which this kernel refuses: unroll it "
				 "(#pragma unroll)",
				 prog->name);
	return loop;
}

static void encode(const struct insn *from, struct bpf_insn *to, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		to[i].code = from[i].code;
		to[i].dst_reg = from[i].dst & 15;
		to[i].src_reg = from[i].src & 15;
		to[i].off = from[i].off;
		to[i].imm = from[i].imm;
	}
}

/* Both halves of a 64-bit load. */
static void place(struct bpf_insn *insn, unsigned source, __u32 low, __u32 high)
{
	insn[0].src_reg = source & 15;
	insn[0].imm = (__s32)low;
	insn[1].imm = (__s32)high;
}

static int place_constant(const struct plan_context *context, const struct prog_spec *prog, const char *name,
			  struct bpf_insn *insn)
{
	size_t i;

	for (i = 0; i < context->n_constants; i++) {
		if (strcmp(context->constants[i].name, name))
			continue;
		place(insn, 0, (__u32)context->constants[i].value, (__u32)(context->constants[i].value >> 32));
		return 0;
	}
	return error_set(context->err, -ENOTSUP,
			 "program %s: %s: is defined nowhere, and this loader gives no kernel "
			 "configuration values or kernel symbols: define it in the object",
			 prog->name, name);
}

static int relocate(const struct plan_context *context, const struct prog_spec *prog, const struct reloc_spec *reloc,
		    struct bpf_insn *insns)
{
	struct bpf_insn *insn = &insns[reloc->insn];

	if (reloc->kind == RELOC_CORE)
		return error_set(context->err, -ENOTSUP,
				 "program %s: instruction %zu: has a CO-RE relocation (%s), which this "
				 "loader does not do: compile it against one kernel's headers",
				 prog->name, reloc->insn, reloc->name);
	if (reloc->kind == RELOC_EXTERN_CALL)
		return error_set(context->err, -ENOTSUP,
				 "program %s: %s: is a function of the kernel (kfunc), which this "
				 "loader does not call: use a helper",
				 prog->name, reloc->name);
	if (reloc->insn + 1 >= prog->n_insns || insn->code != (BPF_LD | BPF_IMM | BPF_DW))
		return error_set(context->err, -EINVAL,
				 "program %s: instruction %zu: is relocated but loads no 64-bit value: "
				 "compile it again",
				 prog->name, reloc->insn);
	switch (reloc->kind) {
	case RELOC_MAP:
		place(insn, BPF_PSEUDO_MAP_FD, (__u32)reloc->index, 0);
		return 0;
	case RELOC_MAP_VALUE:
		place(insn, BPF_PSEUDO_MAP_VALUE, (__u32)reloc->index, (__u32)reloc->offset);
		return 0;
	case RELOC_SUBPROG:
		place(insn, BPF_PSEUDO_FUNC, (__u32)insn->imm, 0);
		return 0;
	default:
		return place_constant(context, prog, reloc->name, insn);
	}
}

static int plan_insns(const struct plan_context *context, const struct prog_spec *prog, struct prog_plan *out)
{
	int result = 0;
	size_t i;

	out->insns = arena_alloc(context->mem, prog->n_insns * sizeof(*out->insns));
	if (!out->insns)
		return -ENOMEM;
	out->n_insns = prog->n_insns;
	encode(prog->insns, out->insns, prog->n_insns);
	for (i = 0; !result && i < prog->n_relocs; i++)
		result = relocate(context, prog, &prog->relocs[i], out->insns);
	return result;
}

/* For kernels that bound a program's instructions, what the constants rule out is left out. */
static int fit(const struct plan_context *context, const struct prog_spec *prog, struct prog_plan *out)
{
	int result = 0;

	if (out->n_insns <= BPF_MAXINSNS || !lacks_feature(context->features, FEATURE_LARGE_PROGRAMS))
		return 0;
	if (context->adaptable) {
		result = prune(out->insns, &out->n_insns);
		out->with_func_info = out->with_line_info = false; /* which tell of functions by their place */
	}
	if (result || out->n_insns <= BPF_MAXINSNS)
		return result;
	return error_set(context->err, -ENOTSUP,
			 "program %s: has %zu instructions: this kernel takes %d, more came "
			 "with Linux %s: split it with tail calls",
			 prog->name, out->n_insns, BPF_MAXINSNS, feature_since(FEATURE_LARGE_PROGRAMS));
}

/* The kernel wants a line for the first instruction of every function. */
static bool has_first_lines(const struct prog_spec *prog)
{
	size_t i, k = 0;

	for (i = 0; i < prog->n_funcs; i++) {
		while (k < prog->n_lines && prog->lines[k].insn < prog->funcs[i].insn)
			k++;
		if (k == prog->n_lines || prog->lines[k].insn != prog->funcs[i].insn)
			return false;
	}
	return prog->n_lines > 0;
}

static void plan_debug_info(const struct plan_context *context, const struct prog_spec *prog, struct prog_plan *out)
{
	if (!context->has_btf || !has_feature(context->features, FEATURE_FUNC_INFO) ||
	    !has_feature(context->features, FEATURE_BTF_FUNC))
		return;
	out->with_func_info = prog->n_funcs == prog->n_subprogs + 1;
	out->with_line_info = out->with_func_info && has_first_lines(prog);
}

/* Of an object that is made for it: where there are no programs at cgroups, those at devices do alone. */
static bool is_left_out(const struct plan_context *context, const struct prog_spec *prog)
{
	if (!context->adaptable)
		return false;
	if (prog->type == BPF_PROG_TYPE_CGROUP_SKB)
		return lacks_feature(context->features, FEATURE_CGROUP_SKB);
	return prog->type == BPF_PROG_TYPE_CGROUP_SOCK_ADDR &&
	       !features_have(context->features, FEATURES_JUDGE_CONNECT);
}

int plan_prog(const struct plan_context *context, const struct prog_spec *prog, struct prog_plan *out)
{
	int result;

	out->spec = prog;
	out->type = prog->type;
	out->left_out = is_left_out(context, prog);
	result = out->left_out ? 0 : check_type(context, prog);
	/* No traffic control program needs it, and cls_bpf takes one marked for tcx as well. */
	if (prog->has_attach_type && prog->type != BPF_PROG_TYPE_SCHED_CLS &&
	    has_feature(context->features, FEATURE_ATTACH_TYPE))
		out->attach_type = prog->attach_type;
	if (prog->is_sleepable)
		out->flags |= BPF_F_SLEEPABLE;
	if (prog->frags)
		out->flags |= BPF_F_XDP_HAS_FRAGS;
	if (has_feature(context->features, FEATURE_NAMES))
		kernel_name(out->name, prog->name, has_feature(context->features, FEATURE_GLOBAL_DATA));
	plan_debug_info(context, prog, out);
	if (!result)
		result = check_insns(context, prog);
	if (!result)
		result = plan_insns(context, prog, out);
	return result ? result : fit(context, prog, out);
}
