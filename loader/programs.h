/* SPDX-License-Identifier: GPL-2.0 */
/* The five objects as one set of programs that share their maps. */
#ifndef LOADER_PROGRAMS_H
#define LOADER_PROGRAMS_H

#include "elf/error.h"
#include "loader/attach.h"
#include "loader/map_set.h"
#include "loader/objects.h"

#define PROGRAMS_MAX 16

struct program_set {
	struct {
		char name[32];
		int fd;
	} item[PROGRAMS_MAX];
	unsigned n;
};

/*
 * Loads all five, with the maps of the set, which gets those that it lacks. `policy`: POLICY_ bits. 0 or -errno with
 * nothing loaded; nothing is pinned.
 */
int programs_load(struct map_set *maps, __u32 policy, struct program_set *out, struct error *err);

/* Some of them: those of the hooks whose HOOK_BIT is set, over maps from any source, for one container at cgroups. */
#define HOOK_BIT(hook) (1u << (hook))
struct program_wish {
	map_source source;
	void *context;
	__u32 policy, container, hooks;
};
int programs_load_some(const struct program_wish *wish, struct program_set *out, struct error *err);

bool programs_have(const struct program_set *programs, const char *name);

/* Pins each in the place of the one that was there; one that the set has not is pinned no more. */
int programs_pin(const struct program_set *programs, const struct options *options, struct error *err);
void programs_close(struct program_set *programs);

/* The hook's program: a descriptor that stays the set's, or -ENOENT. */
int program_find(const struct program_set *programs, enum hook hook);

/* Where cgroups store nothing: a cgroup hook's program for one container alone. A descriptor or -errno. */
int program_for_container(struct firewall *fw, enum hook hook, __u32 container, struct error *err);

#endif
