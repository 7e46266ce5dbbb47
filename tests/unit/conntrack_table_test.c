/* SPDX-License-Identifier: GPL-2.0 */
/* conntrack_table.c: what is expired, and (as root) flushing tables in the kernel. */
#include "loader/conntrack.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "loader/clock.h"
#include "loader/command.h"
#include "syscalls/bpf.h"

#define ENTRIES 3000

static void each_connection_has_its_timeout(void **state)
{
	struct fw_config config = { .epoch = 7 };
	struct tracked tracked = { .connection = { .last_seen_ns = 1000, .epoch = 7 } };
	unsigned i;

	(void)state;
	for (i = 0; i < FW_TIMEOUT_N; i++)
		config.timeout_ns[i] = 100 * (i + 1);
	for (i = 0; i < FW_TIMEOUT_N; i++) {
		tracked.connection.timeout = (__u8)i;
		assert_int_equal(connection_left_ns(&config, &tracked, 1000), 100 * (i + 1));
		assert_int_equal(connection_left_ns(&config, &tracked, 900), 100 * (i + 1));
		assert_int_equal(connection_left_ns(&config, &tracked, 1100 + 100 * i), 0);
		assert_true(connection_left_ns(&config, &tracked, 1101 + 100 * i) < 0);
	}
	tracked.connection.epoch = 6;
	assert_true(connection_left_ns(&config, &tracked, 1000) < 0);
}

static int table(__u32 key_size, __u32 value_size)
{
	const struct bpf_map_create_args args = {
		.type = BPF_MAP_TYPE_HASH,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = ENTRIES,
	};

	return sys_bpf_map_create(&args);
}

static void put(int map_fd, __u32 number, __u64 last_seen_ns)
{
	struct five_tuple tuple = { .container = number, .proto = IPPROTO_TCP, .layer = FW_LAYER_TC };
	struct fw_connection connection = {
		.last_seen_ns = last_seen_ns,
		.slot = number,
		.timeout = FW_TIMEOUT_ESTABLISHED,
	};

	assert_int_equal(sys_bpf_map_update(map_fd, &tuple, &connection, BPF_ANY), 0);
}

static unsigned entries(int map_fd)
{
	__u32 keys[2][18];
	const void *last = NULL;
	unsigned n = 0;

	for (; !sys_bpf_map_next_key(map_fd, last, keys[n & 1]); n++)
		last = keys[n & 1];
	return n;
}

static const enum fw_map used[] = { MAP_CONFIG,          MAP_CONNTRACK,       MAP_CONNTRACK_HALF_OPEN,
				    MAP_CONNTRACK_ASKED, MAP_CONNTRACK_SLOTS, MAP_CONNTRACK_COUNTS };
#define N_USED (sizeof(used) / sizeof(*used))

static int make_tables(struct firewall *fw)
{
	const __u32 tuple = sizeof(struct five_tuple), connection = sizeof(struct fw_connection);
	const __u32 sizes[N_USED][2] = { { 4, sizeof(struct fw_config) },
					 { tuple, connection },
					 { tuple, connection },
					 { tuple, connection },
					 { sizeof(struct fw_slot), tuple },
					 { sizeof(struct fw_count_key), sizeof(struct fw_count) } };
	unsigned i;

	for (i = 0; i < N_USED; i++) {
		fw->map_fd[used[i]] = table(sizes[i][0], sizes[i][1]);
		if (fw->map_fd[used[i]] < 0)
			return -1;
	}
	return 0;
}

/* Of containers whose connections have ended. */
static void counts_of_another_epoch_go(void **state)
{
	const struct options options = { .dry_run = false };
	struct firewall fw = { .options = &options };
	struct fw_count_key key = { .layer = FW_LAYER_TC };
	struct fw_count none = { .established = 0 };
	struct error err = { 0 };
	unsigned i;

	(void)state;
	if (make_tables(&fw))
		skip();
	for (key.container = 1; key.container <= 21; key.container++) {
		key.epoch = key.container % 3;
		assert_int_equal(sys_bpf_map_update(fw.map_fd[MAP_CONNTRACK_COUNTS], &key, &none, BPF_ANY), 0);
	}
	fw.config.epoch = 1;
	assert_int_equal(conntrack_flush(&fw, &err), 0);
	assert_int_equal(fw.config.epoch, 2);
	assert_int_equal(entries(fw.map_fd[MAP_CONNTRACK_COUNTS]), 7);
	key.epoch = 2;
	for (key.container = 2; key.container <= 21; key.container += 3)
		assert_int_equal(sys_bpf_map_delete(fw.map_fd[MAP_CONNTRACK_COUNTS], &key), 0);
	for (i = 0; i < N_USED; i++)
		close(fw.map_fd[used[i]]);
}

static void flushed_are_those_of_another_epoch(void **state)
{
	const struct options options = { .dry_run = false }, dry = { .dry_run = true };
	struct fw_count_key key = { .container = 4, .layer = FW_LAYER_TC };
	struct fw_count counted = { .established = 1 };
	struct firewall fw = { .options = &dry };
	__u64 now = clock_now_ns();
	struct error err = { 0 };
	struct fw_slot slot;
	struct five_tuple tuple = { 0 };
	__u32 i;

	(void)state;
	if (make_tables(&fw))
		skip();
	fw.config.timeout_ns[FW_TIMEOUT_ESTABLISHED] = 1000000000;
	for (i = 0; i < ENTRIES; i++) {
		put(fw.map_fd[MAP_CONNTRACK], i, i % 3 ? now + 3600000000000ULL : 1);
		slot = (struct fw_slot) { .container = i, .index = i, .layer = FW_LAYER_TC };
		assert_int_equal(sys_bpf_map_update(fw.map_fd[MAP_CONNTRACK_SLOTS], &slot, &tuple, BPF_ANY), 0);
	}
	put(fw.map_fd[MAP_CONNTRACK_ASKED], 1, now + 3600000000000ULL);
	assert_int_equal(sys_bpf_map_update(fw.map_fd[MAP_CONNTRACK_COUNTS], &key, &counted, BPF_ANY), 0);
	assert_int_equal(conntrack_flush(&fw, &err), ENTRIES / 3 * 2 + 1);
	assert_int_equal(entries(fw.map_fd[MAP_CONNTRACK]), ENTRIES);
	fw.options = &options;
	conntrack_leave(&fw, 1);
	assert_int_equal(entries(fw.map_fd[MAP_CONNTRACK]), ENTRIES - 1);
	assert_int_equal(entries(fw.map_fd[MAP_CONNTRACK_SLOTS]), ENTRIES - 1);
	assert_int_equal(entries(fw.map_fd[MAP_CONNTRACK_ASKED]), 0);
	assert_int_equal(conntrack_flush(&fw, &err), ENTRIES / 3 * 2 - 1);
	assert_int_equal(fw.config.epoch, 1);
	for (i = 1; i < N_USED; i++)
		assert_int_equal(entries(fw.map_fd[used[i]]), 0);
	assert_int_equal(conntrack_flush(&fw, &err), 0);
	for (i = 0; i < N_USED; i++)
		close(fw.map_fd[used[i]]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_connection_has_its_timeout),
		cmocka_unit_test(flushed_are_those_of_another_epoch),
		cmocka_unit_test(counts_of_another_epoch_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
