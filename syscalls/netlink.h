/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rtnetlink, one function for each exchange. A socket belongs to the network namespace it was opened in. Each gives 0
 * or -errno as the kernel answered; extended acknowledgements' text is copied to `why` (may be NULL; "" where there is
 * none).
 */
#ifndef SYSCALLS_NETLINK_H
#define SYSCALLS_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define NETLINK_WHY_MAX 160

struct netlink {
	int fd;
	__u32 sequence;
	char why[NETLINK_WHY_MAX]; /* the last refusal's extended acknowledgement */
};

int netlink_open(struct netlink *netlink);
void netlink_close(struct netlink *netlink);

struct link_info {
	int ifindex;
	char name[16];
	char kind[16];     /* IFLA_INFO_KIND: "veth", "" */
	int peer_ifindex;  /* IFLA_LINK; 0: none */
	int peer_netns_id; /* IFLA_LINK_NETNSID; -1: the same namespace, or not said */
	__u8 mac[6];
	__u32 mtu, flags;
	__u32 xdp_prog_id; /* of the mode that is attached; 0: none */
	__u8 xdp_mode;     /* XDP_ATTACHED_*, <linux/if_link.h> */
};
int netlink_link_get(struct netlink *netlink, int ifindex, struct link_info *out); /* -ENODEV */
int netlink_link_by_name(struct netlink *netlink, const char *name, struct link_info *out);
/* Calls visit for each link until it gives other than 0, and gives that. */
int netlink_link_each(struct netlink *netlink, int (*visit)(const struct link_info *, void *), void *context);
/* The id by which this socket's namespace knows another, given by descriptor; -1 in *id: none assigned. */
int netlink_netns_id(struct netlink *netlink, int netns_fd, int *id);

struct addr_info {
	int ifindex;
	__u8 family; /* 4 or 6 */
	__u8 prefixlen;
	__u8 scope;    /* RT_SCOPE_* */
	__u8 addr[16]; /* network byte order */
};
int netlink_addr_each(struct netlink *netlink, int (*visit)(const struct addr_info *, void *), void *context);

/* The device by which the kernel would send to an address (family 4 or 6, network byte order). */
int netlink_route_device(struct netlink *netlink, __u8 family, const __u8 *addr, int *ifindex);

/* IFLA_XDP. flags: XDP_FLAGS_*. prog_fd -1 detaches. expected_fd -1: none. */
int netlink_xdp_set(struct netlink *netlink, int ifindex, int prog_fd, int expected_fd, __u32 flags);

int netlink_clsact_add(struct netlink *netlink, int ifindex); /* -EEXIST: it is there already */
int netlink_clsact_delete(struct netlink *netlink, int ifindex);

struct tc_filter {
	int ifindex;
	bool egress;
	__u32 prio, handle;
	__u32 prog_id; /* from a dump */
	char name[64]; /* TCA_BPF_NAME */
	char kind[16];
};
/* cls_bpf with direct action, protocol ETH_P_ALL. replace: NLM_F_REPLACE of that prio and handle; else NLM_F_EXCL. */
int netlink_filter_set(struct netlink *netlink, const struct tc_filter *filter, int prog_fd, bool replace);
int netlink_filter_delete(struct netlink *netlink, const struct tc_filter *filter);
int netlink_filter_each(struct netlink *netlink, int ifindex, bool egress,
			int (*visit)(const struct tc_filter *, void *), void *context);
/* Whether a clsact qdisc is there: 1 or 0. */
int netlink_clsact_present(struct netlink *netlink, int ifindex);

#endif
