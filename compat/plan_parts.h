/* SPDX-License-Identifier: GPL-2.0 */
/* The pieces of plan_build, a file each. All pure; memory is the plan's arena. */
#ifndef COMPAT_PLAN_PARTS_H
#define COMPAT_PLAN_PARTS_H

#include <stdbool.h>
#include "compat/plan.h"

/* What a map or program is planned against. */
struct plan_context {
	const struct spec *spec;
	const struct features *features;
	const struct constant *constants;
	size_t n_constants;
	bool has_btf;   /* the kernel is given types */
	bool adaptable; /* the object has load-time constants, so it chooses between alternatives itself */
	struct arena *mem;
	struct error *err;
};

static inline bool has_feature(const struct features *features, enum feature feature)
{
	return features->state[feature] == YES;
}

static inline bool lacks_feature(const struct features *features, enum feature feature)
{
	return features->state[feature] == NO;
}

/* A refusal for want of a feature: -ENOTSUP and "KIND NAME: needs …: …". */
int refuse_feature(const struct plan_context *context, const char *kind, const char *name, enum feature feature);

/* A name as the kernel takes it: at most 15 bytes, of letters, digits, '_' and, where `dots`, '.'. */
void kernel_name(char to[16], const char *name, bool dots);

/* plan_map.c, plan_prog.c: 0, or as plan_build. `out` is cleared already. */
int plan_map(const struct plan_context *context, const struct map_spec *map, struct map_plan *out);
int plan_prog(const struct plan_context *context, const struct prog_spec *prog, struct prog_plan *out);

/* control_flow.c: 1 where some path comes back to where it was, 0 where none does, -ENOMEM. */
int has_loop(const struct insn *insns, size_t n);

/*
 * prune.c: leaves out of a program, whose constants are placed, what they rule out. Changes *n. 0 or -ENOMEM. The
 * program must be whole, and refer to no function but by calling it.
 */
int prune(struct bpf_insn *insns, size_t *n);

/* btf_sanitise.c: the features that the types in `raw` need besides BTF itself. */
feature_set btf_asks(struct view raw);
/*
 * The types as this kernel takes them: `raw` itself, or a copy in which each kind that it does not know is written as
 * an older one of the same length, so that type ids stay; empty where that can't be done. 0 or -ENOMEM.
 */
int btf_sanitise(struct view raw, const struct features *features, struct arena *mem, struct view *out);

#endif
