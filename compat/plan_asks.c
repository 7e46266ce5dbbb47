/* SPDX-License-Identifier: GPL-2.0 */
/* Which features matter to an object: the others need not be probed for it. */
#include "compat/plan_parts.h"

#include <linux/bpf.h>

static feature_set map_asks(const struct map_spec *map)
{
	feature_set asks = map->is_data ? FEATURE_BIT(FEATURE_GLOBAL_DATA) : 0;

	if (map->flags & BPF_F_MMAPABLE)
		asks |= FEATURE_BIT(FEATURE_MMAP_ARRAY);
	switch (map->type) {
	case BPF_MAP_TYPE_RINGBUF:
		return asks | FEATURE_BIT(FEATURE_RINGBUF);
	case BPF_MAP_TYPE_CGROUP_STORAGE:
		return asks | FEATURE_BIT(FEATURE_CGROUP_STORAGE) | FEATURE_BIT(FEATURE_SHARED_STORAGE);
	case BPF_MAP_TYPE_LPM_TRIE:
		return asks | FEATURE_BIT(FEATURE_LPM_TRIE);
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return asks | FEATURE_BIT(FEATURE_LRU_HASH);
	default:
		return asks;
	}
}

static feature_set insn_asks(const struct insn *insn)
{
	unsigned class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);
	feature_set asks = class == BPF_JMP32 ? FEATURE_BIT(FEATURE_JMP32) : 0;

	if ((class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL && op != BPF_EXIT &&
	    (insn->off < 0 || (class == BPF_JMP32 && op == BPF_JA && insn->imm < 0)))
		asks |= FEATURE_BIT(FEATURE_BOUNDED_LOOPS);
	return asks;
}

static feature_set type_asks(__u32 type)
{
	switch (type) {
	case BPF_PROG_TYPE_XDP:
		return FEATURE_BIT(FEATURE_XDP) | FEATURE_BIT(FEATURE_XDP_LINK);
	case BPF_PROG_TYPE_SCHED_CLS:
		return FEATURE_BIT(FEATURE_SCHED_CLS) | FEATURE_BIT(FEATURE_TCX);
	case BPF_PROG_TYPE_CGROUP_SKB:
		return FEATURE_BIT(FEATURE_CGROUP_SKB) | FEATURE_BIT(FEATURE_CGROUP_LINK) |
		       FEATURE_BIT(FEATURE_CGROUP_MARK) | FEATURE_BIT(FEATURE_CGROUP_EVENTS);
	case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
		return FEATURE_BIT(FEATURE_CGROUP_SKB) | FEATURE_BIT(FEATURE_CGROUP_CONNECT);
	default:
		return 0;
	}
}

static feature_set prog_asks(const struct prog_spec *prog)
{
	feature_set asks = type_asks(prog->type);
	size_t i;

	if (prog->has_attach_type && prog->type != BPF_PROG_TYPE_SCHED_CLS)
		asks |= FEATURE_BIT(FEATURE_ATTACH_TYPE);
	if (prog->n_insns > BPF_MAXINSNS)
		asks |= FEATURE_BIT(FEATURE_LARGE_PROGRAMS);
	if (prog->n_funcs)
		asks |= FEATURE_BIT(FEATURE_FUNC_INFO) | FEATURE_BIT(FEATURE_BTF_FUNC);
	for (i = 0; i < prog->n_insns; i++)
		asks |= insn_asks(&prog->insns[i]);
	return asks;
}

feature_set plan_asks(const struct spec *spec)
{
	feature_set asks = FEATURE_BIT(FEATURE_NAMES) | FEATURE_BIT(FEATURE_MEMCG_ACCOUNT);
	size_t i;

	if (spec->btf.raw.size)
		asks |= FEATURE_BIT(FEATURE_BTF) | btf_asks(spec->btf.raw);
	for (i = 0; i < spec->n_maps; i++)
		asks |= map_asks(&spec->maps[i]);
	for (i = 0; i < spec->n_progs; i++)
		asks |= prog_asks(&spec->progs[i]);
	return asks;
}
