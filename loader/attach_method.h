/* SPDX-License-Identifier: GPL-2.0 */
/* The ways to put a program on a hook: one table of operations each. For attach.c alone. */
#ifndef LOADER_ATTACH_METHOD_H
#define LOADER_ATTACH_METHOD_H

#include <stdbool.h>
#include "loader/attach.h"
#include "syscalls/netlink.h"

/* One attachment while it is made, changed or removed. */
struct attaching {
	struct firewall *fw;
	struct netlink *netlink;
	struct fw_attachment_key key;
	struct fw_attachment record;
	int prog_fd;
	int cgroup_fd; /* cgroup hooks only */
	char pin[512]; /* of the link, where there is one */
	struct error *err;
};

struct attach_method {
	enum fw_how how;
	/*
	 * Puts the program there, and fills in the record. Nothing is left of it where it fails: -EEXIST where somebody
	 * else's program is in the way, -EOPNOTSUPP where this method or mode is not to be had.
	 */
	int (*attach)(struct attaching *at);
	/* Puts the program in the place of an older one of ours, in one step. */
	int (*replace)(struct attaching *at);
	/* Takes it off. 0 also where the device or cgroup has gone. */
	int (*detach)(struct attaching *at);
};

extern const struct attach_method attach_by_link, attach_by_netlink, attach_by_prog_attach;

const struct attach_method *attach_method_of(enum fw_how how);

/* Where the link of this hook and target is pinned. */
void attaching_name_pin(struct attaching *at);

/*
 * Opens the program and a netlink socket, and names the pin. To take something off the program need not be there: its
 * descriptor is negative then.
 */
int attaching_begin(struct attaching *at, struct netlink *netlink, bool removing);
void attaching_end(struct attaching *at);

/* The sentence for a kernel's refusal; gives `code`. */
int attaching_explain(struct attaching *at, int code);

/* Takes it off and forgets it. */
int attaching_detach(struct attaching *at);

bool hook_is_cgroup(enum hook hook);
bool hook_is_egress(enum hook hook);

/* bpf_attach_type of a cgroup hook. */
__u32 hook_cgroup_type(enum hook hook);

/* Writes the container's number to the attach point's storage, if the kernel has cgroup storage. */
int cgroup_storage_write(struct attaching *at);

#endif
