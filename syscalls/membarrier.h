/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SYSCALLS_MEMBARRIER_H
#define SYSCALLS_MEMBARRIER_H

/*
 * Waits until every program that runs in the kernel now has ended: membarrier(2) MEMBARRIER_CMD_GLOBAL is a
 * synchronize_rcu() where there is more than one CPU (Linux 4.3). 0, or -errno: -ENOSYS without CONFIG_MEMBARRIER,
 * -EINVAL with nohz_full.
 */
int sys_membarrier(void);

#endif
