/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/event_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
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
	struct fw_event_state state = { 0 };
	__u32 zero = 0;

	if (!percpu_sum(source->fw->map_fd[MAP_FW_EVENT_STATE], &zero, source->room, (__u64 *)(void *)&state,
			sizeof(state) / sizeof(__u64)))
		source->losses.programs = state.lost;
}

__u64 event_source_lost(struct event_source *source)
{
	if (!source->is_ring)
		source->losses.kernel = source->perf.lost;
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

static int map_open(struct event_source *source, struct error *err)
{
	int map_fd = source->fw->map_fd[MAP_FW_EVENTS];
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	int code = sys_bpf_info(map_fd, &info, &size);

	if (!code) {
		source->is_ring = info.type == BPF_MAP_TYPE_RINGBUF;
		code = source->is_ring ? ring_open(&source->ring, map_fd, info.max_entries)
				       : perf_open(&source->perf, map_fd);
	}
	/* What the ring still holds is not the latest: once full, it took nothing more. */
	if (!code && source->is_ring)
		code = ring_read(&source->ring, pass_over, NULL);
	if (code)
		error_set(err, code,
			  "events: fw_events cannot be read: %s: run as root, or with CAP_BPF and CAP_PERFMON",
			  strerror(-code));
	return code;
}

int event_source_open_own(struct event_source *source, struct firewall *fw, struct error *err)
{
	int code;

	memset(source, 0, sizeof(*source));
	source->fw = fw;
	source->lock_fd = -1;
	source->room = percpu_room(sizeof(struct fw_event_state));
	code = source->room ? map_open(source, err) : error_set(err, -ENOMEM, "events: no memory");
	if (code)
		event_source_close(source);
	return code;
}

int event_source_open(struct event_source *source, struct firewall *fw, struct error *err)
{
	struct event_source lock = { .fw = fw };
	int code = become_the_reader(&lock, err);

	if (!code)
		code = event_source_open_own(source, fw, err);
	if (code) {
		if (lock.lock_fd >= 0)
			close(lock.lock_fd);
		return code;
	}
	source->lock_fd = lock.lock_fd;
	programs_lost(source);
	source->losses.programs_before = source->losses.programs;
	return 0;
}

void event_source_close(struct event_source *source)
{
	ring_close(&source->ring);
	if (source->perf.rings)
		perf_close(&source->perf);
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
