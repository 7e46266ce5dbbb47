/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "loader/attach_method.h"
#include "loader/cgroup.h"
#include "loader/command.h"
#include "loader/container.h"
#include "loader/host_features.h"
#include "syscalls/bpf.h"

struct hook_facts {
	const char *program, *layer, *pin;
	bool is_cgroup, is_egress;
	__u32 cgroup_type;
};

static const struct hook_facts hooks[HOOK_N] = {
	[HOOK_XDP] = { "xdp_firewall", "xdp", "xdp", false, false, 0 },
	[HOOK_UPLINK_RATE_LIMIT] = { "rate_limit", "tc", "uplink_rate_limit", false, false, 0 },
	[HOOK_TC_RATE_LIMIT] = { "rate_limit", "tc", "rate_limit", false, false, 0 },
	[HOOK_TC_DNS] = { "dns_filter", "tc", "dns_filter", false, false, 0 },
	[HOOK_TC_INGRESS] = { "tc_ingress", "tc", "tc_ingress", false, false, 0 },
	[HOOK_TC_EGRESS] = { "tc_egress", "tc", "tc_egress", false, true, 0 },
	[HOOK_CGROUP_INGRESS] = { "cgroup_ingress", "cgroup", "cgroup_ingress", true, false, BPF_CGROUP_INET_INGRESS },
	[HOOK_CGROUP_EGRESS] = { "cgroup_egress", "cgroup", "cgroup_egress", true, true, BPF_CGROUP_INET_EGRESS },
};

const char *hook_program(enum hook hook)
{
	return hook > 0 && hook < HOOK_N ? hooks[hook].program : "?";
}

const char *hook_layer(enum hook hook)
{
	return hook > 0 && hook < HOOK_N ? hooks[hook].layer : "?";
}

bool hook_is_cgroup(enum hook hook)
{
	return hooks[hook].is_cgroup;
}

bool hook_is_egress(enum hook hook)
{
	return hooks[hook].is_egress;
}

__u32 hook_cgroup_type(enum hook hook)
{
	return hooks[hook].cgroup_type;
}

static const struct attach_method *method_of(enum fw_how how)
{
	if (how == FW_HOW_LINK)
		return &attach_by_link;
	return how == FW_HOW_NETLINK ? &attach_by_netlink : &attach_by_prog_attach;
}

/* What this kernel has for a hook, the best first. */
static const struct attach_method *method_for(enum hook hook)
{
	if (hook == HOOK_XDP)
		return host_has(FEATURE_XDP_LINK) ? &attach_by_link : &attach_by_netlink;
	if (hook_is_cgroup(hook))
		return host_has(FEATURE_CGROUP_LINK) ? &attach_by_link : &attach_by_prog_attach;
	return host_has(FEATURE_TCX) ? &attach_by_link : &attach_by_netlink;
}

int cgroup_storage_write(struct attaching *at)
{
	int map = at->fw->map_fd[at->key.hook == HOOK_CGROUP_INGRESS ? MAP_CGROUP_IN : MAP_CGROUP_OUT];
	struct bpf_cgroup_storage_key key = {
		.cgroup_inode_id = at->key.cgroup_id,
		.attach_type = hook_cgroup_type(at->key.hook),
	};
	struct fw_cgroup value = { .container = at->record.container };

	return sys_bpf_map_update(map, &key, &value, BPF_EXIST);
}

static int open_program(struct attaching *at)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/bulkhead/progs/%s", at->fw->options->bpffs, hook_program(at->key.hook));
	at->prog_fd = sys_bpf_obj_get(path);
	if (at->prog_fd < 0)
		return error_set(at->err, at->prog_fd, "%s: the program cannot be opened: %s: run `bulkhead up` again",
				 path, strerror(-at->prog_fd));
	return 0;
}

static void name_pin(struct attaching *at)
{
	const char *bpffs = at->fw->options->bpffs, *hook = hooks[at->key.hook].pin;

	if (hook_is_cgroup(at->key.hook))
		snprintf(at->pin, sizeof(at->pin), "%s/bulkhead/links/%s-cgroup%llu", bpffs, hook,
			 (unsigned long long)at->key.cgroup_id);
	else
		snprintf(at->pin, sizeof(at->pin), "%s/bulkhead/links/%s-dev%u", bpffs, hook, at->key.ifindex);
}

static int attaching_begin(struct attaching *at, struct netlink *netlink)
{
	int code;

	at->netlink = netlink;
	name_pin(at);
	code = open_program(at);
	if (code)
		return code;
	code = netlink_open(netlink);
	if (code) {
		close(at->prog_fd);
		error_set(at->err, code, "netlink: %s", strerror(-code));
	}
	return code;
}

static void attaching_end(struct attaching *at)
{
	close(at->prog_fd);
	netlink_close(at->netlink);
}

static int explain(struct attaching *at, int code)
{
	const char *program = hook_program(at->key.hook), *target = at->record.ifname;

	if (code == -EEXIST)
		return error_set(at->err, code,
				 "%s: somebody else's program is on this hook of %s: it stays: take it off "
				 "first (`ip link set dev %s xdp off`), or choose another device",
				 program, target, target);
	if (code == -EPERM)
		return error_set(at->err, code, "%s: %s: this needs root, or CAP_BPF and CAP_NET_ADMIN", program,
				 target);
	return error_set(at->err, code, "%s: it cannot be attached to %s: %s%s%s", program, target, strerror(-code),
			 at->netlink->why[0] ? ": " : "", at->netlink->why);
}

static int record_write(struct attaching *at)
{
	int code = sys_bpf_map_update(at->fw->map_fd[MAP_ATTACHMENTS], &at->key, &at->record, BPF_ANY);

	if (code)
		error_set(at->err, code, "the attachment of %s cannot be recorded: %s", at->record.ifname,
			  strerror(-code));
	return code;
}

/*
 * The record is written first, so that whatever a killed command has made is found by the next; of a link that was not
 * pinned yet only the record is left, and detaching that is no error.
 */
static int attach_new(struct attaching *at)
{
	const struct attach_method *method = method_for(at->key.hook);
	int code;

	at->record.how = method->how;
	code = record_write(at);
	if (code)
		return code;
	code = method->attach(at);
	if (!code)
		return record_write(at);
	sys_bpf_map_delete(at->fw->map_fd[MAP_ATTACHMENTS], &at->key);
	return code;
}

/* Puts the pinned program on a hook; what is ours there is replaced in place, or made anew where it has gone. */
static int attach_hook(struct attaching *at)
{
	struct fw_attachment old;
	struct netlink netlink;
	int code = attaching_begin(at, &netlink);

	if (code)
		return code;
	code = sys_bpf_map_lookup(at->fw->map_fd[MAP_ATTACHMENTS], &at->key, &old);
	if (!code && old.container == at->record.container) {
		at->record = old;
		code = method_of(old.how)->replace(at);
	} else {
		code = -ENOENT;
	}
	if (code)
		code = attach_new(at);
	if (code && !at->err->code)
		explain(at, code);
	attaching_end(at);
	return code;
}

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

static int detach_hook(struct attaching *at)
{
	struct cgroup cgroup = { .fd = -1 };
	struct netlink netlink;
	int code;

	open_cgroup_of(at, &cgroup);
	code = attaching_begin(at, &netlink);
	if (code)
		return code;
	code = method_of(at->record.how)->detach(at);
	if (code)
		error_set(at->err, code, "%s: it cannot be taken off %s: %s", hook_program(at->key.hook),
			  at->record.ifname, strerror(-code));
	else
		sys_bpf_map_delete(at->fw->map_fd[MAP_ATTACHMENTS], &at->key);
	attaching_end(at);
	cgroup_close(&cgroup);
	return code;
}

static void attaching_on_device(struct attaching *at, struct firewall *fw, enum hook hook, int ifindex, __u32 container,
				struct error *err)
{
	memset(at, 0, sizeof(*at));
	at->fw = fw;
	at->err = err;
	at->cgroup_fd = -1;
	at->key.ifindex = (__u32)ifindex;
	at->key.hook = hook;
	at->record.container = container;
	if (!if_indextoname((unsigned)ifindex, at->record.ifname))
		snprintf(at->record.ifname, sizeof(at->record.ifname), "if%d", ifindex);
}

/* Takes off again what one call had put on: the hooks before `failed` that were not there before it. */
static void undo(struct attaching *made, int n)
{
	struct error ignored;

	while (n-- > 0) {
		memset(&ignored, 0, sizeof(ignored));
		made[n].err = &ignored;
		detach_hook(&made[n]);
	}
}

static bool is_recorded(const struct attaching *at)
{
	struct fw_attachment old;

	return !sys_bpf_map_lookup(at->fw->map_fd[MAP_ATTACHMENTS], &at->key, &old);
}

static int attach_hooks(struct attaching *at, int n)
{
	struct attaching made[4];
	int i, n_made = 0, code = 0;

	for (i = 0; !code && i < n; i++) {
		bool was_there = is_recorded(&at[i]);

		code = attach_hook(&at[i]);
		if (!code && !was_there)
			made[n_made++] = at[i];
	}
	if (code)
		undo(made, n_made);
	return code;
}

/* Which errors of a native attach say that the driver cannot, so that generic mode is the best there is. */
static bool driver_cannot(int code)
{
	return code == -EOPNOTSUPP || code == -EINVAL || code == -ENOTSUP || code == -ERANGE;
}

static int attach_xdp(struct firewall *fw, int ifindex, enum xdp_mode mode, struct error *err)
{
	struct error first = { 0 };
	struct attaching at;
	int code;

	attaching_on_device(&at, fw, HOOK_XDP, ifindex, 0, mode == XDP_MODE_AUTO ? &first : err);
	at.record.mode = mode == XDP_MODE_GENERIC ? XDP_MODE_GENERIC : XDP_MODE_NATIVE;
	code = attach_hook(&at);
	if (!code || mode != XDP_MODE_AUTO)
		return code;
	if (!driver_cannot(code))
		return error_set(err, code, "%s", first.text);
	attaching_on_device(&at, fw, HOOK_XDP, ifindex, 0, err);
	at.record.mode = XDP_MODE_GENERIC;
	return attach_hook(&at);
}

int attach_uplink(struct firewall *fw, int ifindex, enum xdp_mode mode, struct error *err)
{
	struct attaching xdp, limit;
	bool was_there;
	__u32 index = (__u32)ifindex, container;
	int code;

	if (!sys_bpf_map_lookup(fw->map_fd[MAP_CONTAINER_DEVS], &index, &container))
		return error_set(err, -EBUSY,
				 "device %d: it belongs to a container, and cannot be an uplink too: detach it "
				 "first",
				 ifindex);
	attaching_on_device(&xdp, fw, HOOK_XDP, ifindex, 0, err);
	was_there = is_recorded(&xdp);
	code = attach_xdp(fw, ifindex, mode, err);
	if (code)
		return code;
	attaching_on_device(&limit, fw, HOOK_UPLINK_RATE_LIMIT, ifindex, 0, err);
	code = attach_hook(&limit);
	if (code && !was_there && !sys_bpf_map_lookup(fw->map_fd[MAP_ATTACHMENTS], &xdp.key, &xdp.record))
		undo(&xdp, 1);
	return code;
}

/* tcx puts each before the others, so the one that is to run first is attached last. */
int attach_device(struct firewall *fw, int ifindex, __u32 container, struct error *err)
{
	static const enum hook order[] = { HOOK_TC_EGRESS, HOOK_TC_INGRESS, HOOK_TC_DNS, HOOK_TC_RATE_LIMIT };
	struct attaching at[4];
	size_t i;

	for (i = 0; i < 4; i++)
		attaching_on_device(&at[i], fw, order[i], ifindex, container, err);
	if (!sys_bpf_map_lookup(fw->map_fd[MAP_ATTACHMENTS],
				&(struct fw_attachment_key) { .ifindex = (__u32)ifindex, .hook = HOOK_XDP },
				&at[0].record))
		return error_set(err, -EBUSY, "%s: it is an uplink, and cannot be a container's device too",
				 at[1].record.ifname);
	return attach_hooks(at, 4);
}

int attach_cgroup(struct firewall *fw, int cgroup_fd, __u64 cgroup_id, __u32 container, struct error *err)
{
	static const enum hook order[] = { HOOK_CGROUP_INGRESS, HOOK_CGROUP_EGRESS };
	struct attaching at[2];
	size_t i;

	for (i = 0; i < 2; i++) {
		memset(&at[i], 0, sizeof(at[i]));
		at[i].fw = fw;
		at[i].err = err;
		at[i].cgroup_fd = cgroup_fd;
		at[i].key.cgroup_id = cgroup_id;
		at[i].key.hook = order[i];
		at[i].record.container = container;
		snprintf(at[i].record.ifname, sizeof(at[i].record.ifname), "cgroup");
	}
	return attach_hooks(at, 2);
}

/* ---- all of them ---- */

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

static int entries_read(struct firewall *fw, struct entries *entries)
{
	const struct fw_attachment_key *last = NULL;
	struct fw_attachment_key key;
	int map = fw->map_fd[MAP_ATTACHMENTS];

	memset(entries, 0, sizeof(*entries));
	while (!sys_bpf_map_next_key(map, last, &key)) {
		if (entries->n == entries->room) {
			size_t room = entries->room ? 2 * entries->room : 64;
			void *grown = realloc(entries->item, room * sizeof(*entries->item));

			if (!grown)
				return -ENOMEM;
			entries->item = grown;
			entries->room = room;
		}
		entries->item[entries->n].key = key;
		last = &key;
		if (!sys_bpf_map_lookup(map, &key, &entries->item[entries->n].record))
			entries->n++;
	}
	if (entries->n)
		qsort(entries->item, entries->n, sizeof(*entries->item), compare_entries);
	return 0;
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

/* Backwards, so that a device's qdisc is let go of by the hook that made it, which was the first. */
static int detach_those(struct firewall *fw, bool all, __u32 container, struct error *err)
{
	struct entries entries;
	int code = entries_read(fw, &entries), result;
	struct attaching at;
	size_t i;

	for (i = entries.n; i-- > 0;) {
		if (!all && entries.item[i].record.container != container)
			continue;
		attaching_of(&at, fw, &entries.item[i], err);
		result = detach_hook(&at);
		code = code ? code : result;
	}
	free(entries.item);
	return code;
}

int detach_container(struct firewall *fw, __u32 container, struct error *err)
{
	return detach_those(fw, false, container, err);
}

int detach_all(struct firewall *fw, struct error *err)
{
	return detach_those(fw, true, 0, err);
}

/* A device or cgroup that has gone has taken its attachment along: the record goes too. */
static int replace_one(struct attaching *at)
{
	struct cgroup cgroup = { .fd = -1 };
	struct netlink netlink;
	int code;

	open_cgroup_of(at, &cgroup);
	code = attaching_begin(at, &netlink);
	if (code)
		return code;
	code = method_of(at->record.how)->replace(at);
	if (code == -ENODEV || code == -ENOLINK || code == -ENOENT || code == -EBADF)
		code = 0;
	if (code)
		explain(at, code);
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
