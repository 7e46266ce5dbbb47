/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/packets/devices.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/veth.h>

#include "syscalls/netlink.h"
#include "syscalls/netlink_message.h"

static int exchange(struct request *request)
{
	struct netlink netlink;
	int code = netlink_open(&netlink);

	if (code)
		return code;
	code = netlink_exchange(&netlink, request, NULL);
	netlink_close(&netlink);
	return code;
}

/* About a device that is there, or is to be: name NULL. */
static int begin(struct request *request, __u16 type, __u16 flags, const char *name, unsigned raise)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_flags = raise, .ifi_change = raise };

	if (name)
		head.ifi_index = (int)if_nametoindex(name);
	request_begin(request, type, flags, &head, sizeof(head));
	return name && !head.ifi_index ? -ENODEV : 0;
}

static void put_u8(struct request *request, __u16 type, __u8 value)
{
	request_put(request, type, &value, sizeof(value));
}

/* ---- making ---- */

int veth_add(const char *name, const char *peer)
{
	const struct ifinfomsg head = { 0 };
	struct request request;
	size_t info, data, end;

	begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, NULL, 0);
	request_put_string(&request, IFLA_IFNAME, name);
	info = request_nest_begin(&request, IFLA_LINKINFO);
	request_put_string(&request, IFLA_INFO_KIND, "veth");
	data = request_nest_begin(&request, IFLA_INFO_DATA);
	end = request.header.nlmsg_len - sizeof(request.header);
	request_put(&request, VETH_INFO_PEER, &head, sizeof(head));
	request_put_string(&request, IFLA_IFNAME, peer);
	request_nest_end(&request, end);
	request_nest_end(&request, data);
	request_nest_end(&request, info);
	return exchange(&request);
}

int bridge_add(const char *name)
{
	struct request request;
	size_t info, data;

	begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, NULL, 0);
	request_put_string(&request, IFLA_IFNAME, name);
	info = request_nest_begin(&request, IFLA_LINKINFO);
	request_put_string(&request, IFLA_INFO_KIND, "bridge");
	data = request_nest_begin(&request, IFLA_INFO_DATA);
	request_put_u32(&request, IFLA_BR_STP_STATE, 0);
	put_u8(&request, IFLA_BR_MCAST_SNOOPING, 0);
	request_nest_end(&request, data);
	request_nest_end(&request, info);
	return exchange(&request);
}

int device_delete(const char *name)
{
	struct request request;
	int code = begin(&request, RTM_DELLINK, 0, name, 0);

	return code ? code : exchange(&request);
}

/* ---- changing ---- */

int device_move(const char *name, int netns_fd)
{
	struct request request;
	int code = begin(&request, RTM_NEWLINK, 0, name, 0);

	request_put_u32(&request, IFLA_NET_NS_FD, (__u32)netns_fd);
	return code ? code : exchange(&request);
}

int device_up(const char *name, const __u8 mac[6], unsigned mtu)
{
	struct request request;
	int code = begin(&request, RTM_NEWLINK, 0, name, IFF_UP);

	if (mac)
		request_put(&request, IFLA_ADDRESS, mac, 6);
	if (mtu)
		request_put_u32(&request, IFLA_MTU, mtu);
	return code ? code : exchange(&request);
}

static int enslave(const char *bridge, const char *name)
{
	struct request request;
	int code = begin(&request, RTM_NEWLINK, 0, name, 0);

	request_put_u32(&request, IFLA_MASTER, if_nametoindex(bridge));
	return code ? code : exchange(&request);
}

static int keep_quiet(const char *name)
{
	static const __u16 off[] = { IFLA_BRPORT_LEARNING, IFLA_BRPORT_UNICAST_FLOOD, IFLA_BRPORT_MCAST_FLOOD,
				     IFLA_BRPORT_BCAST_FLOOD };
	struct request request;
	size_t info, data;
	unsigned i;
	int code = begin(&request, RTM_NEWLINK, 0, name, 0);

	info = request_nest_begin(&request, IFLA_LINKINFO);
	request_put_string(&request, IFLA_INFO_SLAVE_KIND, "bridge");
	data = request_nest_begin(&request, IFLA_INFO_SLAVE_DATA);
	for (i = 0; i < sizeof(off) / sizeof(*off); i++)
		put_u8(&request, off[i], 0);
	request_nest_end(&request, data);
	request_nest_end(&request, info);
	return code ? code : exchange(&request);
}

static int forward(const char *name, const __u8 mac[6])
{
	const struct ndmsg head = { .ndm_family = AF_BRIDGE,
				    .ndm_ifindex = (int)if_nametoindex(name),
				    .ndm_state = NUD_NOARP | NUD_REACHABLE,
				    .ndm_flags = NTF_MASTER };
	struct request request;

	request_begin(&request, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	request_put(&request, NDA_LLADDR, mac, 6);
	return exchange(&request);
}

int bridge_port_add(const char *bridge, const char *name, const __u8 mac[6], unsigned mtu)
{
	int code = enslave(bridge, name);

	if (!code)
		code = device_up(name, NULL, mtu);
	if (!code)
		code = forward(name, mac);
	return code ? code : keep_quiet(name);
}

/* ---- addresses ---- */

/* Its size, 0: it is no address. */
static size_t read_address(const char *text, int *family, __u8 addr[16])
{
	*family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(*family, text, addr) != 1)
		return 0;
	return *family == AF_INET6 ? 16 : 4;
}

int address_add(const char *name, const char *address)
{
	struct ifaddrmsg head = { .ifa_index = if_nametoindex(name), .ifa_flags = IFA_F_NODAD };
	struct request request;
	char text[64], *slash;
	__u8 addr[16];
	size_t size;
	int family;

	snprintf(text, sizeof(text), "%s", address);
	slash = strchr(text, '/');
	if (!slash)
		return -EINVAL;
	*slash = 0;
	size = read_address(text, &family, addr);
	head.ifa_family = (__u8)family;
	head.ifa_prefixlen = (__u8)atoi(slash + 1);
	request_begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	request_put(&request, IFA_LOCAL, addr, size);
	request_put(&request, IFA_ADDRESS, addr, size);
	return size ? exchange(&request) : -EINVAL;
}

int default_route_add(const char *gateway)
{
	struct rtmsg head = { .rtm_table = RT_TABLE_MAIN,
			      .rtm_protocol = RTPROT_BOOT,
			      .rtm_scope = RT_SCOPE_UNIVERSE,
			      .rtm_type = RTN_UNICAST };
	struct request request;
	__u8 addr[16];
	size_t size;
	int family;

	size = read_address(gateway, &family, addr);
	head.rtm_family = (__u8)family;
	request_begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	request_put(&request, RTA_GATEWAY, addr, size);
	return size ? exchange(&request) : -EINVAL;
}

/* ---- settings ---- */

void sysctl_set(const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, value, strlen(value)) < 0)
		printf("# %s: cannot be set to %s: %s\n", path, value, strerror(errno));
	close(fd);
}

void ipv6_disable(void)
{
	sysctl_set("net/ipv6/conf/all/disable_ipv6", "1");
	sysctl_set("net/ipv6/conf/default/disable_ipv6", "1");
}
