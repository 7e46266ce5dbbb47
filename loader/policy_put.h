/* SPDX-License-Identifier: GPL-2.0 */
/* A policy in the place of the one in force, where it is another. */
#ifndef LOADER_POLICY_PUT_H
#define LOADER_POLICY_PUT_H

#include <linux/types.h>
#include "elf/error.h"

struct options;
struct policy;
struct policy_difference;

/*
 * `to` is sorted, and gets what came with containers (loader/brought.h). wait_s: as of policy_switch. *until:
 * CLOCK_MONOTONIC in ns until which the policy in force waits to be confirmed, 0: it does not. 0, also where nothing is
 * to be changed; -E2BIG: the policy is too large; -ENOENT: not up; or -errno; each with a sentence. *changes: what was
 * changed.
 */
int policy_put(const struct options *options, struct policy *to, __u32 wait_s, struct policy_difference *changes,
	       __u64 *until, struct error *err);

#endif
