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
	__u32 btf_key,
		btf_value; /* 0 where the map or the kernel takes none; a refusal with them is worth one try without */
};

struct prog_plan {
	const struct prog_spec *spec;
	char name[16];
	__u32 type, attach_type; /* attach_type 0 where the kernel takes none */
	struct bpf_insn *insns;  /* the host's layout; constants placed, map slots still indexes in imm */
	size_t n_insns;
	__u32 flags; /* BPF_F_SLEEPABLE, BPF_F_XDP_HAS_FRAGS */
	bool with_func_info, with_line_info;
	bool left_out; /* this kernel cannot, and the object's other programs do without it */
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
 * nothing replaces, naming it; -ENOEXEC where its instructions are of the other byte order; -EINVAL where a program's
 * section says no type; -ENOMEM. `constants` gives the values for the object's undefined symbols; one that is not in it
 * is refused by name. The plan borrows the spec, which must outlive it. On failure `out` is empty.
 *
 * An object that has load-time constants chooses for itself between a ring buffer and a perf event array, and does
 * without cgroup storage: there such a map becomes a perf event array (max_entries 0: the loader's to fill in, one for
 * each possible CPU) or a plain hash of the same sizes. In any other object its absence is a refusal.
 *
 * Its programs at connect(2) are left out where the kernel has no such hook.
 *
 * A feature that could not be asked about (UNKNOWN) is not used where there is a fallback, and tried where there is
 * none.
 */
int plan_build(const struct spec *spec, const struct features *features, const struct constant *constants,
	       size_t n_constants, struct plan *out, struct error *err);
void plan_free(struct plan *plan);

/* The features that a plan for this object depends on, attaching its programs included: what to probe before
 * plan_build. */
feature_set plan_asks(const struct spec *spec);

/*
 * The fallbacks that come of these features, in the order of enum feature, for those in `asked`: plan_build's notes,
 * and what `probe` prints (with FEATURES_ALL). Where no programs run at cgroups, of all that has to do with them that
 * alone. Gives their number.
 */
size_t plan_notes_for_features(const struct features *features, feature_set asked, struct note notes[FEATURE_N]);

/*
 * Whether a map that an object with load-time constants wants mapped is: what looks into one is too long for kernels
 * that bound programs tightly. By what is known of the features already. Else it has one entry, which nobody looks at.
 */
bool plan_maps_arrays(const struct features *features);

#endif
