/* SPDX-License-Identifier: GPL-2.0 */
/* Traffic control: the clsact qdisc, and cls_bpf filters in it. */
#include "syscalls/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>

#include "syscalls/netlink_message.h"

/* Names the qdisc by kind too, so that an `ingress` qdisc, which has the same parent, is not taken for it. */
static int clsact_request(struct netlink *netlink, int ifindex, __u16 type, __u16 flags)
{
	struct tcmsg head = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
		.tcm_parent = TC_H_CLSACT,
	};
	struct request request;

	request_begin(&request, type, flags, &head, sizeof(head));
	request_put_string(&request, TCA_KIND, "clsact");
	return netlink_exchange(netlink, &request, NULL);
}

int netlink_clsact_add(struct netlink *netlink, int ifindex)
{
	return clsact_request(netlink, ifindex, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL);
}

int netlink_clsact_delete(struct netlink *netlink, int ifindex)
{
	return clsact_request(netlink, ifindex, RTM_DELQDISC, 0);
}

int netlink_clsact_present(struct netlink *netlink, int ifindex)
{
	return clsact_request(netlink, ifindex, RTM_GETQDISC, 0) == 0;
}

static void begin_filter(struct request *request, __u16 type, __u16 flags, const struct tc_filter *filter)
{
	struct tcmsg head = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = filter->ifindex,
		.tcm_handle = filter->handle,
		.tcm_parent = TC_H_MAKE(TC_H_CLSACT, filter->egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS),
		.tcm_info = TC_H_MAKE(filter->prio << 16, htons(ETH_P_ALL)),
	};

	request_begin(request, type, flags, &head, sizeof(head));
}

int netlink_filter_set(struct netlink *netlink, const struct tc_filter *filter, int prog_fd, bool replace)
{
	struct request request;
	size_t options;

	begin_filter(&request, RTM_NEWTFILTER, NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL), filter);
	request_put_string(&request, TCA_KIND, "bpf");
	options = request_nest_begin(&request, TCA_OPTIONS);
	request_put_u32(&request, TCA_BPF_FD, (__u32)prog_fd);
	request_put_string(&request, TCA_BPF_NAME, filter->name);
	request_put_u32(&request, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	request_nest_end(&request, options);
	return netlink_exchange(netlink, &request, NULL);
}

int netlink_filter_delete(struct netlink *netlink, const struct tc_filter *filter)
{
	struct request request;

	if (!filter->prio || !filter->handle) /* the kernel would take everybody's */
		return -EINVAL;
	begin_filter(&request, RTM_DELTFILTER, 0, filter);
	request_put_string(&request, TCA_KIND, "bpf");
	return netlink_exchange(netlink, &request, NULL);
}

/* Whether the message is a filter, and not the head of one priority's list. */
static bool read_filter(const struct nlmsghdr *message, bool egress, struct tc_filter *out)
{
	const struct tcmsg *head = message_head(message, sizeof(*head));
	struct attributes list = message_attributes(message, sizeof(*head));
	struct attributes options = attribute_nested(attributes_find(list, TCA_OPTIONS));

	if (!head || message->nlmsg_type != RTM_NEWTFILTER || !head->tcm_handle)
		return false;
	memset(out, 0, sizeof(*out));
	out->ifindex = head->tcm_ifindex;
	out->egress = egress;
	out->prio = TC_H_MAJ(head->tcm_info) >> 16;
	out->handle = head->tcm_handle;
	attributes_string(list, TCA_KIND, out->kind, sizeof(out->kind));
	if (!strcmp(out->kind, "bpf")) {
		out->prog_id = attributes_u32(options, TCA_BPF_ID, 0);
		attributes_string(options, TCA_BPF_NAME, out->name, sizeof(out->name));
	}
	return true;
}

int netlink_filter_each(struct netlink *netlink, int ifindex, bool egress,
			int (*visit)(const struct tc_filter *, void *), void *context)
{
	struct tcmsg head = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_parent = TC_H_MAKE(TC_H_CLSACT, egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS),
	};
	const struct nlmsghdr *message = NULL;
	struct tc_filter filter;
	struct reply reply = { 0 };
	struct request request;
	int result;

	request_begin(&request, RTM_GETTFILTER, NLM_F_DUMP, &head, sizeof(head));
	result = netlink_exchange(netlink, &request, &reply);
	while (!result && (message = reply_next(&reply, message))) {
		if (read_filter(message, egress, &filter))
			result = visit(&filter, context);
	}
	reply_free(&reply);
	return result;
}
