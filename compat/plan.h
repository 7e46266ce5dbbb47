/* SPDX-License-Identifier: GPL-2.0 */
/* What to ask this kernel for, and why. Pure: the same spec and features give the same plan. */
#ifndef COMPAT_PLAN_H
#define COMPAT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include "elf/spec.h"
#include "compat/features.h"

struct bpf_insn;
struct error;

/* A load-time constant: every reference to `name` becomes this immediate. */
struct constant {
	const char *name;
	__u64 value;
};

struct map_plan {
	const struct map_spec *spec;
	char name[16]; /* what the kernel is told, "" where it takes none */
	__u32 type, key_size, value_size, max_entries, flags;
	__u32 btf_key, btf_value;
};

struct prog_plan {
	const struct prog_spec *spec;
	char name[16];
	__u32 type, attach_type; /* attach_type 0 where the kernel takes none */
	struct bpf_insn *insns;  /* the host's layout; constants placed, map slots still indexes in imm */
	size_t n_insns;
	bool with_func_info, with_line_info;
};

struct note {
	enum feature feature;
	const char *fallback; /* "perf event array" */
	const char *why;      /* one sentence */
};

struct plan {
	const struct spec *spec;
	struct map_plan *maps;   /* as spec->maps */
	struct prog_plan *progs; /* as spec->progs */
	struct view btf;         /* sanitised; empty where the kernel takes none */
	struct note *notes;
	size_t n_notes;
	struct arena *mem;
};

/*
 * 0, or -ENOTSUP where the object needs what this kernel (or this loader: CO-RE, kfuncs, ksyms, struct_ops) lacks and
 * nothing replaces, naming it; -ENOMEM. `constants` gives the values for the object's undefined symbols; one that is
 * not in it is refused by name. The plan borrows the spec, which must outlive it.
 */
int plan_build(const struct spec *spec, const struct features *features, const struct constant *constants,
	       size_t n_constants, struct plan *out, struct error *err);
void plan_free(struct plan *plan);

#endif
