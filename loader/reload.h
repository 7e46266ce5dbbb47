/* SPDX-License-Identifier: GPL-2.0 */
/* Another set of programs in the place of the one in force: by `up`, and where the policy needs code that was left out.
 */
#ifndef LOADER_RELOAD_H
#define LOADER_RELOAD_H

#include "loader/firewall.h"
#include "loader/map_set.h"
#include "loader/programs.h"

/* The POLICY_ bits that what is in the maps needs. */
__u32 policy_needs(const struct firewall *fw);

/*
 * Pins the new maps and programs, then puts the programs on every hook where ours are. The set's maps become the
 * firewall's. What is killed in between is completed by the next command that changes something (fw_config's
 * `reloading`). -ENOTSUP, with nothing changed, where a container has a program on a hook that the new set has not: its
 * older code would go on.
 */
int firewall_install(struct firewall *fw, struct map_set *maps, const struct program_set *programs, __u32 policy,
		     struct error *err);

/* Loads the programs once more for the pinned maps, but for those of `larger` (NULL: none), and installs them. */
int firewall_reload(struct firewall *fw, struct map_set *larger, __u32 policy, struct error *err);

/* Opens the firewall whose maps these are; the lock is the caller's, and stays with the firewall. */
int firewall_adopt(struct firewall *fw, const struct map_set *maps, int lock_fd, struct error *err);

#endif
