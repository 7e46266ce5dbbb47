/* SPDX-License-Identifier: GPL-2.0 */
/* conntrack_table.c: which timeout is whose, and (as root) tables in the kernel. */
#include "loader/conntrack.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "syscalls/bpf.h"

#define ENTRIES 3000

static __u64 timeout(__u8 proto, __u8 state)
{
	struct fw_config config = { 0 };
	struct five_tuple tuple = { .proto = proto };
	struct fw_connection connection = { .state = state };
	unsigned i;

	for (i = 0; i < FW_TIMEOUT_N; i++)
		config.timeout_ns[i] = i;
	return connection_timeout_ns(&config, &tuple, &connection);
}

static void each_state_has_its_timeout(void **state)
{
	(void)state;
	assert_int_equal(timeout(IPPROTO_TCP, FW_STATE_SYN_SENT), FW_TIMEOUT_SYN);
	assert_int_equal(timeout(IPPROTO_TCP, FW_STATE_SYN_RECEIVED), FW_TIMEOUT_SYN);
	assert_int_equal(timeout(IPPROTO_TCP, FW_STATE_ESTABLISHED), FW_TIMEOUT_ESTABLISHED);
	assert_int_equal(timeout(IPPROTO_TCP, FW_STATE_CLOSING), FW_TIMEOUT_CLOSING);
	assert_int_equal(timeout(IPPROTO_UDP, FW_STATE_NEW), FW_TIMEOUT_UDP_UNREPLIED);
	assert_int_equal(timeout(IPPROTO_UDP, FW_STATE_REPLIED), FW_TIMEOUT_UDP);
	assert_int_equal(timeout(IPPROTO_ICMP, FW_STATE_NEW), FW_TIMEOUT_ICMP);
	assert_int_equal(timeout(IPPROTO_ICMPV6, FW_STATE_REPLIED), FW_TIMEOUT_ICMP);
	assert_int_equal(timeout(47, FW_STATE_NEW), FW_TIMEOUT_OTHER);
	assert_int_equal(timeout(47, FW_STATE_REPLIED), FW_TIMEOUT_OTHER);
}

static int table(void)
{
	const struct bpf_map_create_args args = {
		.type = BPF_MAP_TYPE_HASH,
		.key_size = sizeof(struct five_tuple),
		.value_size = sizeof(struct fw_connection),
		.max_entries = ENTRIES,
	};

	return sys_bpf_map_create(&args);
}

static void put(int map_fd, __u32 number, __u64 last_seen_ns)
{
	struct five_tuple tuple = { .container = number, .proto = IPPROTO_TCP };
	struct fw_connection connection = { .last_seen_ns = last_seen_ns, .state = FW_STATE_ESTABLISHED };

	assert_int_equal(sys_bpf_map_update(map_fd, &tuple, &connection, BPF_ANY), 0);
}

static size_t count(struct firewall *fw)
{
	struct tracked_list list = { 0 };
	size_t n;

	assert_int_equal(tracked_list_read(fw, MAP_CONNTRACK, &list), 0);
	n = list.n;
	tracked_list_free(&list);
	return n;
}

static void expired_entries_go_and_others_stay(void **state)
{
	struct firewall fw = { 0 };
	__u64 now = conntrack_now_ns();
	__u32 i;

	(void)state;
	fw.map_fd[MAP_CONNTRACK] = table();
	fw.map_fd[MAP_CONNTRACK_HALF_OPEN] = table();
	fw.map_fd[MAP_CONNTRACK_DATAGRAMS] = table();
	if (fw.map_fd[MAP_CONNTRACK] < 0)
		skip();
	fw.config.timeout_ns[FW_TIMEOUT_ESTABLISHED] = 1000000000;
	for (i = 0; i < ENTRIES; i++)
		put(fw.map_fd[MAP_CONNTRACK], i, i % 3 ? now + 3600000000000ULL : 1);
	put(fw.map_fd[MAP_CONNTRACK_DATAGRAMS], 1, now);
	assert_int_equal(count(&fw), ENTRIES);
	assert_int_equal(conntrack_expire(&fw), ENTRIES / 3);
	assert_int_equal(conntrack_expire(&fw), 0);
	assert_int_equal(count(&fw), ENTRIES / 3 * 2);
	assert_int_equal(conntrack_flush(&fw, true), ENTRIES / 3 * 2 + 1);
	assert_int_equal(conntrack_flush(&fw, false), ENTRIES / 3 * 2 + 1);
	assert_int_equal(conntrack_flush(&fw, false), 0);
	close(fw.map_fd[MAP_CONNTRACK]);
	close(fw.map_fd[MAP_CONNTRACK_HALF_OPEN]);
	close(fw.map_fd[MAP_CONNTRACK_DATAGRAMS]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_has_its_timeout),
		cmocka_unit_test(expired_entries_go_and_others_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
