/* SPDX-License-Identifier: GPL-2.0 */
/* Puts the pinned programs on hooks and takes them off. One table of operations for each method. */
#ifndef LOADER_ATTACH_H
#define LOADER_ATTACH_H

#include <stdbool.h>
#include <linux/types.h>
#include "loader/firewall.h"

enum hook {
	HOOK_XDP = 1,           /* uplink: xdp_firewall */
	HOOK_UPLINK_RATE_LIMIT, /* uplink, TC ingress: rate_limit */
	HOOK_TC_RATE_LIMIT,     /* container's device, TC ingress, first: rate_limit */
	HOOK_TC_DNS,            /* second: dns_filter */
	HOOK_TC_INGRESS,        /* third: tc_ingress */
	HOOK_TC_EGRESS,         /* container's device, TC egress: tc_egress */
	HOOK_CGROUP_INGRESS,    /* cgroup_ingress */
	HOOK_CGROUP_EGRESS,     /* cgroup_egress */
	HOOK_CGROUP_DNS,        /* cgroup_dns: of what goes out, before cgroup_egress, where packets can be marked */
	HOOK_CGROUP_CONNECT4,   /* cgroup_connect4, where the kernel has the hook */
	HOOK_CGROUP_CONNECT6,   /* cgroup_connect6 */
	HOOK_N,
};

enum xdp_mode { XDP_MODE_AUTO, XDP_MODE_NATIVE, XDP_MODE_GENERIC };

/* The program's name for a hook, "xdp_firewall"; the layer as JSON has it: "xdp", "tc", "cgroup". */
const char *hook_program(enum hook hook);
const char *hook_layer(enum hook hook);

/*
 * Each is whole or not there: where one hook fails, those already made are undone. What somebody else attached is never
 * replaced: -EEXIST and the sentence names it. Attaching what is attached already replaces the program by the pinned
 * one. An uplink is guarded by XDP alone where the kernel has no traffic control, and a remark says so.
 */
int attach_uplink(struct firewall *fw, int ifindex, enum xdp_mode mode, struct error *err);
bool is_uplink(struct firewall *fw, int ifindex);
int attach_device(struct firewall *fw, int ifindex, __u32 container, struct error *err);
/* cgroup_fd: of the directory; its id is written to the attach point's storage before the link is pinned. */
int attach_cgroup(struct firewall *fw, int cgroup_fd, __u64 cgroup_id, __u32 container, struct error *err);

/*
 * Takes off all of one container's attachments, but for those to the devices and the cgroup that `kept` has (NULL:
 * none); or an uplink's, or everything. A target that has gone is no error.
 */
int detach_container(struct firewall *fw, __u32 container, const struct fw_container *kept, struct error *err);
int detach_uplink(struct firewall *fw, int ifindex, struct error *err);
int detach_all(struct firewall *fw, struct error *err); /* the records stay */

/* After `up` loaded newer programs: each attachment gets the pinned one, in one step each. */
int attachments_replace_programs(struct firewall *fw, struct error *err);

/* Calls visit for each attachment in a stable order (by layer, target, hook). */
int attachments_each(struct firewall *fw,
		     int (*visit)(const struct fw_attachment_key *, const struct fw_attachment *, void *),
		     void *context);

#endif
