/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "syscalls/bpf.h"
#include "syscalls/netlink.h"
#include "tests/vm/guest.h"

struct list {
	char *at;
	size_t room;
	struct netlink netlink;
};

static void add(struct list *list, const char *kind, const char *name, unsigned number)
{
	int length = snprintf(list->at, list->room, "%s %s %u\n", kind, name, number);

	if (length > 0 && (size_t)length < list->room) {
		list->at += length;
		list->room -= (size_t)length;
	}
}

static void objects(struct list *list, const char *kind, int (*next)(__u32, __u32 *))
{
	__u32 id = 0;

	while (!next(id, &id))
		add(list, kind, "", id);
}

static int filter(const struct tc_filter *found, void *list)
{
	add(list, "filter", found->name, found->prio);
	return 0;
}

static int device(const struct link_info *link, void *context)
{
	struct list *list = context;

	add(list, "device", link->name, 0);
	if (link->xdp_mode)
		add(list, "xdp", link->name, link->xdp_mode);
	if (!netlink_clsact_present(&list->netlink, link->ifindex))
		return 0;
	add(list, "clsact", link->name, 0);
	netlink_filter_each(&list->netlink, link->ifindex, false, filter, list);
	netlink_filter_each(&list->netlink, link->ifindex, true, filter, list);
	return 0;
}

static void pins(struct list *list)
{
	DIR *folder = opendir("/sys/fs/bpf");
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.' && !strstr(entry->d_name, ".debug"))
			add(list, "pin", entry->d_name, 0);
	if (folder)
		closedir(folder);
}

void list_all(char *room, size_t size)
{
	struct list list = { .at = room, .room = size };

	*room = 0;
	objects(&list, "program", sys_bpf_prog_next_id);
	objects(&list, "map", sys_bpf_map_next_id);
	objects(&list, "link", sys_bpf_link_next_id);
	if (!netlink_open(&list.netlink)) {
		netlink_link_each(&list.netlink, device, &list);
		netlink_close(&list.netlink);
	}
	pins(&list);
}
