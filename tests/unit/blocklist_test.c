/* SPDX-License-Identifier: GPL-2.0 */
/* blocklist.c and blocklist_write.c: what a change does to entries that are there. The maps are the test's own. */
#define _GNU_SOURCE
#include "loader/blocklist.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <cmocka.h>
#include <linux/bpf.h>

#include "loader/blocklist_write.h"
#include "loader/clock.h"

#define ENTRIES 8

/* A map has the number of its enum as descriptor. */
static struct fake_map {
	unsigned n;
	unsigned char keys[ENTRIES][sizeof(struct fw_prefix)];
	unsigned char values[ENTRIES][sizeof(struct fw_lengths)];
} maps[MAP_N];
static int updates_left; /* until one finds no memory; -1: none does */

static size_t key_size(unsigned fd)
{
	return fd == MAP_BLOCKED_LENGTHS ? sizeof(__u32) : block_key_size((enum fw_map)fd);
}

static size_t value_size(unsigned fd)
{
	return fd == MAP_BLOCKED_LENGTHS ? sizeof(struct fw_lengths) : sizeof(struct fw_block);
}

static unsigned find(unsigned fd, const void *key)
{
	unsigned i;

	for (i = 0; i < maps[fd].n && memcmp(maps[fd].keys[i], key, key_size(fd)); i++)
		;
	return i;
}

static int update(unsigned fd, const void *key, const void *value, __u64 flags)
{
	struct fake_map *map = &maps[fd];
	unsigned at = find(fd, key);

	if (at < map->n && flags == BPF_NOEXIST)
		return -EEXIST;
	if (at == ENTRIES)
		return -E2BIG;
	if (updates_left >= 0 && !updates_left--)
		return -ENOMEM;
	map->n += at == map->n;
	memcpy(map->keys[at], key, key_size(fd));
	memcpy(map->values[at], value, value_size(fd));
	return 0;
}

static int delete (unsigned fd, const void *key)
{
	struct fake_map *map = &maps[fd];
	unsigned at = find(fd, key);

	if (at == map->n)
		return -ENOENT;
	map->n--;
	memmove(map->keys[at], map->keys[map->n], sizeof(map->keys[at]));
	memmove(map->values[at], map->values[map->n], sizeof(map->values[at]));
	return 0;
}

static int next_key(unsigned fd, const void *key, void *next)
{
	unsigned at = key ? find(fd, key) + 1 : 0;

	if (at >= maps[fd].n)
		return -ENOENT;
	memcpy(next, maps[fd].keys[at], key_size(fd));
	return 0;
}

static int lookup(unsigned fd, const void *key, void *value)
{
	unsigned at = find(fd, key);

	if (at == maps[fd].n)
		return -ENOENT;
	memcpy(value, maps[fd].values[at], value_size(fd));
	return 0;
}

static int tell(unsigned fd, struct bpf_map_info *info)
{
	info->type = BPF_MAP_TYPE_HASH;
	info->key_size = (__u32)key_size(fd);
	info->value_size = (__u32)value_size(fd);
	info->max_entries = ENTRIES;
	return 0;
}

static int answer(int command, const union bpf_attr *attr)
{
	void *key = (void *)(uintptr_t)attr->key, *value = (void *)(uintptr_t)attr->value;

	switch (command) {
	case BPF_MAP_UPDATE_ELEM:
		return update(attr->map_fd, key, value, attr->flags);
	case BPF_MAP_DELETE_ELEM:
		return delete (attr->map_fd, key);
	case BPF_MAP_LOOKUP_ELEM:
		return lookup(attr->map_fd, key, value);
	case BPF_MAP_GET_NEXT_KEY:
		return next_key(attr->map_fd, key, value);
	case BPF_OBJ_GET_INFO_BY_FD:
		return tell(attr->info.bpf_fd, (void *)(uintptr_t)attr->info.info);
	default:
		return -EINVAL;
	}
}

/* In the C library's place. */
long syscall(long number, ...)
{
	const union bpf_attr *attr;
	va_list words;
	int command, code;

	va_start(words, number);
	command = va_arg(words, int);
	attr = va_arg(words, const union bpf_attr *);
	va_end(words);
	code = number == __NR_bpf ? answer(command, attr) : -ENOSYS;
	errno = -code;
	return code ? -1 : 0;
}

/* ---- a firewall ---- */

static const __u32 address[] = { 1, 2, 3 };

static int begin(void **state)
{
	static struct firewall fw;
	int i;

	memset(maps, 0, sizeof(maps));
	memset(&fw, 0, sizeof(fw));
	for (i = 0; i < MAP_N; i++)
		fw.map_fd[i] = i;
	updates_left = -1;
	*state = &fw;
	return 0;
}

static struct fw_block block_of(unsigned i)
{
	struct fw_block block = { 0 };

	lookup(MAP_BLOCKED_IPS, &address[i], &block);
	return block;
}

static void put(unsigned i, __u64 expires_ns)
{
	const struct fw_block block = { .expires_ns = expires_ns, .hits = 5, .sides = FW_SIDE_BITS };

	update(MAP_BLOCKED_IPS, &address[i], &block, BPF_ANY);
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
		updates_left = last;
		assert_int_equal(block_first(*state, 3, end + 1), -ENOMEM);
		assert_int_equal(maps[MAP_BLOCKED_IPS].n, 2);
		assert_int_equal(block_of(0).expires_ns, end);
		assert_int_equal(block_of(0).hits, 5);
		assert_int_equal(block_of(1).expires_ns, FW_FOREVER);
	}
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
	assert_int_equal(maps[MAP_BLOCKED_IPS].n, 1);
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
	assert_int_equal(maps[MAP_BLOCKED_IPS].n, 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(block_of(i).expires_ns, FW_FOREVER);
		assert_int_equal(block_of(i).sides, FW_SIDE_BITS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_fails_leaves_what_was_there, begin),
		cmocka_unit_test_setup(hits_are_kept_while_it_is_in_force, begin),
		cmocka_unit_test_setup(what_ends_does_so_where_the_policy_goes_back, begin),
		cmocka_unit_test_setup(and_not_where_it_is_confirmed, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
