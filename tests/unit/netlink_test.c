/* SPDX-License-Identifier: GPL-2.0 */
/* netlink*.c against a real veth pair in a fresh network namespace (root), and messages as bytes (anybody). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "syscalls/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#include "syscalls/bpf.h"
#include "syscalls/netlink_message.h"

static const struct bpf_insn return_0[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static int load(__u32 type, const char *name)
{
	struct bpf_prog_load_args args = {
		.type = type,
		.insns = return_0,
		.n_insns = 2,
		.license = "GPL",
		.name = name,
	};

	return sys_bpf_prog_load(&args);
}

static __u32 prog_id(int fd)
{
	struct bpf_prog_info info;
	__u32 size = sizeof(info);

	memset(&info, 0, sizeof(info));
	assert_int_equal(sys_bpf_info(fd, &info, &size), 0);
	return info.id;
}

/* A namespace of this test's own, with a pair a (index known by name) and b. */
static int in_namespace(void **state)
{
	static struct netlink netlink;

	*state = NULL;
	if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0)
		return 0;
	if (system("ip link add bh_a type veth peer name bh_b && ip addr add 192.0.2.1/24 dev bh_a && "
		   "ip -6 addr add 2001:db8::1/64 dev bh_a nodad && ip link set bh_a up && ip link set bh_b up") != 0)
		return 0;
	if (netlink_open(&netlink) != 0)
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

static struct netlink *needs(void **state)
{
	if (!*state)
		skip();
	return *state;
}

static int index_of(struct netlink *netlink, const char *name)
{
	struct link_info link;

	assert_int_equal(netlink_link_by_name(netlink, name, &link), 0);
	return link.ifindex;
}

static void socket_is_above_2_and_closed_on_exec(void **state)
{
	struct netlink netlink;
	int input = dup(0);

	(void)state;
	close(0);
	assert_int_equal(netlink_open(&netlink), 0);
	assert_true(netlink.fd > 2);
	assert_true(fcntl(netlink.fd, F_GETFD) & FD_CLOEXEC);
	netlink_close(&netlink);
	if (input >= 0) {
		dup2(input, 0);
		close(input);
	}
}

static void link_is_found_by_name_and_index(void **state)
{
	struct netlink *netlink = needs(state);
	struct link_info a, b;

	assert_int_equal(netlink_link_by_name(netlink, "bh_a", &a), 0);
	assert_int_equal(netlink_link_get(netlink, a.ifindex, &b), 0);
	assert_string_equal(b.name, "bh_a");
	assert_string_equal(b.kind, "veth");
	assert_int_equal(b.peer_ifindex, index_of(netlink, "bh_b"));
	assert_int_equal(b.peer_netns_id, -1);
	assert_int_equal(b.mtu, 1500);
	assert_int_equal(b.xdp_prog_id, 0);
}

static void link_that_is_not_there_is_enodev(void **state)
{
	struct netlink *netlink = needs(state);
	struct link_info link;

	assert_int_equal(netlink_link_by_name(netlink, "none", &link), -ENODEV);
	assert_int_equal(netlink_link_by_name(netlink, "", &link), -ENODEV);
	assert_int_equal(netlink_link_by_name(netlink, "a_name_of_more_than_15_bytes", &link), -ENODEV);
	assert_int_equal(netlink_link_get(netlink, 12345, &link), -ENODEV);
	assert_int_equal(netlink_link_get(netlink, 0, &link), -ENODEV);
}

struct seen {
	struct netlink *netlink;
	int links, addrs, filters;
	struct tc_filter filter;
};

static int see_link(const struct link_info *link, void *context)
{
	struct seen *seen = context;
	struct link_info again;

	/* A request inside a visit must not disturb the dump. */
	assert_int_equal(netlink_link_get(seen->netlink, link->ifindex, &again), 0);
	seen->links++;
	return 0;
}

static int stop_at_once(const struct link_info *link, void *context)
{
	(void)link;
	++*(int *)context;
	return 7;
}

static void links_are_visited(void **state)
{
	struct netlink *netlink = needs(state);
	struct seen seen = { .netlink = netlink };
	int calls = 0;

	assert_int_equal(netlink_link_each(netlink, see_link, &seen), 0);
	assert_true(seen.links >= 3);
	assert_int_equal(netlink_link_each(netlink, stop_at_once, &calls), 7);
	assert_int_equal(calls, 1);
}

static int see_addr(const struct addr_info *addr, void *context)
{
	static const __u8 v4[] = { 192, 0, 2, 1 }, v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	struct seen *seen = context;

	if (addr->family == 4 && addr->prefixlen == 24 && !memcmp(addr->addr, v4, 4))
		seen->addrs |= 1;
	if (addr->family == 6 && addr->prefixlen == 64 && !memcmp(addr->addr, v6, 16))
		seen->addrs |= 2;
	return 0;
}

static void addresses_are_visited(void **state)
{
	struct netlink *netlink = needs(state);
	struct seen seen = { 0 };

	assert_int_equal(netlink_addr_each(netlink, see_addr, &seen), 0);
	assert_int_equal(seen.addrs, 3);
}

static void a_route_tells_its_device(void **state)
{
	static const __u8 v4[] = { 192, 0, 2, 77 }, v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 77 },
			  own[] = { 192, 0, 2, 1 }, nowhere[] = { 198, 51, 100, 1 };
	struct netlink *netlink = needs(state);
	int device = 0;

	assert_int_equal(netlink_route_device(netlink, 4, v4, &device), 0);
	assert_int_equal(device, index_of(netlink, "bh_a"));
	device = 0;
	assert_int_equal(netlink_route_device(netlink, 6, v6, &device), 0);
	assert_int_equal(device, index_of(netlink, "bh_a"));
	assert_int_equal(netlink_route_device(netlink, 4, own, &device), 0);
	assert_int_equal(device, index_of(netlink, "lo"));
	assert_int_equal(netlink_route_device(netlink, 4, nowhere, &device), -ENETUNREACH);
}

static void own_namespace_has_no_id_until_given(void **state)
{
	struct netlink *netlink = needs(state);
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), id = 5;

	assert_int_equal(netlink_netns_id(netlink, fd, &id), 0);
	assert_int_equal(id, -1);
	close(fd);
}

static void xdp_is_set_replaced_and_taken_off(void **state)
{
	struct netlink *netlink = needs(state);
	int first = load(BPF_PROG_TYPE_XDP, "first"), second = load(BPF_PROG_TYPE_XDP, "second");
	int a = index_of(netlink, "bh_a");
	struct link_info link;

	assert_true(first > 2 && second > 2);
	assert_int_equal(netlink_xdp_set(netlink, a, first, -1, XDP_FLAGS_UPDATE_IF_NOEXIST | XDP_FLAGS_DRV_MODE), 0);
	assert_int_equal(netlink_link_get(netlink, a, &link), 0);
	assert_int_equal(link.xdp_prog_id, prog_id(first));
	assert_int_equal(link.xdp_mode, XDP_ATTACHED_DRV);
	assert_int_equal(netlink_xdp_set(netlink, a, second, -1, XDP_FLAGS_UPDATE_IF_NOEXIST | XDP_FLAGS_DRV_MODE),
			 -EBUSY);
	assert_true(netlink->why[0]);
	assert_int_equal(netlink_xdp_set(netlink, a, second, first, XDP_FLAGS_DRV_MODE), 0);
	assert_int_equal(netlink_xdp_set(netlink, a, -1, first, XDP_FLAGS_DRV_MODE), -EEXIST);
	assert_int_equal(netlink_xdp_set(netlink, a, -1, second, XDP_FLAGS_DRV_MODE), 0);
	assert_int_equal(netlink_xdp_set(netlink, a, first, -1, XDP_FLAGS_SKB_MODE), 0);
	assert_int_equal(netlink_link_get(netlink, a, &link), 0);
	assert_int_equal(link.xdp_mode, XDP_ATTACHED_SKB);
	assert_int_equal(netlink_xdp_set(netlink, a, -1, -1, XDP_FLAGS_SKB_MODE), 0);
	close(first);
	close(second);
}

static void clsact_is_told_from_ingress(void **state)
{
	struct netlink *netlink = needs(state);
	int a = index_of(netlink, "bh_a");

	assert_int_equal(netlink_clsact_present(netlink, a), 0);
	assert_int_equal(netlink_clsact_add(netlink, a), 0);
	assert_int_equal(netlink_clsact_present(netlink, a), 1);
	assert_int_equal(netlink_clsact_add(netlink, a), -EEXIST);
	assert_string_equal(netlink->why, "Exclusivity flag on, cannot modify");
	assert_int_equal(netlink_clsact_delete(netlink, a), 0);
	assert_int_equal(netlink_clsact_present(netlink, a), 0);
	assert_int_equal(system("tc qdisc add dev bh_a ingress"), 0);
	assert_int_equal(netlink_clsact_present(netlink, a), 0);
	assert_int_equal(netlink_clsact_delete(netlink, a), -EINVAL);
	assert_int_equal(system("tc qdisc del dev bh_a ingress"), 0);
}

static int see_filter(const struct tc_filter *filter, void *context)
{
	struct seen *seen = context;

	seen->filters++;
	seen->filter = *filter;
	return 0;
}

static void filter_is_set_replaced_dumped_and_deleted(void **state)
{
	struct netlink *netlink = needs(state);
	int first = load(BPF_PROG_TYPE_SCHED_CLS, "first"), second = load(BPF_PROG_TYPE_SCHED_CLS, "second");
	struct tc_filter filter = { index_of(netlink, "bh_a"), true, 49, 2, 0, "tc_egress", "" };
	struct seen seen = { 0 };

	assert_int_equal(netlink_filter_each(netlink, filter.ifindex, true, see_filter, &seen), 0);
	assert_int_equal(seen.filters, 0);
	assert_int_equal(netlink_clsact_add(netlink, filter.ifindex), 0);
	assert_int_equal(netlink_filter_set(netlink, &filter, first, false), 0);
	assert_int_equal(netlink_filter_set(netlink, &filter, second, false), -EEXIST);
	assert_int_equal(netlink_filter_each(netlink, filter.ifindex, true, see_filter, &seen), 0);
	assert_int_equal(seen.filters, 1);
	assert_int_equal(seen.filter.prog_id, prog_id(first));
	assert_int_equal(seen.filter.prio, 49);
	assert_int_equal(seen.filter.handle, 2);
	assert_string_equal(seen.filter.name, "tc_egress");
	assert_string_equal(seen.filter.kind, "bpf");
	assert_int_equal(netlink_filter_set(netlink, &filter, second, true), 0);
	assert_int_equal(netlink_filter_each(netlink, filter.ifindex, true, see_filter, &seen), 0);
	assert_int_equal(seen.filters, 2);
	assert_int_equal(seen.filter.prog_id, prog_id(second));
	assert_int_equal(netlink_filter_each(netlink, filter.ifindex, false, see_filter, &seen), 0);
	assert_int_equal(seen.filters, 2);
	assert_int_equal(netlink_filter_delete(netlink, &filter), 0);
	assert_int_equal(netlink_filter_delete(netlink, &filter), -ENOENT);
	filter.prio = 0;
	assert_int_equal(netlink_filter_delete(netlink, &filter), -EINVAL);
	assert_int_equal(netlink_clsact_delete(netlink, filter.ifindex), 0);
	close(first);
	close(second);
}

static void request_that_does_not_fit_is_refused(void **state)
{
	static const char big[600];
	struct netlink netlink = { .fd = -1 };
	struct rtgenmsg head = { 0 };
	struct request request;
	size_t nest;

	(void)state;
	request_begin(&request, RTM_GETLINK, 0, &head, sizeof(head));
	nest = request_nest_begin(&request, 1);
	request_put(&request, 2, big, sizeof(big));
	request_nest_end(&request, nest);
	assert_true(request.overflow);
	assert_int_equal(netlink_exchange(&netlink, &request, NULL), -EMSGSIZE);
}

static void attributes_are_read_within_their_bounds(void **state)
{
	struct {
		struct rtattr head;
		char value[4];
	} bytes[] = { { { 8, 1 }, "abc" }, { { 5, 2 }, "x" }, { { 9, 3 }, "y" } };
	struct attributes list = { (unsigned char *)bytes, sizeof(bytes) };
	char text[2];

	(void)state;
	assert_non_null(attributes_find(list, 1));
	attributes_string(list, 2, text, sizeof(text));
	assert_string_equal(text, "x");
	assert_null(attributes_find(list, 3)); /* longer than what holds it */
	assert_int_equal(attributes_u32(list, 2, 77), 77);
	bytes[1].head.rta_len = 3; /* shorter than its own head */
	assert_null(attributes_find(list, 2));
	assert_null(attributes_find((struct attributes) { (unsigned char *)bytes, 3 }, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_that_does_not_fit_is_refused),
		cmocka_unit_test(attributes_are_read_within_their_bounds),
		cmocka_unit_test(socket_is_above_2_and_closed_on_exec),
		cmocka_unit_test(link_is_found_by_name_and_index),
		cmocka_unit_test(link_that_is_not_there_is_enodev),
		cmocka_unit_test(links_are_visited),
		cmocka_unit_test(addresses_are_visited),
		cmocka_unit_test(a_route_tells_its_device),
		cmocka_unit_test(own_namespace_has_no_id_until_given),
		cmocka_unit_test(xdp_is_set_replaced_and_taken_off),
		cmocka_unit_test(clsact_is_told_from_ingress),
		cmocka_unit_test(filter_is_set_replaced_dumped_and_deleted),
	};

	return cmocka_run_group_tests(tests, in_namespace, leave);
}
