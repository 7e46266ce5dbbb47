/* SPDX-License-Identifier: GPL-2.0 */
/* stats_read.c (as root): the same figures in batches and one by one, and how often the kernel is asked for them. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "loader/stats.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <cmocka.h>

#include "elf/error.h"
#include "loader/cpus.h"
#include "loader/host_features.h"
#include "syscalls/bpf.h"

#define MANY 1200u /* more than there are slots for what passes */
#define FEW 3u

static unsigned calls;      /* of bpf(2) */
static bool array_has_none; /* Linux 5.6 to 5.12: per-CPU hashes have batches, per-CPU arrays have not */
static struct firewall fw;

/* In the C library's place. */
long syscall(long number, ...)
{
	long (*real)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	long word[3];
	va_list words;
	int i;

	va_start(words, number);
	for (i = 0; i < 3; i++)
		word[i] = va_arg(words, long);
	va_end(words);
	calls += number == SYS_bpf;
	if (number == SYS_bpf && word[0] == BPF_MAP_LOOKUP_BATCH && array_has_none &&
	    (int)((const union bpf_attr *)word[1])->batch.map_fd == fw.map_fd[MAP_PKT_PASSED])
		return real(SYS_bpf, -1L, NULL, 0L);
	return real(number, word[0], word[1], word[2]);
}

static void make(enum fw_map map, __u32 type, __u32 key_size, size_t value_size, __u32 room)
{
	const struct bpf_map_create_args args = {
		.type = type,
		.key_size = key_size,
		.value_size = (__u32)value_size,
		.max_entries = room,
		.flags = type == BPF_MAP_TYPE_PERCPU_ARRAY ? 0 : BPF_F_NO_PREALLOC,
	};

	fw.map_fd[map] = sys_bpf_map_create(&args);
	if (fw.map_fd[map] < 0)
		skip();
}

/* The value of n words: those of a CPU, each word of which is `first` and its place more. */
static void put(enum fw_map map, __u32 key, size_t n, __u64 first, __u64 owner)
{
	__u64 *room = percpu_room(n * sizeof(__u64));
	unsigned cpu;
	size_t i;

	assert_non_null(room);
	for (cpu = 0; cpu < cpus_bound(); cpu++)
		for (i = 0; i < n; i++)
			room[cpu * n + i] = owner && !i ? owner : first + cpu + i;
	assert_int_equal(sys_bpf_map_update(fw.map_fd[map], &key, room, BPF_ANY), 0);
	free(room);
}

/* Every fifth has no counters; of those every other one was attached nevertheless. */
static void begin(__u32 containers)
{
	struct fw_container record;
	char name[FW_NAME_MAX + 1];
	__u32 id;

	memset(&fw, 0, sizeof(fw));
	make(MAP_CONTAINERS, BPF_MAP_TYPE_HASH, FW_NAME_MAX, sizeof(record), MANY);
	make(MAP_PKT_STATS, BPF_MAP_TYPE_PERCPU_HASH, sizeof(__u32), sizeof(struct pkt_stats), 2 * MANY);
	make(MAP_PKT_PASSED, BPF_MAP_TYPE_PERCPU_ARRAY, sizeof(__u32), sizeof(struct fw_passed), FW_PASSED_SLOTS);
	make(MAP_UPLINK_STATS, BPF_MAP_TYPE_PERCPU_ARRAY, sizeof(__u32), sizeof(struct pkt_stats), 1);
	make(MAP_FW_CPU, BPF_MAP_TYPE_PERCPU_ARRAY, sizeof(__u32), sizeof(struct fw_cpu), 1);
	put(MAP_UPLINK_STATS, 0, sizeof(struct pkt_stats) / 8, 7, 0);
	put(MAP_FW_CPU, 0, sizeof(struct fw_cpu) / 8, 9, 0);
	for (id = 1; id <= containers; id++) {
		memset(&record, 0, sizeof(record));
		memset(name, 0, sizeof(name));
		snprintf(name, sizeof(name), "c%05u", (id * 7919) % 65536); /* not in the order of numbers */
		record.id = id;
		record.cgroup_id = id * 3;
		record.attached = id % 5 || id % 2;
		assert_int_equal(sys_bpf_map_update(fw.map_fd[MAP_CONTAINERS], name, &record, BPF_ANY), 0);
		put(MAP_PKT_PASSED, id % FW_PASSED_SLOTS, sizeof(struct fw_passed) / 8, id * 100, id);
		if (id % 5)
			put(MAP_PKT_STATS, id, sizeof(struct pkt_stats) / 8, id * 1000, 0);
	}
	put(MAP_PKT_STATS, 50000, sizeof(struct pkt_stats) / 8, 1, 0); /* whose container has been removed */
}

static void end(void)
{
	const enum fw_map made[] = { MAP_CONTAINERS, MAP_PKT_STATS, MAP_PKT_PASSED, MAP_UPLINK_STATS, MAP_FW_CPU };
	size_t i;

	for (i = 0; i < sizeof(made) / sizeof(*made); i++)
		close(fw.map_fd[made[i]]);
}

/* How often the kernel was asked. */
static unsigned read_all(enum tristate batches, struct stats *stats)
{
	struct error err = { 0 };

	host_features(NULL)->state[FEATURE_BATCH] = batches;
	calls = 0;
	assert_int_equal(stats_read(&fw, NULL, stats, &err), 0);
	return calls;
}

/* Of a per-CPU array, which came last. */
static bool kernel_has_batches(void)
{
	__u32 key, next, n = 1;
	void *room = percpu_room(sizeof(struct fw_passed));
	int code = sys_bpf_map_lookup_batch(fw.map_fd[MAP_PKT_PASSED], NULL, &next, &key, room, &n);

	free(room);
	return !code;
}

static void same(const struct stats *left, const struct stats *right)
{
	size_t i;

	assert_int_equal(left->n, right->n);
	assert_int_equal(left->events_lost, right->events_lost);
	for (i = 0; i < left->n; i++) {
		assert_string_equal(left->rows[i].name, right->rows[i].name);
		assert_int_equal(left->rows[i].container, right->rows[i].container);
		assert_int_equal(left->rows[i].cgroup_id, right->rows[i].cgroup_id);
		assert_memory_equal(&left->rows[i].total, &right->rows[i].total, sizeof(left->rows[i].total));
	}
}

static void many_are_read_in_batches(void **state)
{
	struct stats batched, alone, halves;
	unsigned n, cpus;
	size_t i;

	(void)state;
	begin(MANY);
	assert_true(read_all(NO, &alone) > MANY);
	cpus = cpus_seen();
	assert_int_equal(alone.n, 1 + MANY - MANY / 10);
	for (i = 1; i < alone.n; i++) {
		const struct stats_row *row = &alone.rows[i];
		__u64 each = row->container * 1000ULL;

		assert_true(strcmp(alone.rows[i - 1].name, row->name) < 0);
		if (row->container % 5 == 0) { /* what its slot has was before it was attached */
			assert_int_equal(row->total.rx_packets, 0);
			continue;
		}
		each += row->container > MANY - FW_PASSED_SLOTS ? row->container * 100ULL + 1 : 0;
		assert_int_equal(row->total.rx_packets,
				 cpus * each +
					 cpus * (cpus - 1) / 2 * (row->container > MANY - FW_PASSED_SLOTS ? 2 : 1));
	}
	n = read_all(UNKNOWN, &batched);
	if (kernel_has_batches()) /* 64 KiB at a time */
		assert_true(n < 40 + MANY * (cpus * sizeof(struct pkt_stats) + 4) / 65536 * 2 +
					FW_PASSED_SLOTS * (cpus * sizeof(struct fw_passed) + 4) / 65536 * 2);
	same(&alone, &batched);
	array_has_none = true;
	n = read_all(UNKNOWN, &halves);
	array_has_none = false;
	if (kernel_has_batches())
		assert_true(n > MANY / 2 && n < MANY + MANY / 2);
	same(&alone, &halves);
	stats_free(&alone);
	stats_free(&batched);
	stats_free(&halves);
	end();
}

static void few_are_asked_for_alone(void **state)
{
	struct stats alone, batched;

	(void)state;
	begin(FEW);
	read_all(NO, &alone);
	assert_true(read_all(UNKNOWN, &batched) < 20);
	same(&alone, &batched);
	assert_int_equal(alone.n, 1 + FEW);
	stats_free(&alone);
	stats_free(&batched);
	end();
}

static void one_by_name_is_asked_for_alone(void **state)
{
	struct error err = { 0 };
	struct stats stats;

	(void)state;
	begin(MANY);
	host_features(NULL)->state[FEATURE_BATCH] = UNKNOWN;
	assert_int_equal(stats_read(&fw, "c07919", &stats, &err), 0);
	assert_int_equal(stats.n, 1);
	assert_int_equal(stats.rows[0].container, 1);
	assert_true(stats.rows[0].total.rx_packets >= 1000);
	stats_free(&stats);
	assert_int_equal(stats_read(&fw, "nobody", &stats, &err), 0);
	assert_int_equal(stats.n, 0);
	stats_free(&stats);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_are_read_in_batches),
		cmocka_unit_test(few_are_asked_for_alone),
		cmocka_unit_test(one_by_name_is_asked_for_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
