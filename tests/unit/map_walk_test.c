/* SPDX-License-Identifier: GPL-2.0 */
/* map_walk.c (as root): in batches and one by one. */
#include "loader/map_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "loader/host_features.h"
#include "syscalls/bpf.h"

#define ENTRIES 20000u /* several batches */

struct value {
	__u64 number, twice;
};

static int make(__u32 room)
{
	const struct bpf_map_create_args args = {
		.type = BPF_MAP_TYPE_HASH,
		.key_size = sizeof(__u32),
		.value_size = sizeof(struct value),
		.max_entries = room,
	};

	return sys_bpf_map_create(&args);
}

static int filled(void)
{
	int fd = make(ENTRIES);
	__u32 key;

	if (fd < 0)
		skip();
	for (key = 0; key < ENTRIES; key++) {
		struct value value = { key, 2 * key };

		assert_int_equal(sys_bpf_map_update(fd, &key, &value, BPF_ANY), 0);
	}
	return fd;
}

/* Each test is run twice. */
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

struct seen {
	__u64 sum, n, stop_at;
};

static int see(const void *key, const void *value, void *context)
{
	const struct value *read = value;
	struct seen *seen = context;

	assert_int_equal(read->number, *(const __u32 *)key);
	assert_int_equal(read->twice, 2 * read->number);
	seen->sum += read->number;
	return ++seen->n == seen->stop_at ? 7 : 0;
}

static void each_entry_is_visited_once(void **state)
{
	struct seen seen = { 0 };
	int fd = filled();

	(void)state;
	assert_int_equal(map_walk(fd, see, &seen), 0);
	assert_int_equal(seen.n, ENTRIES);
	assert_int_equal(seen.sum, ENTRIES / 2 * (__u64)(ENTRIES - 1));
	assert_int_equal(map_count(fd), ENTRIES);
	close(fd);
}

static void a_visit_may_end_the_walk(void **state)
{
	struct seen seen = { .stop_at = 5000 };
	int fd = filled();

	(void)state;
	assert_int_equal(map_walk(fd, see, &seen), 7);
	assert_int_equal(seen.n, 5000);
	close(fd);
}

static enum map_edit edit(const void *key, void *value, void *context)
{
	struct value *read = value;

	(void)key;
	(void)context;
	if (read->number % 3 == 0)
		return MAP_KEEP;
	if (read->number % 3 == 1)
		return MAP_REMOVE;
	read->twice = 7;
	return MAP_WRITE;
}

static void entries_are_kept_written_and_removed(void **state)
{
	struct value value;
	int fd = filled();
	__u32 key;

	(void)state;
	assert_int_equal(map_edit(fd, edit, NULL), 0);
	for (key = 0; key < ENTRIES; key++) {
		assert_int_equal(!sys_bpf_map_lookup(fd, &key, &value), key % 3 != 1);
		if (key % 3 == 1)
			continue;
		assert_int_equal(value.number, key);
		assert_int_equal(value.twice, key % 3 ? 7 : 2 * key);
	}
	close(fd);
}

static void what_is_not_there_is_removed_all_the_same(void **state)
{
	__u32 *keys = calloc(2 * ENTRIES, sizeof(*keys)), i;
	int fd = filled();

	(void)state;
	for (i = 0; i < 2 * ENTRIES; i++)
		keys[i] = i * 5; /* from the fifth part on there is none */
	assert_int_equal(map_remove(fd, keys, 2 * ENTRIES, sizeof(*keys)), 0);
	assert_int_equal(map_count(fd), ENTRIES - ENTRIES / 5);
	assert_int_equal(map_remove(fd, keys, 2 * ENTRIES, sizeof(*keys)), 0);
	assert_int_equal(map_remove(fd, keys, 0, sizeof(*keys)), 0);
	free(keys);
	close(fd);
}

static void a_copy_has_the_same_entries(void **state)
{
	int fd = filled(), larger = make(2 * ENTRIES), smaller = make(ENTRIES / 2);
	struct seen seen = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(map_copy(fd, larger, &err), 0);
	assert_int_equal(map_walk(larger, see, &seen), 0);
	assert_int_equal(seen.n, ENTRIES);
	assert_true(map_copy(fd, smaller, &err) < 0);
	assert_non_null(strstr(err.text, "cannot be copied"));
	close(fd);
	close(larger);
	close(smaller);
}

static void an_empty_map_has_none(void **state)
{
	struct seen seen = { 0 };
	int fd = make(ENTRIES);

	(void)state;
	if (fd < 0)
		skip();
	assert_int_equal(map_walk(fd, see, &seen), 0);
	assert_int_equal(seen.n, 0);
	assert_int_equal(map_count(fd), 0);
	assert_true(map_walk(-1, see, &seen) < 0);
	close(fd);
}

#define TWICE(test) cmocka_unit_test_setup(test, with_batches), cmocka_unit_test_setup(test, without_batches)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TWICE(each_entry_is_visited_once),           TWICE(a_visit_may_end_the_walk),
		TWICE(entries_are_kept_written_and_removed), TWICE(what_is_not_there_is_removed_all_the_same),
		TWICE(a_copy_has_the_same_entries),          TWICE(an_empty_map_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
