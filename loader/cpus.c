/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/cpus.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscalls/bpf.h"

#define MASK_BYTES 8192 /* Linux allows at most 8,192 CPUs: 1,024 bytes */

unsigned cpus_bound(void)
{
	unsigned long mask[MASK_BYTES / sizeof(unsigned long)];
	static long n;

	/* Not the library's: it hides how many bytes the kernel wrote. */
	if (!n)
		n = syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask);
	return n > 0 ? (unsigned)n * 8 : MASK_BYTES;
}

void *percpu_room(size_t value_size)
{
	return calloc(cpus_bound(), value_size);
}

static unsigned cpus; /* possible ones; 0: not seen yet */

unsigned cpus_seen(void)
{
	return cpus;
}

/* How many slots of a room of ones the kernel has written: no CPU's counters are all at their end. */
static unsigned slots_written(const __u64 *room, size_t n)
{
	size_t i = cpus_bound() * n;

	while (i && room[i - 1] == ~0ULL)
		i--;
	return (unsigned)((i + n - 1) / n);
}

int percpu_lookup(int map_fd, const void *key, void *room, size_t n)
{
	int code;

	if (!cpus)
		memset(room, 0xff, cpus_bound() * n * sizeof(__u64));
	code = sys_bpf_map_lookup(map_fd, key, room);
	if (!code && !cpus)
		cpus = slots_written(room, n);
	return code;
}

void percpu_add(const void *values, __u64 *sum, size_t n)
{
	const __u64 *value = values;
	unsigned cpu;
	size_t i;

	for (cpu = 0; cpu < cpus; cpu++)
		for (i = 0; i < n; i++)
			sum[i] += *value++;
}

int percpu_sum(int map_fd, const void *key, void *room, __u64 *sum, size_t n)
{
	int code = percpu_lookup(map_fd, key, room, n);

	if (!code)
		percpu_add(room, sum, n);
	return code;
}
