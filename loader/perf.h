/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads a perf event array map: each CPU's slot holds a perf event of ours while we read. The kernel clears the slots
 * when the descriptor of the map that filled them is closed, however the process ends.
 */
#ifndef LOADER_PERF_H
#define LOADER_PERF_H

#include <stddef.h>
#include <linux/types.h>

struct perf_event_mmap_page;

struct perf_ring {
	int fd;
	struct perf_event_mmap_page *page;
	unsigned char *data;
	__u64 size; /* of the data, a power of two */
};

struct perf {
	struct perf_ring *rings;
	size_t n_rings;
	size_t page_size, mapped; /* of each ring's mapping */
	__u64 lost;               /* records that found no room, as the kernel has told so far */
	unsigned char *whole;     /* a record that the end of a ring cuts, put together */
};

typedef int (*perf_visit)(const void *bytes, size_t size, void *context);

/* Opens an event on each CPU that is online and puts it into its slot of the map. 0 or -errno. */
int perf_open(struct perf *perf, int map_fd);
void perf_close(struct perf *perf);

/* As ring_read, over all CPUs' rings, one after the other. A sample's bytes may have up to seven of padding behind. */
int perf_read(struct perf *perf, perf_visit visit, void *context);

/* One ring's records; for perf_read and its tests. */
int perf_ring_read(struct perf *perf, struct perf_ring *ring, perf_visit visit, void *context);

#endif
