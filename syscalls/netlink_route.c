/* SPDX-License-Identifier: GPL-2.0 */
/* Where the kernel would send a packet. */
#include "syscalls/netlink.h"

#include <sys/socket.h>

#include "syscalls/netlink_message.h"

int netlink_route_device(struct netlink *netlink, __u8 family, const __u8 *addr, int *ifindex)
{
	size_t size = family == 4 ? 4 : 16;
	struct rtmsg head = { .rtm_family = family == 4 ? AF_INET : AF_INET6, .rtm_dst_len = (__u8)(8 * size) };
	struct request request;

	request_begin(&request, RTM_GETROUTE, 0, &head, sizeof(head));
	request_put(&request, RTA_DST, addr, size);
	return netlink_ask_number(netlink, &request, sizeof(head), RTA_OIF, 0, ifindex);
}
