/* SPDX-License-Identifier: GPL-2.0 */
/* Network devices. */
#include "syscalls/netlink.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>

#include "syscalls/netlink_message.h"

#ifndef RTEXT_FILTER_SKIP_STATS
#define RTEXT_FILTER_SKIP_STATS (1 << 3)
#endif

static void read_xdp(struct attributes xdp, struct link_info *out)
{
	static const __u16 ids[] = { IFLA_XDP_PROG_ID, IFLA_XDP_DRV_PROG_ID, IFLA_XDP_SKB_PROG_ID,
				     IFLA_XDP_HW_PROG_ID };
	size_t i;

	out->xdp_mode = attributes_u8(xdp, IFLA_XDP_ATTACHED, XDP_ATTACHED_NONE);
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]) && !out->xdp_prog_id; i++)
		out->xdp_prog_id = attributes_u32(xdp, ids[i], 0);
}

static int read_link(const struct nlmsghdr *message, struct link_info *out)
{
	const struct ifinfomsg *head = message_head(message, sizeof(*head));
	struct attributes list = message_attributes(message, sizeof(*head));
	const struct nlattr *mac = attributes_find(list, IFLA_ADDRESS);

	if (!head || message->nlmsg_type != RTM_NEWLINK)
		return -EPROTO;
	memset(out, 0, sizeof(*out));
	out->ifindex = head->ifi_index;
	out->flags = head->ifi_flags;
	out->mtu = attributes_u32(list, IFLA_MTU, 0);
	out->peer_ifindex = (int)attributes_u32(list, IFLA_LINK, 0);
	out->peer_netns_id = (int)attributes_u32(list, IFLA_LINK_NETNSID, (__u32)-1);
	attributes_string(list, IFLA_IFNAME, out->name, sizeof(out->name));
	attributes_string(attribute_nested(attributes_find(list, IFLA_LINKINFO)), IFLA_INFO_KIND, out->kind,
			  sizeof(out->kind));
	if (mac && attribute_size(mac) == sizeof(out->mac))
		memcpy(out->mac, attribute_data(mac), sizeof(out->mac));
	read_xdp(attribute_nested(attributes_find(list, IFLA_XDP)), out);
	return 0;
}

static void begin_get(struct request *request, __u16 flags, int ifindex)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };

	request_begin(request, RTM_GETLINK, flags, &head, sizeof(head));
	request_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

static int get_link(struct netlink *netlink, struct request *request, struct link_info *out)
{
	struct reply reply = { 0 };
	int result = netlink_exchange(netlink, request, &reply);
	const struct nlmsghdr *message = reply_next(&reply, NULL);

	if (!result)
		result = message ? read_link(message, out) : -ENODEV;
	reply_free(&reply);
	return result;
}

int netlink_link_get(struct netlink *netlink, int ifindex, struct link_info *out)
{
	struct request request;

	if (ifindex <= 0)
		return -ENODEV;
	begin_get(&request, 0, ifindex);
	return get_link(netlink, &request, out);
}

int netlink_link_by_name(struct netlink *netlink, const char *name, struct link_info *out)
{
	struct request request;

	if (!*name || strlen(name) >= IF_NAMESIZE)
		return -ENODEV;
	begin_get(&request, 0, 0);
	request_put_string(&request, IFLA_IFNAME, name);
	return get_link(netlink, &request, out);
}

int netlink_link_each(struct netlink *netlink, int (*visit)(const struct link_info *, void *), void *context)
{
	const struct nlmsghdr *message = NULL;
	struct reply reply = { 0 };
	struct request request;
	struct link_info link;
	int result;

	begin_get(&request, NLM_F_DUMP, 0);
	result = netlink_exchange(netlink, &request, &reply);
	while (!result && (message = reply_next(&reply, message))) {
		result = read_link(message, &link);
		if (!result)
			result = visit(&link, context);
	}
	reply_free(&reply);
	return result;
}

int netlink_netns_id(struct netlink *netlink, int netns_fd, int *id)
{
	struct rtgenmsg head = { .rtgen_family = AF_UNSPEC };
	struct request request;

	request_begin(&request, RTM_GETNSID, 0, &head, sizeof(head));
	request_put_u32(&request, NETNSA_FD, (__u32)netns_fd);
	return netlink_ask_number(netlink, &request, sizeof(head), NETNSA_NSID, (__u32)-1, id);
}
