/* SPDX-License-Identifier: GPL-2.0 */
/* What a container is to be attached to: found before anything changes, then put under the firewall in one change. */
#ifndef LOADER_TARGETS_H
#define LOADER_TARGETS_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"
#include "elf/error.h"
#include "loader/cgroup.h"
#include "loader/netns.h"

struct firewall;
struct options;

struct targets {
	const char *name; /* the container's, a good one */
	const struct options *options;
	struct cgroup cgroup; /* fd < 0: none */
	__u32 devs[FW_DEVS_MAX];
	unsigned n_devs;
	struct fw_addr addrs[FW_ADDRS_MAX];
	unsigned n_addrs;
	bool addrs_given; /* those found in a namespace do not count */
	bool has_default;
	__u8 default_action;

	/* for remarks */
	bool is_apart;                /* its namespace has no device that leads to the host */
	bool has_cgroup;              /* now, or since an earlier attach */
	struct error no_cgroup;       /* why a process's cgroup is left out */
	char others[FW_DEVS_MAX][16]; /* devices in its namespace that pass by those of the host */
	unsigned n_others;
};

void targets_begin(struct targets *targets, const struct options *options, const char *name);
void targets_end(struct targets *targets);

/*
 * One more of each; one that is there already is no error. 0; -E2BIG: too many; -EINVAL: another cgroup. A cgroup that
 * was taken is closed by targets_end.
 */
int targets_add_device(struct targets *targets, __u32 ifindex, struct error *err);
int targets_add_addr(struct targets *targets, const struct fw_addr *addr, struct error *err);
int targets_add_cgroup(struct targets *targets, const struct cgroup *cgroup, struct error *err);
int targets_add_netns(struct targets *targets, const struct netns_view *view, struct error *err);

/*
 * A container's cgroup (`code`: whether it was to be had, and `why` not) and its namespace. The devices there guard one
 * whose cgroup can't be had: on a kernel without programs there, on a host with the first version's cgroups alone, and
 * where everything is in the root. 0 or -errno.
 */
int targets_add_both(struct targets *targets, int code, const struct cgroup *cgroup, const struct error *why,
		     const struct netns_view *view, struct error *err);

/* Those of a process. Also -ESRCH: there is none, -EPERM. */
int targets_add_pid(struct targets *targets, unsigned pid, struct error *err);

/* -EBUSY: a device or the cgroup is another container's. */
int targets_check(struct firewall *fw, struct targets *targets, struct error *err);

/*
 * Leaves out devices that are another container's, and the addresses with them: of containers that share a network
 * namespace one has its devices, the others are judged at their cgroups. 0, or -errno with a sentence.
 */
int targets_leave_shared(struct firewall *fw, struct targets *targets, struct error *err);

/*
 * Attaches the container to them, beside what it is attached to, in a change of policy of its own. What has gone gives
 * its place to what came. All of it or none. 0 or -errno.
 */
int targets_attach(struct firewall *fw, struct targets *targets, struct error *err);

/* What is not judged, or not by all, as remarks: nobody sees that from what is attached. */
void targets_remark(const struct targets *targets);

#endif
