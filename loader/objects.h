/* SPDX-License-Identifier: GPL-2.0 */
/* A plan carried out: its types, maps and programs in the kernel, held by descriptors. */
#ifndef LOADER_OBJECTS_H
#define LOADER_OBJECTS_H

#include "compat/plan.h"
#include "elf/error.h"

struct objects {
	const struct plan *plan;
	int btf_fd;    /* 0: the kernel was given none */
	int *map_fds;  /* as plan->maps */
	int *prog_fds; /* as plan->progs */
};

/*
 * Where a map comes from: a descriptor of one that is there already, which then belongs to the objects; MAP_ANEW to
 * have it made; or another -errno with its sentence.
 */
#define MAP_ANEW (-2)
typedef int (*map_source)(const struct map_plan *map, void *context, struct error *err);

/*
 * Makes the maps with their contents, then loads the programs, then fills the slots of program arrays. All or nothing.
 * 0 or -errno; where the verifier refuses a program the sentence has the end of its log. `source` may be NULL.
 */
int objects_create(const struct plan *plan, map_source source, void *context, struct objects *out, struct error *err);

/* Closes every descriptor: what is not pinned or attached goes away. */
void objects_close(struct objects *objects);

#endif
