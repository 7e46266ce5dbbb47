/* SPDX-License-Identifier: GPL-2.0 */
/* The cgroup of a container by its id, as runtimes name theirs. */
#ifndef LOADER_CONTAINER_CGROUP_H
#define LOADER_CONTAINER_CGROUP_H

#include <stdbool.h>
#include "elf/error.h"
#include "loader/cgroup.h"

/*
 * Walks cgroup2 for the one cgroup of that id: 64 hexadecimal digits or some of the first of them, or the whole of what
 * a runtime takes for a name. `docker`: of docker's containers alone. What a container has made inside of itself is not
 * looked at. *pid: a process of the container, in its own network namespace.
 *
 * -EINVAL: the word is no id, or several containers have it; -ENOENT, -ESRCH: there is none, or it has no process;
 * -ENOTSUP: this kernel has no cgroup2; -errno of what could not be read.
 */
int container_cgroup_find(const char *id, bool docker, bool may_mount, struct cgroup *out, unsigned *pid,
			  struct error *err);

#endif
