/* SPDX-License-Identifier: GPL-2.0 */
/* XDP programs by netlink: for kernels without XDP links, and for what others attached so. */
#include "syscalls/netlink.h"

#include <sys/socket.h>
#include <linux/if_link.h>

#include "syscalls/netlink_message.h"

int netlink_xdp_set(struct netlink *netlink, int ifindex, int prog_fd, int expected_fd, __u32 flags)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };
	struct request request;
	size_t xdp;

	if (expected_fd >= 0)
		flags |= XDP_FLAGS_REPLACE;
	request_begin(&request, RTM_SETLINK, 0, &head, sizeof(head));
	xdp = request_nest_begin(&request, IFLA_XDP);
	request_put_u32(&request, IFLA_XDP_FD, (__u32)prog_fd);
	if (flags)
		request_put_u32(&request, IFLA_XDP_FLAGS, flags);
	if (expected_fd >= 0)
		request_put_u32(&request, IFLA_XDP_EXPECTED_FD, (__u32)expected_fd);
	request_nest_end(&request, xdp);
	return netlink_exchange(netlink, &request, NULL);
}
