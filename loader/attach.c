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
#include "loader/device.h"
#include "loader/host_features.h"
#include "loader/kernel_map.h"
#include "loader/pins.h"
#include "loader/programs.h"
#include "loader/report.h"
#include "syscalls/bpf.h"

struct hook_facts {
	const char *program, *layer, *pin;
	bool is_cgroup, is_egress;
	__u32 cgroup_type;
	enum fw_map storage; /* of a cgroup's program: where its container is told */
};

static const struct hook_facts hooks[HOOK_N] = {
	[HOOK_XDP] = { "xdp_firewall", "xdp", "xdp", false, false, 0, 0 },
	[HOOK_UPLINK_RATE_LIMIT] = { "rate_limit", "tc", "uplink_rate_limit", false, false, 0, 0 },
	[HOOK_TC_RATE_LIMIT] = { "rate_limit", "tc", "rate_limit", false, false, 0, 0 },
	[HOOK_TC_DNS] = { "dns_filter", "tc", "dns_filter", false, false, 0, 0 },
	[HOOK_TC_INGRESS] = { "tc_ingress", "tc", "tc_ingress", false, false, 0, 0 },
	[HOOK_TC_EGRESS] = { "tc_egress", "tc", "tc_egress", false, true, 0, 0 },
	[HOOK_CGROUP_INGRESS] = { "cgroup_ingress", "cgroup", "cgroup_ingress", true, false, BPF_CGROUP_INET_INGRESS,
				  MAP_CGROUP_IN },
	[HOOK_CGROUP_EGRESS] = { "cgroup_egress", "cgroup", "cgroup_egress", true, true, BPF_CGROUP_INET_EGRESS,
				 MAP_CGROUP_OUT },
	[HOOK_CGROUP_DNS] = { "cgroup_dns", "cgroup", "cgroup_dns", true, true, BPF_CGROUP_INET_EGRESS,
			      MAP_CGROUP_QUERIES },
	[HOOK_CGROUP_CONNECT4] = { "cgroup_connect4", "cgroup", "cgroup_connect4", true, true, BPF_CGROUP_INET4_CONNECT,
				   MAP_CGROUP_CONNECT4 },
	[HOOK_CGROUP_CONNECT6] = { "cgroup_connect6", "cgroup", "cgroup_connect6", true, true, BPF_CGROUP_INET6_CONNECT,
				   MAP_CGROUP_CONNECT6 },
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

const struct attach_method *attach_method_of(enum fw_how how)
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
	int map = at->fw->map_fd[hooks[at->key.hook].storage];
	struct bpf_cgroup_storage_key key = {
		.cgroup_inode_id = at->key.cgroup_id,
		.attach_type = hook_cgroup_type(at->key.hook),
	};
	struct fw_cgroup value = { .container = at->record.container };

	if (!host_has(FEATURE_SHARED_STORAGE)) /* the program itself knows its container */
		return 0;
	return sys_bpf_map_update(map, &key, &value, BPF_EXIST);
}

/* The pinned program; where cgroups store nothing, one that is made for the container. */
static int open_program(struct attaching *at)
{
	char path[PIN_PATH_MAX];

	if (hook_is_cgroup(at->key.hook) && !host_has(FEATURE_SHARED_STORAGE)) {
		at->prog_fd = program_for_container(at->fw, at->key.hook, at->record.container, at->err);
		return at->prog_fd < 0 ? at->prog_fd : 0;
	}
	at->prog_fd = pin_open(at->fw->options, "progs", hook_program(at->key.hook));
	if (at->prog_fd >= 0)
		return 0;
	pin_path(at->fw->options, path, "progs", hook_program(at->key.hook));
	return error_set(at->err, at->prog_fd, "%s: the program cannot be opened: %s: run `bulkhead up` again", path,
			 strerror(-at->prog_fd));
}

void attaching_name_pin(struct attaching *at)
{
	const char *bpffs = at->fw->options->bpffs, *hook = hooks[at->key.hook].pin;

	if (hook_is_cgroup(at->key.hook))
		snprintf(at->pin, sizeof(at->pin), "%s/bulkhead/links/%s-cgroup%llu", bpffs, hook,
			 (unsigned long long)at->key.cgroup_id);
	else
		snprintf(at->pin, sizeof(at->pin), "%s/bulkhead/links/%s-dev%u", bpffs, hook, at->key.ifindex);
}

int attaching_begin(struct attaching *at, struct netlink *netlink, bool removing)
{
	int code;

	at->netlink = netlink;
	attaching_name_pin(at);
	if (removing)
		at->prog_fd = pin_open(at->fw->options, "progs", hook_program(at->key.hook));
	code = removing ? 0 : open_program(at);
	if (code)
		return code;
	code = netlink_open(netlink);
	if (code) {
		close(at->prog_fd);
		error_set(at->err, code, "netlink: %s", strerror(-code));
	}
	return code;
}

void attaching_end(struct attaching *at)
{
	if (at->prog_fd >= 0)
		close(at->prog_fd);
	netlink_close(at->netlink);
}

int attaching_explain(struct attaching *at, int code)
{
	const char *program = hook_program(at->key.hook), *target = at->record.ifname;
	const char *way = hook_is_egress(at->key.hook) ? "egress" : "ingress";

	if (code == -EEXIST && at->key.hook == HOOK_XDP)
		return error_set(at->err, code,
				 "%s: somebody else's program is on this hook of %s: it stays: take it off "
				 "first (`ip link set dev %s xdp off`), or choose another device",
				 program, target, target);
	if (code == -EEXIST)
		return error_set(at->err, code,
				 "%s: somebody else's filter is in the way on %s: it stays: take it off first (see "
				 "`tc filter show dev %s %s`), or choose another device",
				 program, target, target, way);
	if (code == -EPERM)
		return error_set(at->err, code, "%s: %s: this needs root, or CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN",
				 program, target);
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

/* Of a container that has gone from the hook: no two have one. */
static void take_off_stale(const struct attaching *at, const struct fw_attachment *old)
{
	struct attaching stale = *at;

	stale.record = *old;
	attach_method_of(old->how)->detach(&stale);
}

/* Puts the pinned program on a hook; what is ours there is replaced in place, or made anew where it has gone. */
static int attach_hook(struct attaching *at)
{
	struct fw_attachment old;
	struct netlink netlink;
	int code;

	kernel_memory_unlock(); /* a cgroup's storage is made by attaching */
	code = attaching_begin(at, &netlink, false);

	if (code)
		return code;
	code = sys_bpf_map_lookup(at->fw->map_fd[MAP_ATTACHMENTS], &at->key, &old);
	if (!code && old.container == at->record.container) {
		at->record = old;
		code = attach_method_of(old.how)->replace(at);
	} else {
		if (!code)
			take_off_stale(at, &old);
		code = -ENOENT;
	}
	if (code)
		code = attach_new(at);
	if (code && !at->err->code)
		attaching_explain(at, code);
	attaching_end(at);
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
		attaching_detach(&made[n]);
	}
}

static bool is_recorded(const struct attaching *at)
{
	struct fw_attachment old;

	return !sys_bpf_map_lookup(at->fw->map_fd[MAP_ATTACHMENTS], &at->key, &old);
}

static int attach_hooks(struct attaching *at, int n)
{
	struct attaching made[HOOK_N];
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
	return code == -EOPNOTSUPP || code == -EINVAL || code == -ERANGE;
}

/* A program cannot change over to another mode in place. */
static int leave_other_mode(struct firewall *fw, int ifindex, enum xdp_mode mode, __u8 *left, struct error *err)
{
	struct attaching at;

	*left = 0;
	attaching_on_device(&at, fw, HOOK_XDP, ifindex, 0, err);
	if (sys_bpf_map_lookup(fw->map_fd[MAP_ATTACHMENTS], &at.key, &at.record))
		return 0;
	if (mode == XDP_MODE_AUTO || mode == at.record.mode)
		return 0;
	*left = at.record.mode;
	return attaching_detach(&at);
}

static int attach_xdp_mode(struct firewall *fw, int ifindex, __u8 mode, struct error *err)
{
	struct attaching at;

	attaching_on_device(&at, fw, HOOK_XDP, ifindex, 0, err);
	at.record.mode = mode;
	return attach_hook(&at);
}

static int attach_xdp(struct firewall *fw, int ifindex, enum xdp_mode mode, struct error *err)
{
	struct error first = { 0 }, ignored = { 0 };
	__u8 left;
	int code = leave_other_mode(fw, ifindex, mode, &left, err);

	if (code)
		return code;
	code = attach_xdp_mode(fw, ifindex, mode == XDP_MODE_GENERIC ? XDP_MODE_GENERIC : XDP_MODE_NATIVE, &first);
	if (!code)
		return 0;
	if (mode == XDP_MODE_AUTO && driver_cannot(code))
		return attach_xdp_mode(fw, ifindex, XDP_MODE_GENERIC, err);
	if (left)
		attach_xdp_mode(fw, ifindex, left, &ignored);
	if (mode == XDP_MODE_NATIVE && driver_cannot(code))
		return error_set(err, code, "%s: the driver runs no XDP: write xdp auto or xdp generic", first.text);
	return error_set(err, code, "%s", first.text);
}

bool is_uplink(struct firewall *fw, int ifindex)
{
	struct attaching at;

	attaching_on_device(&at, fw, HOOK_XDP, ifindex, 0, NULL);
	return is_recorded(&at);
}

int detach_uplink(struct firewall *fw, int ifindex, struct error *err)
{
	static const enum hook hooks_there[] = { HOOK_UPLINK_RATE_LIMIT, HOOK_XDP };
	struct attaching at;
	size_t i;
	int code = 0;

	for (i = 0; i < 2; i++) {
		attaching_on_device(&at, fw, hooks_there[i], ifindex, 0, err);
		if (!sys_bpf_map_lookup(fw->map_fd[MAP_ATTACHMENTS], &at.key, &at.record))
			code = attaching_detach(&at) || code;
	}
	return code ? -EIO : 0;
}

int attach_uplink(struct firewall *fw, int ifindex, enum xdp_mode mode, struct error *err)
{
	struct attaching xdp, limit;
	char name[FW_NAME_MAX + 1];
	bool was_there;
	__u32 index = (__u32)ifindex, container;
	int code;

	attaching_on_device(&xdp, fw, HOOK_XDP, ifindex, 0, err);
	if (!sys_bpf_map_lookup(fw->map_fd[MAP_CONTAINER_DEVS], &index, &container))
		return error_set(err, -EBUSY,
				 "%s: it is the device of container %s, and cannot be an uplink too: detach that "
				 "first",
				 xdp.record.ifname, container_name_of(fw, container, name) ? "(gone)" : name);
	code = device_check_ethernet(xdp.record.ifname, err);
	if (code)
		return code;
	was_there = is_recorded(&xdp);
	code = attach_xdp(fw, ifindex, mode, err);
	if (code)
		return code;
	attaching_on_device(&limit, fw, HOOK_UPLINK_RATE_LIMIT, ifindex, 0, err);
	code = attach_hook(&limit);
	if (code == -EOPNOTSUPP) {
		report_remark(fw->options, "%s: XDP alone guards it, without a rate limit: %s", xdp.record.ifname,
			      err->text);
		memset(err, 0, sizeof(*err));
		return 0;
	}
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
	if (device_check_ethernet(at[1].record.ifname, err))
		return err->code;
	return attach_hooks(at, 4);
}

/* Whether the kernel has what this hook is for; what it lacks is done without. */
static bool has_hook(enum hook hook)
{
	if (hook == HOOK_CGROUP_DNS)
		return host_has_all(FEATURE_BIT(FEATURE_SHARED_STORAGE) | FEATURE_BIT(FEATURE_CGROUP_MARK));
	if (hook == HOOK_CGROUP_CONNECT4 || hook == HOOK_CGROUP_CONNECT6)
		return host_has_all(FEATURES_JUDGE_CONNECT);
	return true;
}

/* The programs of one kind run in the order in which they were attached. */
int attach_cgroup(struct firewall *fw, int cgroup_fd, __u64 cgroup_id, __u32 container, struct error *err)
{
	static const enum hook order[] = { HOOK_CGROUP_INGRESS, HOOK_CGROUP_DNS, HOOK_CGROUP_EGRESS,
					   HOOK_CGROUP_CONNECT4, HOOK_CGROUP_CONNECT6 };
	struct attaching at[HOOK_N];
	size_t i;
	int n = 0, code = cgroup_check_programs(fw->options, err);

	if (code)
		return code;
	for (i = 0; i < sizeof(order) / sizeof(*order); i++) {
		if (!has_hook(order[i]))
			continue;
		memset(&at[n], 0, sizeof(at[n]));
		at[n].fw = fw;
		at[n].err = err;
		at[n].cgroup_fd = cgroup_fd;
		at[n].key.cgroup_id = cgroup_id;
		at[n].key.hook = order[i];
		at[n].record.container = container;
		snprintf(at[n].record.ifname, sizeof(at[n].record.ifname), "cgroup");
		n++;
	}
	return attach_hooks(at, n);
}
