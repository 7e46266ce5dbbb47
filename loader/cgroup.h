/* SPDX-License-Identifier: GPL-2.0 */
/* The unified cgroup hierarchy: where it is mounted, where a process is in it, a cgroup's number. */
#ifndef LOADER_CGROUP_H
#define LOADER_CGROUP_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include "elf/error.h"

struct options;

struct cgroup {
	int fd;          /* of the directory */
	__u64 id;        /* as bpf_skb_cgroup_id and cgroup storage have it */
	char path[1024]; /* below the mount, beginning with '/' */
};

/*
 * -ENOTSUP where this kernel runs no programs at cgroups, or what is up was put up without them; 0 also where it could
 * not be asked: then it is tried.
 */
int cgroup_check_programs(const struct options *options, struct error *err);

/* Finds the mount point of cgroup2, or mounts it; with !may_mount -ENOENT. -ENOTSUP: this kernel has none. */
int cgroup_place(bool may_mount, char place[PATH_MAX], struct error *err);

/*
 * Opens a cgroup by its path: in the file system, or below the cgroup2 mount. -ENOENT where it is not there or not on
 * cgroup2, -ENOTSUP where this kernel has no cgroup2, and as above, -EINVAL where it is the root, which is the whole
 * host. Where cgroup2 is not mounted it is mounted, or in a dry run -ENOENT.
 */
int cgroup_open(const struct options *options, const char *path, struct cgroup *out, struct error *err);

/* The cgroup of a process. -ESRCH: no such process; CGROUP_IN_ROOT: it has none of its own; -ENOTSUP as above. */
#define CGROUP_IN_ROOT (-EDOM)
int cgroup_of_pid(const struct options *options, unsigned pid, struct cgroup *out, struct error *err);

/* A process's path below the mount: "/" is the root. -ESRCH: no such process; -ENOTSUP: no cgroups; -errno. */
int cgroup_path_of_pid(unsigned pid, char path[PATH_MAX], struct error *err);

/* By the path that a record keeps. */
int cgroup_reopen(const char *path, struct cgroup *out, struct error *err);

/* Whether it still has that number. Where not the whole of cgroup2 is mounted that cannot be told: true. */
bool cgroup_is_there(const char *path, __u64 id);

void cgroup_close(struct cgroup *cgroup);

#endif
