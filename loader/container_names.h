/* SPDX-License-Identifier: GPL-2.0 */
/* All containers' names at one moment, for output that names many of them by number. */
#ifndef LOADER_CONTAINER_NAMES_H
#define LOADER_CONTAINER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"

struct error;
struct firewall;

struct container_name {
	char text[FW_NAME_MAX + 1];
	__u32 id;
	__u64 cgroup_id;
	bool attached;
};

struct container_number {
	__u32 id;
	__u32 index; /* in items */
};

struct container_names {
	struct container_name *items;   /* in the order of names */
	struct container_number *by_id; /* the same, in the order of numbers */
	size_t n, room;
};

/* Reads them anew, letting go of what an earlier call read. 0, or -errno with nothing read. */
int container_names_read(struct firewall *fw, struct container_names *names, struct error *err);
void container_names_free(struct container_names *names);

/* The container of that number, or NULL: 0 is the host, another may have been removed. */
const struct container_name *container_name_find(const struct container_names *names, __u32 id);

/* What to call it in output: "" for the host, "#12" (in `room`) for a number that has no container. */
const char *container_name_text(const struct container_names *names, __u32 id, char room[16]);

#endif
