/* SPDX-License-Identifier: GPL-2.0 */
/* A container's network namespace: its addresses, and the devices on this side that lead into it. */
#ifndef LOADER_NETNS_H
#define LOADER_NETNS_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"
#include "elf/error.h"

struct netns_view {
	bool is_own; /* the namespace is the one we are in: the host's */
	__u32 devs[FW_DEVS_MAX];
	char inside[FW_DEVS_MAX][16]; /* the names of their other ends */
	unsigned n_devs;
	struct fw_addr addrs[FW_ADDRS_MAX];
	unsigned n_addrs;
	char others[FW_DEVS_MAX][16]; /* names of those inside that lead past `devs`: the first of them */
	unsigned n_others;
};

/*
 * Looks into the namespace of a process, or of a file that names one. This process stays in its own. -ESRCH or -ENOENT:
 * it is not there; -EPERM: entering needs CAP_SYS_ADMIN; -E2BIG: more devices or addresses than a container may have.
 */
int netns_of_pid(unsigned pid, struct netns_view *out, struct error *err);
int netns_of_path(const char *path, struct netns_view *out, struct error *err);

/* The sentence for a process whose files in /proc cannot be opened. -ESRCH: there is none; -errno. */
int process_refused(unsigned pid, int error, struct error *err);

#endif
