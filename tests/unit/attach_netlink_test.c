/* SPDX-License-Identifier: GPL-2.0 */
/* attach_netlink.c on a device in a fresh network namespace (root): what becomes of its qdisc. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "loader/attach_method.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

static bool listing_fails;

/* In the C library's place: what is asked for filters does not get to the kernel. */
ssize_t sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t length)
{
	const struct nlmsghdr *request = bytes;

	if (listing_fails && request->nlmsg_type == RTM_GETTFILTER) {
		errno = ENOBUFS;
		return -1;
	}
	return syscall(SYS_sendto, fd, bytes, size, flags, to, length);
}

/* A device with a qdisc that this loader made; no filter is on it. */
static int has_qdisc(void **state)
{
	static struct netlink netlink;

	*state = NULL;
	if (geteuid() || unshare(CLONE_NEWNET) || system("ip link add bh_a type veth peer name bh_b"))
		return 0;
	if (netlink_open(&netlink) || netlink_clsact_add(&netlink, (int)if_nametoindex("bh_a")))
		return -1;
	*state = &netlink;
	return 0;
}

static int leave(void **state)
{
	if (*state)
		netlink_close(*state);
	return 0;
}

static bool is_there_after_detaching(struct netlink *netlink)
{
	struct error err = { 0 };
	struct attaching at = {
		.netlink = netlink,
		.key = { .ifindex = if_nametoindex("bh_a"), .hook = HOOK_TC_INGRESS },
		.record = { .how = FW_HOW_NETLINK, .prio = 6, .handle = 1, .made_qdisc = 1 },
		.err = &err,
	};

	assert_int_equal(attach_by_netlink.detach(&at), 0);
	return netlink_clsact_present(netlink, (int)at.key.ifindex) == 1;
}

static void qdisc_goes_where_nobody_else_uses_it(void **state)
{
	if (!*state)
		skip();
	listing_fails = false;
	assert_false(is_there_after_detaching(*state));
}

static void qdisc_stays_where_its_filters_cannot_be_listed(void **state)
{
	if (!*state)
		skip();
	listing_fails = true;
	assert_true(is_there_after_detaching(*state));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(qdisc_goes_where_nobody_else_uses_it, has_qdisc, leave),
		cmocka_unit_test_setup_teardown(qdisc_stays_where_its_filters_cannot_be_listed, has_qdisc, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
