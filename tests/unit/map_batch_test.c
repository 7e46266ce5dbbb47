/* SPDX-License-Identifier: GPL-2.0 */
/* map_batch.c (as root): in batches and one by one, and what a batch leaves that does not fit. */
#include "loader/map_batch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "loader/host_features.h"
#include "loader/map_walk.h"
#include "syscalls/bpf.h"

#define ENTRIES 2000u /* several batches */

static int make(__u32 type, __u32 key_size, __u32 value_size, __u32 room)
{
	const struct bpf_map_create_args args = {
		.type = type,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = room,
		.flags = type == BPF_MAP_TYPE_ARRAY ? 0 : BPF_F_NO_PREALLOC,
	};

	return sys_bpf_map_create(&args);
}

/* A firewall of a configuration and of ports alone. */
static void begin(struct firewall *fw, struct map_batch *batch, __u32 type, __u32 room)
{
	memset(fw, 0, sizeof(*fw));
	fw->map_fd[MAP_CONFIG] = make(BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(struct fw_config), 1);
	fw->map_fd[MAP_FW_PORTS] = make(type, sizeof(struct fw_port_key), sizeof(struct fw_port_match), room);
	if (fw->map_fd[MAP_CONFIG] < 0 || fw->map_fd[MAP_FW_PORTS] < 0)
		skip();
	map_batch_begin(batch, fw, MAP_FW_PORTS, sizeof(struct fw_port_key), sizeof(struct fw_port_match));
}

static void end(struct firewall *fw, struct map_batch *batch)
{
	map_batch_free(batch);
	close(fw->map_fd[MAP_CONFIG]);
	close(fw->map_fd[MAP_FW_PORTS]);
}

static struct fw_port_key key_of(__u32 i)
{
	return (struct fw_port_key) {
		.prefixlen = FW_PORT_KEY_BITS,
		.set_be = { 0, 0, (__u8)(i >> 8), (__u8)i },
	};
}

static int add(struct map_batch *batch, __u32 i)
{
	const struct fw_port_key key = key_of(i);
	const struct fw_port_match match = { .rule = 2 * i };

	return map_batch_add(batch, &key, &match);
}

static int with_batches(void **state)
{
	(void)state;
	host_features(NULL)->state[FEATURE_BATCH] = UNKNOWN;
	return 0;
}

static int without_batches(void **state)
{
	(void)state;
	host_features(NULL)->state[FEATURE_BATCH] = NO;
	return 0;
}

static void check(const struct firewall *fw, __u32 i, bool is_there)
{
	const struct fw_port_key key = key_of(i);
	struct fw_port_match match;

	assert_int_equal(!sys_bpf_map_lookup(fw->map_fd[MAP_FW_PORTS], &key, &match), is_there);
	if (is_there)
		assert_int_equal(match.rule, 2 * i);
}

static void all_are_written(__u32 type)
{
	struct fw_config config;
	struct map_batch batch;
	struct firewall fw;
	__u32 i, zero = 0;

	begin(&fw, &batch, type, ENTRIES);
	fw.config.next_port_set = 77;
	for (i = 0; i < ENTRIES; i++)
		assert_int_equal(add(&batch, i), 0);
	assert_int_equal(map_batch_send(&batch), 0);
	assert_int_equal(map_count(fw.map_fd[MAP_FW_PORTS]), ENTRIES);
	for (i = 0; i < ENTRIES; i++)
		check(&fw, i, true);
	assert_int_equal(sys_bpf_map_lookup(fw.map_fd[MAP_CONFIG], &zero, &config), 0);
	assert_int_equal(config.next_port_set, 77);
	assert_int_equal(map_batch_send(&batch), 0);
	end(&fw, &batch);
}

static void a_hash_gets_all(void **state)
{
	(void)state;
	all_are_written(BPF_MAP_TYPE_HASH);
}

static void a_trie_gets_all(void **state)
{
	(void)state;
	all_are_written(BPF_MAP_TYPE_LPM_TRIE);
}

/* Those before the first that does not fit are there, and it and those behind it are not. */
static void what_does_not_fit_is_told(__u32 type, int wanted)
{
	struct map_batch batch;
	struct firewall fw;
	__u32 i, room = 700;
	int code = 0;

	begin(&fw, &batch, type, room);
	for (i = 0; !code && i < ENTRIES; i++)
		code = add(&batch, i);
	assert_int_equal(code, wanted);
	for (i = 0; i < ENTRIES; i++)
		check(&fw, i, i < room);
	end(&fw, &batch);
}

static void a_full_hash_is_told(void **state)
{
	(void)state;
	what_does_not_fit_is_told(BPF_MAP_TYPE_HASH, -E2BIG);
}

static void a_full_trie_is_told(void **state)
{
	(void)state;
	what_does_not_fit_is_told(BPF_MAP_TYPE_LPM_TRIE, -ENOSPC);
}

#define TWICE(test) cmocka_unit_test_setup(test, with_batches), cmocka_unit_test_setup(test, without_batches)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TWICE(a_hash_gets_all),
		TWICE(a_trie_gets_all),
		TWICE(a_full_hash_is_told),
		TWICE(a_full_trie_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
