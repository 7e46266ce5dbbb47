/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/ring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/bpf.h>

int ring_open(struct ring *ring, int map_fd, __u32 size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *consumer, *producer;
	int code;

	memset(ring, 0, sizeof(*ring));
	if (!size || (size & (size - 1)))
		return -EINVAL;
	consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	producer = mmap(NULL, page + 2 * (size_t)size, PROT_READ, MAP_SHARED, map_fd, (off_t)page);
	if (producer == MAP_FAILED) {
		code = -errno;
		munmap(consumer, page);
		return code;
	}
	ring->consumer = consumer;
	ring->producer = producer;
	ring->data = (const unsigned char *)producer + page;
	ring->size = size;
	ring->page = page;
	return 0;
}

void ring_close(struct ring *ring)
{
	if (!ring->page)
		return;
	munmap(ring->consumer, ring->page);
	munmap((void *)ring->producer, ring->page + 2 * ring->size);
	memset(ring, 0, sizeof(*ring));
}

/* What a record takes in the ring: its header and its bytes, in steps of eight. */
static unsigned long record_room(__u32 length)
{
	return (BPF_RINGBUF_HDR_SZ + (unsigned long)length + 7) & ~7UL;
}

int ring_read(struct ring *ring, ring_visit visit, void *context)
{
	unsigned long end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
	unsigned long at = *ring->consumer;

	while (at != end) {
		const unsigned char *record = ring->data + (at & (ring->size - 1));
		__u32 header = __atomic_load_n((const __u32 *)(const void *)record, __ATOMIC_ACQUIRE);
		__u32 length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		int answer = 0;

		if (header & BPF_RINGBUF_BUSY_BIT)
			return 0;
		if (record_room(length) > ring->size)
			return -EIO;
		if (!(header & BPF_RINGBUF_DISCARD_BIT))
			answer = visit(record + BPF_RINGBUF_HDR_SZ, length, context);
		at += record_room(length);
		__atomic_store_n(ring->consumer, at, __ATOMIC_RELEASE);
		if (answer)
			return answer;
	}
	return 0;
}
