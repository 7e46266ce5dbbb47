/* SPDX-License-Identifier: GPL-2.0 */
/* The load-time constants of the five programs: what the kernel has, and what the policy in force needs. */
#ifndef LOADER_CONSTANTS_H
#define LOADER_CONSTANTS_H

#include <stddef.h>
#include "compat/plan.h"

#define CONSTANTS_N 15

/* A container that none has: the programs at cgroups are then for a kernel that stores nothing there, and judge nobody.
 */
#define CONTAINER_NONE 0xffffffffu

/*
 * `policy` is a set of POLICY_ bits; `container` the one that cgroup programs are for, 0: whichever the cgroup's
 * storage names. Fills all of `out`.
 */
void constants_make(struct features *features, __u32 policy, __u32 container, struct constant out[CONSTANTS_N]);

#endif
