/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads a ring buffer map (BPF_MAP_TYPE_RINGBUF) through its two mappings. One reader at a time: the position up to
 * which it has read is in the map.
 */
#ifndef LOADER_RING_H
#define LOADER_RING_H

#include <stddef.h>
#include <linux/types.h>

struct ring {
	unsigned long *consumer;       /* position up to which records are read */
	const unsigned long *producer; /* position up to which they are written, or being written */
	const unsigned char *data;     /* mapped twice in a row, so that no record is cut */
	unsigned long size;            /* of the data, a power of two */
	size_t page;
};

/* One record's bytes, borrowed until it returns. Other than 0 ends the reading, behind this record. */
typedef int (*ring_visit)(const void *bytes, size_t size, void *context);

/* Maps the buffer of `size` bytes (the map's max_entries). 0 or -errno. */
int ring_open(struct ring *ring, int map_fd, __u32 size);
void ring_close(struct ring *ring);

/*
 * Calls visit for each record written before the call, oldest first, and gives the room back to the kernel. 0 where all
 * are read, visit's answer where it ended it, -EIO where the buffer contradicts itself.
 */
int ring_read(struct ring *ring, ring_visit visit, void *context);

#endif
