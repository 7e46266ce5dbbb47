/* SPDX-License-Identifier: GPL-2.0 */
/* One planned map in the kernel. */
#ifndef LOADER_KERNEL_MAP_H
#define LOADER_KERNEL_MAP_H

#include "compat/plan.h"
#include "elf/error.h"

/*
 * Before 5.11 maps and programs count as locked memory: raises that limit, once. Where it may not be raised it is tried
 * with what there is. For all that makes either.
 */
void kernel_memory_unlock(void);

/* As the plan has it, with the number of slots that a perf event array gets on this machine. */
__u32 kernel_map_entries(const struct map_plan *map);

/* Makes it, writes the contents of a data map, and freezes what is read-only. A descriptor or -errno. */
int kernel_map_make(const struct map_plan *map, int btf_fd, struct error *err);

#endif
