/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/cpus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "syscalls/bpf.h"

static void the_bound_covers_the_configured_cpus(void **state)
{
	(void)state;
	assert_true(cpus_bound() >= (unsigned)sysconf(_SC_NPROCESSORS_CONF));
}

static void sums_over_cpus(void **state)
{
	const struct bpf_map_create_args args = {
		.type = BPF_MAP_TYPE_PERCPU_ARRAY,
		.key_size = 4,
		.value_size = 16,
		.max_entries = 2,
	};
	unsigned i, n = cpus_bound();
	__u64 *room = percpu_room(16), sum[2] = { 5, 7 }, wanted[2] = { 5, 7 };
	int map_fd = sys_bpf_map_create(&args);
	__u32 key = 1;

	(void)state;
	assert_non_null(room);
	if (map_fd < 0) {
		free(room);
		skip();
	}
	for (i = 0; i < 2 * n; i++)
		room[i] = i;
	assert_int_equal(sys_bpf_map_update(map_fd, &key, room, BPF_ANY), 0);
	for (i = 0; i < n; i++)
		room[2 * i] = room[2 * i + 1] = 0xdead;
	assert_int_equal(sys_bpf_map_lookup(map_fd, &key, room), 0);
	for (i = 0; i < n && room[2 * i] != 0xdead; i++) {
		wanted[0] += room[2 * i];
		wanted[1] += room[2 * i + 1];
	}
	assert_int_equal(percpu_sum(map_fd, &key, room, sum, 2), 0);
	assert_int_equal(sum[0], wanted[0]);
	assert_int_equal(sum[1], wanted[1]);
	key = 2;
	assert_int_not_equal(percpu_sum(map_fd, &key, room, sum, 2), 0);
	assert_int_equal(sum[0], wanted[0]);
	close(map_fd);
	free(room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bound_covers_the_configured_cpus),
		cmocka_unit_test(sums_over_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
