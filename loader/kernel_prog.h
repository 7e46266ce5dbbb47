/* SPDX-License-Identifier: GPL-2.0 */
/* One planned program in the kernel. */
#ifndef LOADER_KERNEL_PROG_H
#define LOADER_KERNEL_PROG_H

#include <stddef.h>
#include "compat/plan.h"
#include "elf/error.h"

/*
 * Loads plan->progs[index] with its maps' descriptors (as plan->maps) put into the instructions. A descriptor, or
 * -errno; where the verifier refuses it the sentence is followed by the end of its log.
 */
int kernel_prog_load(const struct plan *plan, size_t index, const int *map_fds, int btf_fd, struct error *err);

#endif
