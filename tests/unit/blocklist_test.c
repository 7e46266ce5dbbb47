/* SPDX-License-Identifier: GPL-2.0 */
/* blocklist.c and blocklist_write.c: what a change does to entries that are there. */
#include "loader/blocklist.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <linux/bpf.h>

#include "loader/blocklist_write.h"
#include "loader/clock.h"
#include "tests/unit/fake_maps.h"

static const __u32 address[] = { 1, 2, 3 };

static int begin(void **state)
{
	static struct firewall fw;
	int map;

	fake_maps_begin(&fw);
	for (map = BLOCK_FIRST; map < BLOCK_FIRST + BLOCK_TABLES; map++)
		fake_map_make((enum fw_map)map, block_key_size((enum fw_map)map), sizeof(struct fw_block), 8);
	fake_map_make(MAP_BLOCKED_LENGTHS, sizeof(__u32), sizeof(struct fw_lengths), 2);
	*state = &fw;
	return 0;
}

static struct fw_block block_of(unsigned i)
{
	struct fw_block block = { 0 };

	fake_map_lookup(MAP_BLOCKED_IPS, &address[i], &block);
	return block;
}

static void put(unsigned i, __u64 expires_ns)
{
	const struct fw_block block = { .expires_ns = expires_ns, .hits = 5, .sides = FW_SIDE_BITS };

	fake_map_update(MAP_BLOCKED_IPS, &address[i], &block, BPF_ANY);
}

/* Blocks the first n addresses, and the first again. */
static int block_first(struct firewall *fw, size_t n, __u64 expires_ns)
{
	struct block_keys keys = { 0 };
	struct prefix prefix = { .family = FW_IPV4, .length = 32 };
	struct error err = { 0 };
	size_t i;
	int code;

	for (i = 0; i <= n; i++) {
		memcpy(prefix.addr, &address[i % n], sizeof(*address));
		assert_int_equal(block_keys_add(&keys, &prefix), 0);
	}
	code = blocklist_write(fw, &keys, expires_ns, &err);
	block_keys_free(&keys);
	return code;
}

static __u64 hour_from_now(void)
{
	return clock_now_ns() + 3600 * NS_PER_SECOND;
}

static void what_fails_leaves_what_was_there(void **state)
{
	__u64 end = hour_from_now();
	int last;

	for (last = 0; last < 3; last++) {
		begin(state);
		put(0, end);
		put(1, FW_FOREVER);
		fake_maps_fail_after(last);
		assert_int_equal(block_first(*state, 3, end + 1), -ENOMEM);
		assert_int_equal(fake_map_count(MAP_BLOCKED_IPS), 2);
		assert_int_equal(block_of(0).expires_ns, end);
		assert_int_equal(block_of(0).hits, 5);
		assert_int_equal(block_of(1).expires_ns, FW_FOREVER);
	}
}

static void what_cannot_grow_says_why(void **state)
{
	fake_map_make(MAP_BLOCKED_IPS, sizeof(*address), sizeof(struct fw_block), 2);
	assert_int_equal(block_first(*state, 3, FW_FOREVER), -EPERM);
	assert_int_equal(fake_map_count(MAP_BLOCKED_IPS), 0);
}

static void hits_are_kept_while_it_is_in_force(void **state)
{
	__u64 end = hour_from_now();

	put(0, end);
	put(1, 1);
	assert_int_equal(block_first(*state, 2, end + 1), 0);
	assert_int_equal(block_of(0).expires_ns, end + 1);
	assert_int_equal(block_of(0).hits, 5);
	assert_int_equal(block_of(1).hits, 0);
}

/* One that ends, and one that has ended, are for good in the policy that is written. */
static void write_other_side(struct firewall *fw, __u64 end)
{
	put(0, end);
	put(1, 1);
	fw->other_side = true;
	assert_int_equal(block_first(fw, 3, FW_FOREVER), 0);
	fw->other_side = false;
	assert_true(block_of(0).expires_ns >= FW_FOREVER);
	assert_int_equal(block_of(0).sides & FW_SIDE_BITS, FW_SIDE_BITS);
	assert_int_equal(block_of(1).sides, 2);
	assert_int_equal(block_of(2).sides, 2);
}

static void what_ends_does_so_where_the_policy_goes_back(void **state)
{
	struct firewall *fw = *state;
	struct error err = { 0 };
	__u64 end = hour_from_now();

	write_other_side(fw, end);
	assert_int_equal(blocklist_settle(fw, &err), 0);
	assert_int_equal(fake_map_count(MAP_BLOCKED_IPS), 1);
	assert_int_equal(block_of(0).expires_ns, end);
	assert_int_equal(block_of(0).sides, FW_SIDE_BITS);
	assert_int_equal(block_of(0).hits, 5);
}

static void and_not_where_it_is_confirmed(void **state)
{
	struct firewall *fw = *state;
	struct error err = { 0 };
	struct fw_block block;
	unsigned i;

	write_other_side(fw, hour_from_now());
	fw->config.generation ^= FW_SIDES;
	block = block_of(0);
	assert_true(block_is(&block, BLOCKED_FOR_GOOD, FW_SIDE_BIT(fw->config.generation)));
	assert_int_equal(blocklist_settle(fw, &err), 0);
	assert_int_equal(fake_map_count(MAP_BLOCKED_IPS), 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(block_of(i).expires_ns, FW_FOREVER);
		assert_int_equal(block_of(i).sides, FW_SIDE_BITS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_fails_leaves_what_was_there, begin),
		cmocka_unit_test_setup(what_cannot_grow_says_why, begin),
		cmocka_unit_test_setup(hits_are_kept_while_it_is_in_force, begin),
		cmocka_unit_test_setup(what_ends_does_so_where_the_policy_goes_back, begin),
		cmocka_unit_test_setup(and_not_where_it_is_confirmed, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
