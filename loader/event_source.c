/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/event_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "loader/cpus.h"
#include "loader/firewall.h"
#include "syscalls/bpf.h"

__u64 losses_take(struct losses *losses)
{
	__u64 programs = losses->programs - losses->programs_before;
	__u64 all, fresh;

	if (losses->kernel > programs)
		losses->apart = true;
	all = losses->apart ? programs + losses->kernel : programs;
	fresh = all > losses->told ? all - losses->told : 0;
	losses->told += fresh;
	return fresh;
}

static void programs_lost(struct event_source *source)
{
	struct fw_cpu state = { 0 };
	__u32 zero = 0;

	if (!percpu_sum(source->fw->map_fd[MAP_FW_CPU], &zero, source->room, (__u64 *)(void *)&state,
			sizeof(state) / sizeof(__u64)))
		source->losses.programs = state.lost;
}

__u64 event_source_lost(struct event_source *source)
{
	source->losses.kernel = source->losses.kernel_before + (source->is_ring ? 0 : source->perf.lost);
	programs_lost(source);
	return losses_take(&source->losses);
}

/* Two readers would each take some of the events, and of a ring buffer corrupt what the other reads. */
static int become_the_reader(struct event_source *source, struct error *err)
{
	source->lock_fd = openat(source->fw->lock_fd, "maps", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (source->lock_fd < 0)
		return error_set(err, -errno, "events: the pins cannot be opened: %s: run bulkhead up",
				 strerror(errno));
	if (!flock(source->lock_fd, LOCK_EX | LOCK_NB))
		return 0;
	if (errno == EWOULDBLOCK)
		return error_set(err, -EBUSY,
				 "events: another bulkhead events reads them: each event has one reader: "
				 "end that one first, or read its output");
	return error_set(err, -errno, "events: the pins cannot be locked: %s: try again", strerror(errno));
}

static int pass_over(const void *bytes, size_t size, void *context)
{
	(void)bytes;
	(void)size;
	(void)context;
	return 0;
}

/* Of a ring that was read before, and of one that took the place of such, the events are the reader's. */
static int maps_open(struct event_source *source, bool leave_out, struct error *err)
{
	int map_fd = source->fw->map_fd[MAP_FW_EVENTS];
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	int code = sys_bpf_info(map_fd, &info, &size);

	source->is_ring = info.type == BPF_MAP_TYPE_RINGBUF;
	if (!code)
		code = source->is_ring ? ring_open(&source->ring, map_fd, info.max_entries)
				       : perf_open(&source->perf, map_fd);
	/* What the ring still holds is not the latest: once full, it took nothing more. */
	if (!code && source->is_ring && leave_out)
		code = ring_read(&source->ring, pass_over, NULL);
	if (code)
		error_set(err, code,
			  "events: fw_events cannot be read: %s: run as root, or with CAP_BPF and CAP_PERFMON",
			  strerror(-code));
	return code;
}

static void maps_close(struct event_source *source)
{
	ring_close(&source->ring);
	if (source->perf.rings)
		perf_close(&source->perf);
}

static int open_over(struct event_source *source, struct firewall *fw, bool is_own, struct error *err)
{
	int code = 0;

	memset(source, 0, sizeof(*source));
	source->fw = fw;
	source->lock_fd = -1;
	source->room = percpu_room(sizeof(struct fw_cpu));
	if (!source->room)
		return error_set(err, -ENOMEM, "events: no memory");
	if (!is_own)
		code = become_the_reader(source, err);
	if (!code)
		code = maps_open(source, !is_own, err);
	if (code)
		event_source_close(source);
	return code;
}

int event_source_open_own(struct event_source *source, struct firewall *fw, struct error *err)
{
	return open_over(source, fw, true, err);
}

int event_source_open(struct event_source *source, struct firewall *fw, struct error *err)
{
	int code = open_over(source, fw, false, err);

	if (code)
		return code;
	programs_lost(source);
	source->losses.programs_before = source->losses.programs;
	return 0;
}

/* A firewall whose `down` was killed keeps its directory, and gets new ones below it. */
static int stay_the_reader(struct event_source *source, struct error *err)
{
	struct stat locked;

	if (!fstat(source->lock_fd, &locked) && locked.st_nlink)
		return 0;
	close(source->lock_fd);
	return become_the_reader(source, err);
}

int event_source_reopen(struct event_source *source, struct error *err)
{
	__u64 before = source->losses.programs;
	int code;

	if (!source->is_ring)
		source->losses.kernel_before += source->perf.lost;
	maps_close(source);
	code = stay_the_reader(source, err);
	if (!code)
		code = maps_open(source, false, err);
	programs_lost(source);
	if (source->losses.programs < before) /* another map counts from 0 on */
		source->losses = (struct losses) { .apart = source->losses.apart };
	return code;
}

void event_source_close(struct event_source *source)
{
	maps_close(source);
	if (source->lock_fd >= 0)
		close(source->lock_fd);
	free(source->room);
	source->lock_fd = -1;
	source->room = NULL;
}

size_t event_source_fds(const struct event_source *source, struct pollfd *fds, size_t room)
{
	size_t i;

	if (source->is_ring) {
		fds[0] = (struct pollfd) { .fd = source->fw->map_fd[MAP_FW_EVENTS], .events = POLLIN };
		return 1;
	}
	for (i = 0; i < source->perf.n_rings && i < room; i++)
		fds[i] = (struct pollfd) { .fd = source->perf.rings[i].fd, .events = POLLIN };
	return i;
}

int event_source_read(struct event_source *source, ring_visit visit, void *context)
{
	return source->is_ring ? ring_read(&source->ring, visit, context) : perf_read(&source->perf, visit, context);
}
