/* SPDX-License-Identifier: GPL-2.0 */
/* events_peer RING N: takes N events out of a pinned ring buffer by libbpf, which is linked, and only counts them. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static long taken;

static int take(void *context, void *data, size_t size)
{
	(void)context;
	(void)data;
	(void)size;
	taken++;
	return 0;
}

int main(int argc, char **argv)
{
	struct ring_buffer *ring;
	long wanted;
	int fd;

	if (argc != 3)
		return 2;
	wanted = atol(argv[2]);
	fd = bpf_obj_get(argv[1]);
	ring = fd < 0 ? NULL : ring_buffer__new(fd, take, NULL, NULL);
	if (!ring) {
		perror(argv[1]);
		return 1;
	}
	while (taken < wanted)
		if (ring_buffer__poll(ring, -1) < 0 && errno != EINTR)
			return 1;
	return 0;
}
