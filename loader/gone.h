/* SPDX-License-Identifier: GPL-2.0 */
/* Which of a container's targets have gone, as those of one that died. What cannot be told is there. */
#ifndef LOADER_GONE_H
#define LOADER_GONE_H

#include <stdbool.h>
#include <linux/types.h>
#include "loader/firewall.h"

/*
 * Another device may have its number by now: the links that are pinned know that the one that they were on has gone.
 * And one that is in another network namespace, or renamed, is there while they are on it. Without links the number
 * tells.
 */
bool device_is_gone(struct firewall *fw, const struct fw_container *record, __u32 ifindex);
/* Whether the programs that judge what comes and goes are on the device, as far as that can be told. */
bool device_is_guarded(struct firewall *fw, const struct fw_container *record, __u32 ifindex);
bool cgroup_is_gone(const struct fw_container *record);

/* Whether it is attached to something that is there. */
bool container_lives(struct firewall *fw, const struct fw_container *record);

/* A process in its cgroup. 0; -ESRCH: none is there; or as cgroup_process (-EINVAL: in several network namespaces). */
int container_process(const struct fw_container *record, unsigned *pid);

/* Takes out of the record what has gone. True: it had targets, and has none left. */
bool gone_forget(struct firewall *fw, struct fw_container *record);

#endif
