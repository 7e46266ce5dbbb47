/* SPDX-License-Identifier: GPL-2.0 */
/* Where events come from: the fw_events map, a ring buffer or a perf event array, and the counts of what was lost. */
#ifndef LOADER_EVENT_SOURCE_H
#define LOADER_EVENT_SOURCE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include "loader/perf.h"
#include "loader/ring.h"

struct error;
struct firewall;

/*
 * Losses have two counts. The programs' own holds what was over their bound, and what found no room where the kernel
 * tells them so; the kernel's (perf event arrays) holds what found no room. The second is in the first from Linux 5.1
 * on, and that is seen from the counts: it is never the larger.
 */
struct losses {
	__u64 programs, programs_before; /* as read; at the start */
	__u64 kernel, kernel_before;     /* of the perf events that are open; of earlier ones */
	bool apart;                      /* the kernel's are not in the programs' */
	__u64 told;
};

/* What has been lost and not been told yet; from now on it has been. */
__u64 losses_take(struct losses *losses);

struct event_source {
	struct firewall *fw;
	int lock_fd;
	bool is_ring;
	struct ring ring;
	struct perf perf;
	struct losses losses;
	void *room; /* for per-CPU values */
};

/* Becomes the one reader (-EBUSY: there is another), and leaves out what happened before. 0 or -errno. */
int event_source_open(struct event_source *source, struct firewall *fw, struct error *err);

/* After follow_reopen: goes on with the maps that are there now, and with what a new one holds already. 0 or -errno. */
int event_source_reopen(struct event_source *source, struct error *err);
/* The same over maps that nobody else reads, from their first event on: it takes no lock. */
int event_source_open_own(struct event_source *source, struct firewall *fw, struct error *err);
void event_source_close(struct event_source *source);

/* Descriptors that can be read when events are there: fills at most `room` of them and gives their number. */
size_t event_source_fds(const struct event_source *source, struct pollfd *fds, size_t room);

/* Calls visit for the events that are there. Its answer, 0, or -EIO. */
int event_source_read(struct event_source *source, ring_visit visit, void *context);

/* As losses_take, after reading the counts. */
__u64 event_source_lost(struct event_source *source);

#endif
