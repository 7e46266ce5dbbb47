/* SPDX-License-Identifier: GPL-2.0 */
/*
 * events_peer RING: takes events out of a pinned ring buffer by libbpf, which is linked, until it is interrupted; only
 * counts them, and says how many they were.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <signal.h>
#include <stdio.h>

static long taken;
static volatile sig_atomic_t ends;

static void end(int signal)
{
	(void)signal;
	ends = 1;
}

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
	struct sigaction action = { .sa_handler = end };
	struct ring_buffer *ring;
	int fd;

	if (argc != 2)
		return 2;
	fd = bpf_obj_get(argv[1]);
	ring = fd < 0 ? NULL : ring_buffer__new(fd, take, NULL, NULL);
	if (!ring) {
		perror(argv[1]);
		return 1;
	}
	sigaction(SIGINT, &action, NULL);
	while (!ends)
		ring_buffer__poll(ring, -1);
	printf("%ld\n", taken);
	return 0;
}
