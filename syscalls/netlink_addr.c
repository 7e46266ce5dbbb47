/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses of network devices. */
#include "syscalls/netlink.h"

#include <string.h>
#include <sys/socket.h>
#include <linux/if_addr.h>

#include "syscalls/netlink_message.h"

/* Whether the message is an address of a family known here. */
static bool read_addr(const struct nlmsghdr *message, struct addr_info *out)
{
	const struct ifaddrmsg *head = message_head(message, sizeof(*head));
	struct attributes list = message_attributes(message, sizeof(*head));
	const struct nlattr *addr = attributes_find(list, IFA_LOCAL);
	size_t size;

	if (!addr) /* IFA_ADDRESS is the other end's, on a point-to-point device, where both are given */
		addr = attributes_find(list, IFA_ADDRESS);
	if (!head || !addr || message->nlmsg_type != RTM_NEWADDR)
		return false;
	size = head->ifa_family == AF_INET ? 4 : 16;
	if ((head->ifa_family != AF_INET && head->ifa_family != AF_INET6) || attribute_size(addr) < size)
		return false;
	memset(out, 0, sizeof(*out));
	out->ifindex = (int)head->ifa_index;
	out->family = head->ifa_family == AF_INET ? 4 : 6;
	out->prefixlen = head->ifa_prefixlen;
	out->scope = head->ifa_scope;
	memcpy(out->addr, attribute_data(addr), size);
	return true;
}

int netlink_addr_each(struct netlink *netlink, int (*visit)(const struct addr_info *, void *), void *context)
{
	struct ifaddrmsg head = { .ifa_family = AF_UNSPEC };
	const struct nlmsghdr *message = NULL;
	struct reply reply = { 0 };
	struct request request;
	struct addr_info addr;
	int result;

	request_begin(&request, RTM_GETADDR, NLM_F_DUMP, &head, sizeof(head));
	result = netlink_exchange(netlink, &request, &reply);
	while (!result && (message = reply_next(&reply, message))) {
		if (read_addr(message, &addr))
			result = visit(&addr, context);
	}
	reply_free(&reply);
	return result;
}
