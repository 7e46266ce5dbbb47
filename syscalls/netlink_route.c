/* SPDX-License-Identifier: GPL-2.0 */
/* Where the kernel would send a packet. */
#include "syscalls/netlink.h"

#include <errno.h>
#include <sys/socket.h>

#include "syscalls/netlink_message.h"

int netlink_route_device(struct netlink *netlink, __u8 family, const __u8 *addr, int *ifindex)
{
	size_t size = family == 4 ? 4 : 16;
	struct rtmsg head = { .rtm_family = family == 4 ? AF_INET : AF_INET6, .rtm_dst_len = (__u8)(8 * size) };
	const struct nlmsghdr *message;
	struct reply reply = { 0 };
	struct request request;
	int result;

	request_begin(&request, RTM_GETROUTE, 0, &head, sizeof(head));
	request_put(&request, RTA_DST, addr, size);
	result = netlink_exchange(netlink, &request, &reply);
	message = reply_next(&reply, NULL);
	if (!result && !message)
		result = -EPROTO;
	if (!result)
		*ifindex = (int)attributes_u32(message_attributes(message, sizeof(head)), RTA_OIF, 0);
	reply_free(&reply);
	return result;
}
