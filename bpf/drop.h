/* SPDX-License-Identifier: GPL-2.0 */
/* The end of a refused packet: one counter, one event. */
#ifndef BPF_DROP_H
#define BPF_DROP_H

#include "bpf/events.h"

/* At TC and XDP they may; at the cgroup since 5.4 only, and what happens there before is counted as lost. */
#ifndef SENDS_BY_PERF
#define SENDS_BY_PERF 1
#endif

static __noinline int drop_packet(void *ctx, const struct packet_info *packet, const struct drop *drop)
{
	__u64 now = bpf_ktime_get_ns();
	struct fw_event_state *state;
	struct {
		__u8 bytes[FW_EVENT_SHORT] __attribute__((aligned(8)));
	} event;

	count_drop(drop->container, drop->reason);
	state = event_take(now);
	if (!state)
		return 0;
	event_fill((struct fw_event *)&event, packet, drop, now);
	event_send(ctx, state, (struct fw_event *)&event, FW_EVENT_SHORT, SENDS_BY_PERF);
	return 0;
}

#endif
