/* SPDX-License-Identifier: GPL-2.0 */
/*
 * block_map.c and block_lines.c on maps in the kernel, beside a list that does the same the plain way: what the loader
 * finds, and what a program would. Needs root, and Linux 5.5.
 */
#include "loader/block_map.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/bpf.h>

#include "loader/grow.h"
#include "syscalls/bpf.h"

#define ADDRESSES 400 /* of which those that share lines fill them */
#define STEPS 20000
#define LATER (FW_FOREVER / 2)

static struct firewall fw;

/* What there is to be found. */
static struct entry {
	__u32 address;
	bool there;
	struct fw_block block;
} model[ADDRESSES];

static unsigned below(unsigned n)
{
	return (unsigned)rand() % n;
}

static int make(__u32 type, __u32 value_size, __u32 entries, __u32 flags)
{
	return sys_bpf_map_create(&(struct bpf_map_create_args) { .type = type,
								  .key_size = sizeof(__u32),
								  .value_size = value_size,
								  .max_entries = entries,
								  .flags = flags });
}

static int begin_with(__u32 hash_entries)
{
	fw.map_fd[MAP_BLOCKED_IPS] = make(BPF_MAP_TYPE_HASH, sizeof(struct fw_block), hash_entries, BPF_F_NO_PREALLOC);
	fw.map_fd[MAP_BLOCKED_LINES] = make(BPF_MAP_TYPE_ARRAY, sizeof(struct fw_block_line), FW_BLOCK_ENTRIES,
					    BPF_F_MMAPABLE);
	return fw.map_fd[MAP_BLOCKED_IPS] < 0 || fw.map_fd[MAP_BLOCKED_LINES] < 0;
}

static int end(void **state)
{
	(void)state;
	close(fw.map_fd[MAP_BLOCKED_IPS]);
	close(fw.map_fd[MAP_BLOCKED_LINES]);
	return 0;
}

static void *read_entry(__u32 at, struct fw_block_line *out)
{
	assert_int_equal(sys_bpf_map_lookup(fw.map_fd[MAP_BLOCKED_LINES], &at, out), 0);
	return out;
}

/* Some share a few lines, for which there are five times too many; 0.0.0.0 is one. */
static void choose_addresses(void)
{
	struct fw_block_line leading;
	__u32 lines = ((struct fw_block_line *)read_entry(0, &leading))->address[0];
	unsigned i;

	memset(model, 0, sizeof(model));
	for (i = 1; i < ADDRESSES; i++)
		do
			model[i].address = (__u32)rand() << 8 ^ (__u32)rand();
		while (i % 2 && fw_block_line(fw_block_hash(model[i].address), lines) % 512 > 3);
}

static int begin(void **state)
{
	(void)state;
	srand(7);
	if (begin_with(FW_MAX_BLOCKED) || block_lines_begin(fw.map_fd[MAP_BLOCKED_LINES], fw.map_fd[MAP_BLOCKED_IPS]))
		return 1;
	choose_addresses();
	return 0;
}

/* ---- as a program looks ---- */

/* lines_have of bpf/blocklist.h, in the plain way: on those sides, by the lines; -1: the hash has it, if it is. */
static int lines_have(__u32 address, __u32 side)
{
	struct fw_block_line leading, line;
	struct fw_block_filter filter;
	__u64 hash = fw_block_hash(address), bits = FW_FILTER_BITS(hash);
	__u32 lines = ((struct fw_block_line *)read_entry(0, &leading))->address[0], at = fw_block_line(hash, lines);
	int i;

	if (!lines)
		return -1;
	read_entry(fw_filter_at(at, lines), (struct fw_block_line *)(void *)&filter);
	if ((filter.word[FW_FILTER_WORD(hash)] & bits) != bits)
		return 0;
	read_entry(at, &line);
	for (i = 0; i < FW_LINE_ROOM; i++)
		if (line.address[i] == address && line.bits & FW_LINE_SIDES(side, i))
			return 1;
	return line.bits & FW_LINE_HAS_ALL ? 0 : -1;
}

static bool program_blocks(__u32 address, __u32 side)
{
	struct fw_block block;
	int have = lines_have(address, side);

	if (have >= 0)
		return have;
	return !sys_bpf_map_lookup(fw.map_fd[MAP_BLOCKED_IPS], &address, &block) && block.sides & side;
}

static void expect_model(struct block_map *table)
{
	struct fw_block block;
	unsigned i;
	__u32 side;

	for (i = 0; i < ADDRESSES; i++) {
		for (side = 1; side <= 2; side++)
			assert_int_equal(program_blocks(model[i].address, side),
					 model[i].there && model[i].block.sides & side);
		assert_int_equal(!block_map_lookup(table, &model[i].address, &block), model[i].there);
		if (!model[i].there)
			continue;
		assert_int_equal(block.expires_ns, model[i].block.expires_ns);
		assert_int_equal(block.sides, model[i].block.sides);
		assert_int_equal(block.hits, model[i].block.hits);
	}
}

/* ---- changes ---- */

static struct fw_block random_block(void)
{
	return (struct fw_block) {
		.expires_ns = below(4) ? FW_FOREVER : LATER + below(9),
		.sides = 1 + below(3),
	};
}

static void change(struct block_map *table, struct entry *entry)
{
	struct fw_block block = random_block();

	if (!entry->there) {
		assert_int_equal(block_map_insert(table, &entry->address, &block), 0);
	} else if (below(3)) {
		assert_int_equal(block_map_insert(table, &entry->address, &block), -EEXIST);
		block.hits = below(100);
		assert_int_equal(block_map_replace(table, &entry->address, &block), 0);
	} else {
		assert_int_equal(block_map_delete(table, &entry->address), 0);
		entry->there = false;
		return;
	}
	entry->there = true;
	entry->block = block;
}

static void each_change_is_seen_by_programs(void **state)
{
	struct block_map table;
	unsigned step;

	(void)state;
	for (step = 0; step < STEPS; step++) {
		struct entry *entry = &model[below(ADDRESSES)];

		block_map_open(&table, &fw, MAP_BLOCKED_IPS, step % 2 ? 1 : BLOCK_MAP_ALL);
		change(&table, entry);
		assert_int_equal(program_blocks(entry->address, 1), entry->there && entry->block.sides & 1);
		if (step % 500 == 0)
			expect_model(&table);
		assert_int_equal(block_map_close(&table, 0), 0);
	}
}

static int find_in_model(const void *key, const void *value, void *context)
{
	const struct fw_block *block = value;
	__u32 address;
	unsigned i;

	memcpy(&address, key, sizeof(address));
	for (i = 0; i < ADDRESSES && model[i].address != address; i++)
		;
	assert_true(i < ADDRESSES && model[i].there);
	assert_int_equal(model[i].block.sides, block->sides);
	++*(unsigned *)context;
	return 0;
}

static unsigned fill(struct block_map *table)
{
	unsigned i, n = 0;

	for (i = 0; i < ADDRESSES; i++)
		if (below(3)) {
			change(table, &model[i]);
			n++;
		}
	return n;
}

static void a_walk_sees_each_once(void **state)
{
	struct block_map table;
	unsigned wanted, seen = 0;

	(void)state;
	block_map_open(&table, &fw, MAP_BLOCKED_IPS, BLOCK_MAP_ALL);
	wanted = fill(&table);
	assert_int_equal(block_map_walk(&table, find_in_model, &seen), 0);
	assert_int_equal(seen, wanted);
	assert_int_equal(block_map_close(&table, 0), 0);
}

static enum map_edit other_side(const void *key, void *value, void *context)
{
	struct fw_block *block = value;

	(void)key;
	(void)context;
	if (block->sides == 3)
		return MAP_KEEP;
	if (block->sides == 1)
		return MAP_REMOVE;
	block->sides = 3;
	return MAP_WRITE;
}

static void edits_reach_lines_and_hash(void **state)
{
	struct block_map table;
	unsigned i;

	(void)state;
	block_map_open(&table, &fw, MAP_BLOCKED_IPS, BLOCK_MAP_ALL);
	fill(&table);
	assert_int_equal(block_map_edit(&table, other_side, NULL), 0);
	for (i = 0; i < ADDRESSES; i++) {
		model[i].there = model[i].there && model[i].block.sides != 1;
		model[i].block.sides = 3;
	}
	expect_model(&table);
	assert_int_equal(block_map_close(&table, 0), 0);
}

/* As a command leaves it that was killed between the two. */
static void a_double_goes_from_the_hash(void **state)
{
	const struct fw_block forever = { .expires_ns = FW_FOREVER, .sides = 3 }, ends = { LATER, 0, 3, 0 };
	struct block_map table;
	struct fw_block block;
	__u32 address = model[1].address;

	(void)state;
	block_map_open(&table, &fw, MAP_BLOCKED_IPS, 1);
	assert_int_equal(block_map_insert(&table, &address, &forever), 0);
	assert_int_equal(sys_bpf_map_update(fw.map_fd[MAP_BLOCKED_IPS], &address, &ends, BPF_ANY), 0);
	assert_int_equal(block_map_drop_doubles(&table), 0);
	assert_int_not_equal(sys_bpf_map_lookup(fw.map_fd[MAP_BLOCKED_IPS], &address, &block), 0);
	assert_true(program_blocks(address, 1));
	assert_int_equal(block_map_delete(&table, &address), 0);
	assert_false(program_blocks(address, 1));
	assert_int_equal(block_map_close(&table, 0), 0);
}

/* ---- a table that is not ready ---- */

static void what_the_hash_had_is_found_with_and_without_lines(void **state)
{
	const struct fw_block block = { .expires_ns = FW_FOREVER, .sides = 3 };
	__u32 address;

	(void)state;
	end(NULL);
	assert_int_equal(begin_with(FW_MAX_BLOCKED), 0);
	for (address = 0; address < 100; address++)
		assert_int_equal(sys_bpf_map_update(fw.map_fd[MAP_BLOCKED_IPS], &address, &block, BPF_ANY), 0);
	for (address = 0; address < 200; address++)
		assert_int_equal(program_blocks(address, 1), address < 100);
	assert_int_equal(block_lines_begin(fw.map_fd[MAP_BLOCKED_LINES], fw.map_fd[MAP_BLOCKED_IPS]), 0);
	for (address = 0; address < 200; address++)
		assert_int_equal(program_blocks(address, 1), address < 100);
}

static void the_order_is_that_of_windows(void **state)
{
	static __u32 address[50000];
	struct block_lines lines = { .n = 100000 };
	__u32 before = 0, window;
	__u64 sum = 0, same = 0;
	size_t i, n = sizeof(address) / sizeof(*address);

	(void)state;
	for (i = 0; i < n; i++)
		sum += address[i] = (__u32)rand() << 8 ^ (__u32)rand();
	block_lines_sort(&lines, address, n);
	for (i = 0; i < n; i++) {
		window = fw_block_line(fw_block_hash(address[i]), lines.n) / ((1u << 20) / 64);
		assert_true(window >= before);
		before = window;
		same += address[i];
	}
	assert_int_equal(sum, same);
}

/* Nothing is written that no program would find: a map that cannot be mapped is in the lines' place. */
static void what_cannot_be_mapped_leaves_nothing(void **state)
{
	const struct fw_block forever = { .expires_ns = FW_FOREVER, .sides = 3 }, ends = { LATER, 0, 3, 0 };
	int lines_fd = fw.map_fd[MAP_BLOCKED_LINES];
	struct block_map table;
	struct fw_block block;
	unsigned i;

	(void)state;
	block_map_open(&table, &fw, MAP_BLOCKED_IPS, 1);
	fw.map_fd[MAP_BLOCKED_LINES] = fw.map_fd[MAP_BLOCKED_IPS];
	for (i = 0; i < 10; i++) {
		assert_true(block_map_insert(&table, &model[i].address, i % 2 ? &forever : &ends) < 0);
		assert_true(block_map_replace(&table, &model[i].address, &ends) < 0);
		assert_int_not_equal(sys_bpf_map_lookup(fw.map_fd[MAP_BLOCKED_IPS], &model[i].address, &block), 0);
	}
	assert_true(block_map_close(&table, 0) < 0);
	fw.map_fd[MAP_BLOCKED_LINES] = lines_fd;
}

/* ---- growth ---- */

#define MANY 20000
#define WANTED 30000

static void block_many(__u32 *address)
{
	const struct fw_block forever = { .expires_ns = FW_FOREVER, .sides = 3 };
	struct block_map table;
	unsigned i;

	for (i = 0; i < MANY; i++)
		address[i] = i * 0x01000193u;
	block_map_open(&table, &fw, MAP_BLOCKED_IPS, MANY);
	block_map_sort(&table, address, MANY);
	for (i = 0; i < MANY; i++)
		assert_int_equal(block_map_insert(&table, &address[i], &forever), 0);
	assert_int_equal(block_map_close(&table, 0), 0);
}

static void unblock_many(const __u32 *address)
{
	struct block_map table;
	unsigned i;

	block_map_open(&table, &fw, MAP_BLOCKED_IPS, MANY);
	for (i = 0; i < MANY; i++)
		assert_int_equal(block_map_delete(&table, &address[i]), 0);
	assert_int_equal(block_lines_count(&table.lines), 0);
	assert_int_equal(block_map_close(&table, 0), 0);
	assert_int_equal(map_count(fw.map_fd[MAP_BLOCKED_IPS]), 0);
}

static void a_larger_table_has_them_all(void **state)
{
	static __u32 address[MANY];
	struct map_set maps;
	struct error err = { 0 };
	unsigned i;
	int lines_fd;

	(void)state;
	block_many(address);
	map_set_begin(&maps, NULL);
	assert_int_equal(lines_put_larger(&fw, WANTED, &maps, &err), 0);
	lines_fd = map_set_find(&maps, "blocked_lines");
	assert_true(lines_fd >= 0);
	close(fw.map_fd[MAP_BLOCKED_LINES]);
	fw.map_fd[MAP_BLOCKED_LINES] = dup(lines_fd);
	map_set_close(&maps);
	for (i = 0; i < MANY; i++)
		assert_true(program_blocks(address[i], 1) && program_blocks(address[i], 2));
	for (i = 0; i < MANY; i++)
		assert_false(program_blocks(address[i] ^ 0x5a5a5a5a, 1));
	unblock_many(address);
}

/* As where the programs for it cannot be loaded. */
static void a_growth_that_comes_to_nothing_leaves_nothing(void **state)
{
	static __u32 address[MANY];
	struct map_set maps;
	struct error err = { 0 };
	unsigned i;

	(void)state;
	block_many(address);
	map_set_begin(&maps, NULL);
	assert_int_equal(lines_put_larger(&fw, WANTED, &maps, &err), 0);
	map_set_close(&maps);
	for (i = 0; i < MANY; i++)
		assert_true(program_blocks(address[i], 1));
	unblock_many(address);
}

/* How many of `n` addresses a step apart find their line full, of lines with two places of five taken. */
static unsigned crowded(__u32 first, __u32 step, unsigned n)
{
	__u32 lines = n * 9 / 20;
	unsigned char *taken = calloc(lines + 1, 1);
	unsigned i, left = 0;

	assert_non_null(taken);
	for (i = 0; i < n; i++) {
		__u32 line = fw_block_line(fw_block_hash(first + i * step), lines);

		if (taken[line] < FW_LINE_ROOM)
			taken[line]++;
		else
			left++;
	}
	free(taken);
	return left;
}

static void lists_with_a_pattern_fill_lines_as_others_do(void **state)
{
	static const struct {
		__u32 step;
		unsigned n;
	} lists[] = { { 1, 200000 },         { 4, 200000 },         { 256, 200000 },    { 1 << 12, 200000 },
		      { 0x00010000, 60000 }, { 0x00010100, 60000 }, { 0x01000000, 256 } };
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		assert_true(crowded(0x0a000000, lists[i].step, lists[i].n) <= lists[i].n / 24);
}

static int is_refused(void **state)
{
	int refused = begin_with(1);

	(void)state;
	if (!refused)
		end(NULL);
	return refused;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_change_is_seen_by_programs, begin, end),
		cmocka_unit_test_setup_teardown(a_walk_sees_each_once, begin, end),
		cmocka_unit_test_setup_teardown(edits_reach_lines_and_hash, begin, end),
		cmocka_unit_test_setup_teardown(a_double_goes_from_the_hash, begin, end),
		cmocka_unit_test_setup_teardown(what_the_hash_had_is_found_with_and_without_lines, begin, end),
		cmocka_unit_test_setup_teardown(what_cannot_be_mapped_leaves_nothing, begin, end),
		cmocka_unit_test_setup_teardown(a_larger_table_has_them_all, begin, end),
		cmocka_unit_test_setup_teardown(a_growth_that_comes_to_nothing_leaves_nothing, begin, end),
		cmocka_unit_test(lists_with_a_pattern_fill_lines_as_others_do),
		cmocka_unit_test(the_order_is_that_of_windows),
	};

	if (is_refused(NULL)) {
		printf("ok 1 - blocked addresses in lines # SKIP this kernel lets this user make no such maps: run as "
		       "root on Linux 5.5\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
