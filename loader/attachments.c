/* SPDX-License-Identifier: GPL-2.0 */
/* Every attachment that there is, by the loader's own record: listing, taking off, newer programs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/array.h"
#include "loader/attach_method.h"
#include "loader/cgroup.h"
#include "loader/command.h"
#include "loader/container.h"
#include "loader/map_walk.h"
#include "syscalls/bpf.h"

struct cgroup_search {
	__u32 container;
	struct cgroup *out;
};

static int open_if_of(const char *name, const struct fw_container *record, void *context)
{
	struct cgroup_search *search = context;

	(void)name;
	if (record->id != search->container || !record->cgroup_id)
		return 0;
	return cgroup_reopen(record->cgroup, search->out, NULL) ? 0 : 1;
}

/* The cgroup of an attachment; descriptor -1 where it has gone, or another has its path now. */
static void open_cgroup_of(struct attaching *at, struct cgroup *out)
{
	struct cgroup_search search = { at->record.container, out };

	out->fd = -1;
	if (at->record.how != FW_HOW_PROG_ATTACH)
		return;
	container_each(at->fw, open_if_of, &search);
	if (out->fd >= 0 && out->id != at->key.cgroup_id)
		cgroup_close(out);
	at->cgroup_fd = out->fd;
}

/* The record stays. */
static int take_off(struct attaching *at)
{
	struct cgroup cgroup = { .fd = -1 };
	struct netlink netlink;
	int code;

	open_cgroup_of(at, &cgroup);
	code = attaching_begin(at, &netlink, true);
	if (code) {
		cgroup_close(&cgroup);
		return code;
	}
	code = attach_method_of(at->record.how)->detach(at);
	if (code)
		error_set(at->err, code, "%s: it cannot be taken off %s: %s", hook_program(at->key.hook),
			  at->record.ifname, strerror(-code));
	attaching_end(at);
	cgroup_close(&cgroup);
	return code;
}

int attaching_detach(struct attaching *at)
{
	int code = take_off(at);

	if (!code)
		sys_bpf_map_delete(at->fw->map_fd[MAP_ATTACHMENTS], &at->key);
	return code;
}

struct entry {
	struct fw_attachment_key key;
	struct fw_attachment record;
};

struct entries {
	struct entry *item;
	size_t n, room;
};

static int compare_entries(const void *left, const void *right)
{
	const struct fw_attachment_key *a = &((const struct entry *)left)->key,
				       *b = &((const struct entry *)right)->key;

	if (a->cgroup_id != b->cgroup_id)
		return a->cgroup_id < b->cgroup_id ? -1 : 1;
	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	return a->hook - b->hook;
}

static int take_entry(const void *key, const void *record, void *context)
{
	struct entries *entries = context;
	void *grown = array_room(entries->item, entries->n, &entries->room, sizeof(*entries->item));

	if (!grown)
		return -ENOMEM;
	entries->item = grown;
	memcpy(&entries->item[entries->n].key, key, sizeof(entries->item->key));
	memcpy(&entries->item[entries->n++].record, record, sizeof(entries->item->record));
	return 0;
}

static int entries_read(struct firewall *fw, struct entries *entries)
{
	int code;

	memset(entries, 0, sizeof(*entries));
	code = map_walk(fw->map_fd[MAP_ATTACHMENTS], take_entry, entries);
	if (!code && entries->n)
		qsort(entries->item, entries->n, sizeof(*entries->item), compare_entries);
	return code;
}

int attachments_each(struct firewall *fw,
		     int (*visit)(const struct fw_attachment_key *, const struct fw_attachment *, void *),
		     void *context)
{
	struct entries entries;
	int code = entries_read(fw, &entries);
	size_t i;

	for (i = 0; !code && i < entries.n; i++)
		code = visit(&entries.item[i].key, &entries.item[i].record, context);
	free(entries.item);
	return code;
}

static void attaching_of(struct attaching *at, struct firewall *fw, const struct entry *entry, struct error *err)
{
	memset(at, 0, sizeof(*at));
	at->fw = fw;
	at->err = err;
	at->cgroup_fd = -1;
	at->key = entry->key;
	at->record = entry->record;
}

static bool is_kept(const struct fw_attachment_key *key, const struct fw_container *kept)
{
	unsigned i;

	if (key->cgroup_id)
		return key->cgroup_id == kept->cgroup_id;
	for (i = 0; i < kept->n_devs; i++)
		if (kept->devs[i] == key->ifindex)
			return true;
	return false;
}

/*
 * Those of a container, NULL: all; but for the devices and the cgroup that `kept` has, NULL: none. Backwards, so that a
 * device's qdisc is let go of by the hook that made it, which was the first.
 */
static int detach_those(struct firewall *fw, const __u32 *container, const struct fw_container *kept, struct error *err)
{
	struct entries entries;
	int code = entries_read(fw, &entries), result;
	struct attaching at;
	size_t i;

	for (i = entries.n; i-- > 0;) {
		if (container && entries.item[i].record.container != *container)
			continue;
		if (kept && is_kept(&entries.item[i].key, kept))
			continue;
		attaching_of(&at, fw, &entries.item[i], err);
		result = container ? attaching_detach(&at) : take_off(&at);
		code = code ? code : result;
	}
	free(entries.item);
	return code;
}

int detach_container(struct firewall *fw, __u32 container, const struct fw_container *kept, struct error *err)
{
	return detach_those(fw, &container, kept, err);
}

int detach_all(struct firewall *fw, struct error *err)
{
	return detach_those(fw, NULL, NULL, err);
}

/* A device or cgroup that has gone has taken its attachment along. */
static int replace_one(struct attaching *at)
{
	struct cgroup cgroup = { .fd = -1 };
	struct netlink netlink;
	int code;

	open_cgroup_of(at, &cgroup);
	code = attaching_begin(at, &netlink, false);
	if (code) {
		cgroup_close(&cgroup);
		return code;
	}
	code = attach_method_of(at->record.how)->replace(at);
	if (code == -ENODEV || code == -ENOLINK || code == -ENOENT || code == -EBADF)
		code = 0;
	if (code)
		attaching_explain(at, code);
	attaching_end(at);
	cgroup_close(&cgroup);
	return code;
}

int attachments_replace_programs(struct firewall *fw, struct error *err)
{
	struct entries entries;
	int code = entries_read(fw, &entries);
	struct attaching at;
	size_t i;

	for (i = 0; !code && i < entries.n; i++) {
		attaching_of(&at, fw, &entries.item[i], err);
		code = replace_one(&at);
	}
	free(entries.item);
	return code;
}
