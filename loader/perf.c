/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/perf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/perf_event.h>

#include "loader/cpus.h"
#include "syscalls/bpf.h"

#define RING_BYTES (64 * 1024)
#define RECORD_MAX 65536 /* a record's size is 16 bits */

static int ring_start(struct perf *perf, struct perf_ring *ring, int map_fd, __u32 cpu)
{
	void *page;
	int code;

	ring->fd = sys_perf_event_open_bpf((int)cpu, 1);
	if (ring->fd < 0)
		return ring->fd;
	page = mmap(NULL, perf->mapped, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
	if (page == MAP_FAILED) {
		code = -errno;
		close(ring->fd);
		return code;
	}
	ring->page = page;
	ring->data = (unsigned char *)page + perf->page_size;
	ring->size = perf->mapped - perf->page_size;
	code = sys_bpf_map_update(map_fd, &cpu, &ring->fd, BPF_ANY);
	if (!code)
		code = sys_perf_event_enable(ring->fd);
	if (code) {
		munmap(page, perf->mapped);
		close(ring->fd);
	}
	return code;
}

int perf_open(struct perf *perf, int map_fd)
{
	__u32 cpu, cpus = cpus_bound();
	int code, first = 0;

	memset(perf, 0, sizeof(*perf));
	perf->page_size = (size_t)sysconf(_SC_PAGESIZE);
	perf->mapped = perf->page_size + (RING_BYTES > perf->page_size ? RING_BYTES : perf->page_size);
	perf->rings = calloc(cpus, sizeof(*perf->rings));
	perf->whole = malloc(RECORD_MAX);
	if (!perf->rings || !perf->whole) {
		perf_close(perf);
		return -ENOMEM;
	}
	for (cpu = 0; cpu < cpus; cpu++) {
		code = ring_start(perf, &perf->rings[perf->n_rings], map_fd, cpu);
		if (!code)
			perf->n_rings++;
		else if (code != -ENODEV && !first)
			first = code;
	}
	/* A CPU that is off answers ENODEV, one that cannot be EINVAL: that is no failure while others answer. */
	if (perf->n_rings && (!first || first == -EINVAL))
		return 0;
	perf_close(perf);
	return first ? first : -ENODEV;
}

void perf_close(struct perf *perf)
{
	while (perf->n_rings) {
		struct perf_ring *ring = &perf->rings[--perf->n_rings];

		munmap(ring->page, perf->mapped);
		close(ring->fd);
	}
	free(perf->rings);
	free(perf->whole);
	perf->rings = NULL;
	perf->whole = NULL;
}

/* The `size` bytes at position `at`: where they lie, or put together in `whole` where the ring's end cuts them. */
static const unsigned char *ring_bytes(struct perf *perf, const struct perf_ring *ring, __u64 at, size_t size)
{
	size_t offset = at & (ring->size - 1);
	size_t behind = ring->size - offset;

	if (size <= behind)
		return ring->data + offset;
	memcpy(perf->whole, ring->data + offset, behind);
	memcpy(perf->whole + behind, ring->data, size - behind);
	return perf->whole;
}

/* A record without its header: a sample is a 32-bit size and that many bytes; a loss is an id and a number. */
static int record_read(struct perf *perf, __u32 type, const unsigned char *body, size_t size, perf_visit visit,
		       void *context)
{
	__u32 length;
	__u64 lost;

	if (type == PERF_RECORD_SAMPLE && size >= sizeof(length)) {
		memcpy(&length, body, sizeof(length));
		if (length > size - sizeof(length))
			return -EIO;
		return visit(body + sizeof(length), length, context);
	}
	if (type == PERF_RECORD_LOST && size >= 2 * sizeof(lost)) {
		memcpy(&lost, body + sizeof(lost), sizeof(lost));
		perf->lost += lost;
	}
	return 0;
}

int perf_ring_read(struct perf *perf, struct perf_ring *ring, perf_visit visit, void *context)
{
	__u64 head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
	__u64 tail = ring->page->data_tail;
	int answer = 0;

	while (tail != head && !answer) {
		struct perf_event_header header;
		const unsigned char *record;

		memcpy(&header, ring_bytes(perf, ring, tail, sizeof(header)), sizeof(header));
		if (header.size < sizeof(header) || header.size > head - tail || header.size > ring->size)
			return -EIO;
		record = ring_bytes(perf, ring, tail, header.size);
		answer = record_read(perf, header.type, record + sizeof(header), header.size - sizeof(header), visit,
				     context);
		tail += header.size;
		__atomic_store_n(&ring->page->data_tail, tail, __ATOMIC_RELEASE);
	}
	return answer;
}

int perf_read(struct perf *perf, perf_visit visit, void *context)
{
	size_t i;
	int answer = 0;

	for (i = 0; i < perf->n_rings && !answer; i++)
		answer = perf_ring_read(perf, &perf->rings[i], visit, context);
	return answer;
}
