/* SPDX-License-Identifier: GPL-2.0 */
/* rtnetlink: XDP as an attribute of the device, TC as cls_bpf filters on a clsact qdisc. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#include "loader/attach_method.h"
#include "loader/host_features.h"
#include "loader/ownership.h"
#include "syscalls/bpf.h"

#define FILTER_HANDLE 0xb0a1
/* Each program has its own priority, so that they run in the order of the hooks. */
#define FILTER_PRIO(hook) (1 + (__u32)(hook))

static __u32 xdp_flags(const struct attaching *at)
{
	return at->record.mode == XDP_MODE_GENERIC ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
}

static void filter_of(const struct attaching *at, struct tc_filter *filter)
{
	memset(filter, 0, sizeof(*filter));
	filter->ifindex = (int)at->key.ifindex;
	filter->egress = hook_is_egress(at->key.hook);
	filter->prio = at->record.prio;
	filter->handle = at->record.handle;
	snprintf(filter->name, sizeof(filter->name), "bulkhead_%s", hook_program(at->key.hook));
}

/* Whether the device's qdisc was made for another of our filters. */
static bool made_qdisc_before(const struct attaching *at)
{
	struct fw_attachment_key key = at->key;
	struct fw_attachment other;

	for (key.hook = 1; key.hook < HOOK_N; key.hook++)
		if (key.hook != at->key.hook && !sys_bpf_map_lookup(at->fw->map_fd[MAP_ATTACHMENTS], &key, &other) &&
		    other.made_qdisc)
			return true;
	return false;
}

static int count_filter(const struct tc_filter *filter, void *context)
{
	(void)filter;
	++*(int *)context;
	return 0;
}

/* The qdisc goes where we made it and nobody else uses it. */
static void remove_unused_qdisc(struct attaching *at)
{
	int n = 0;

	if (!at->record.made_qdisc)
		return;
	if (netlink_filter_each(at->netlink, (int)at->key.ifindex, false, count_filter, &n) ||
	    netlink_filter_each(at->netlink, (int)at->key.ifindex, true, count_filter, &n))
		return; /* whose they are cannot be told: it stays */
	if (!n)
		netlink_clsact_delete(at->netlink, (int)at->key.ifindex);
}

static int attach_xdp(struct attaching *at)
{
	int code = netlink_xdp_set(at->netlink, (int)at->key.ifindex, at->prog_fd, -1,
				   xdp_flags(at) | XDP_FLAGS_UPDATE_IF_NOEXIST);

	return code == -EBUSY ? -EEXIST : code;
}

/* Traffic control says -ENOENT of a qdisc or classifier that it does not know; without it nobody takes the request. */
static int explain_lack(struct attaching *at, int code, const char *what, const char *option)
{
	if (code != -ENOENT && code != -EOPNOTSUPP)
		return code;
	return error_set(at->err, -EOPNOTSUPP,
			 "%s: it cannot be attached to %s: this kernel has no %s: it needs %s, or the tcx of Linux %s",
			 hook_program(at->key.hook), at->record.ifname, what, option, feature_since(FEATURE_TCX));
}

static int attach_filter(struct attaching *at)
{
	struct tc_filter filter;
	int code = netlink_clsact_add(at->netlink, (int)at->key.ifindex);

	if (code && code != -EEXIST)
		return explain_lack(at, code, "qdisc clsact", "CONFIG_NET_SCH_INGRESS (module sch_ingress)");
	at->record.made_qdisc = !code || made_qdisc_before(at);
	at->record.prio = FILTER_PRIO(at->key.hook);
	at->record.handle = FILTER_HANDLE;
	filter_of(at, &filter);
	code = netlink_filter_set(at->netlink, &filter, at->prog_fd, false);
	if (!code)
		return 0;
	code = explain_lack(at, code, "classifier bpf", "CONFIG_NET_CLS_BPF (module cls_bpf)");
	if (!at->err->code) /* while the kernel's words are there */
		attaching_explain(at, code);
	remove_unused_qdisc(at);
	return code;
}

static int netlink_attach(struct attaching *at)
{
	return at->key.hook == HOOK_XDP ? attach_xdp(at) : attach_filter(at);
}

/* Our program on the device's XDP hook, as a descriptor; -ENOENT: none is there, -EEXIST: somebody else's is. */
static int current_xdp(const struct attaching *at)
{
	struct link_info link;
	int code = netlink_link_get(at->netlink, (int)at->key.ifindex, &link), fd;

	if (code)
		return code;
	fd = link.xdp_prog_id ? sys_bpf_prog_by_id(link.xdp_prog_id) : -ENOENT;
	if (fd < 0 || program_is_ours(at->fw, HOOK_XDP, fd))
		return fd;
	close(fd);
	return -EEXIST;
}

/* Kernels before 5.7 know no expected program. */
static int set_xdp(struct attaching *at, int prog_fd, int expected)
{
	int code = netlink_xdp_set(at->netlink, (int)at->key.ifindex, prog_fd, expected, xdp_flags(at));

	if (code == -EINVAL)
		code = netlink_xdp_set(at->netlink, (int)at->key.ifindex, prog_fd, -1, xdp_flags(at));
	return code;
}

/* Of a qdisc that has gone, as a killed command leaves it, the kernel says that the request is wrong. */
static int replace_filter(struct attaching *at)
{
	struct tc_filter filter;
	int code;

	filter_of(at, &filter);
	code = netlink_filter_set(at->netlink, &filter, at->prog_fd, true);
	if (code == -EINVAL && !netlink_clsact_present(at->netlink, (int)at->key.ifindex))
		return -ENOENT;
	return code;
}

static int netlink_replace(struct attaching *at)
{
	int old, code;

	if (at->key.hook != HOOK_XDP)
		return replace_filter(at);
	old = current_xdp(at);
	if (old < 0)
		return old;
	code = set_xdp(at, at->prog_fd, old);
	close(old);
	return code;
}

static int detach_xdp(struct attaching *at)
{
	int old = current_xdp(at), code;

	if (old < 0)
		return old == -EEXIST ? 0 : old;
	code = set_xdp(at, -1, old);
	close(old);
	return code;
}

static int netlink_detach(struct attaching *at)
{
	struct tc_filter filter;
	int code;

	if (at->key.hook == HOOK_XDP) {
		code = detach_xdp(at);
	} else {
		filter_of(at, &filter);
		code = netlink_filter_delete(at->netlink, &filter);
		remove_unused_qdisc(at);
	}
	return code == -ENODEV || code == -ENOENT || code == -EINVAL ? 0 : code;
}

const struct attach_method attach_by_netlink = {
	.how = FW_HOW_NETLINK,
	.attach = netlink_attach,
	.replace = netlink_replace,
	.detach = netlink_detach,
};
