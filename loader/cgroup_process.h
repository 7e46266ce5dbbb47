/* SPDX-License-Identifier: GPL-2.0 */
/* The processes of a cgroup and of those below it. */
#ifndef LOADER_CGROUP_PROCESS_H
#define LOADER_CGROUP_PROCESS_H

#include <stdbool.h>
#include "elf/error.h"

struct cgroup;

/*
 * A process that was put into the cgroup from outside, and so is in the container's own network namespace: of what a
 * process there has started some may be in others, as in a container within a container. `itself`: it has to be in the
 * cgroup itself, or where systemd puts itself below, since else the cgroup may be a group of containers.
 *
 * -ESRCH: there is none; -EINVAL: they are in different network namespaces; -errno of what could not be read.
 */
int cgroup_process(const struct cgroup *cgroup, bool itself, unsigned *pid, struct error *err);

/* Whether a process is in the cgroup or below. -ESRCH and a sentence: it is not, or not any more; -errno. */
int cgroup_check_process(const struct cgroup *cgroup, unsigned pid, struct error *err);

#endif
