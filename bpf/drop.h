/* SPDX-License-Identifier: GPL-2.0 */
/* The end of a refused packet: one counter, one event. */
#ifndef BPF_DROP_H
#define BPF_DROP_H

#include "bpf/events.h"

/* At TC and XDP they may; at the cgroup since 5.4 only, and what happens there before is counted as lost. */
#ifndef SENDS_BY_PERF
#define SENDS_BY_PERF 1
#endif

DEFINE_CONTAINER_FACTS;

/* `state`: event_take's. A container's cgroup is looked up here, as few drops are told. */
static __always_inline void tell_drop(void *ctx, const struct packet_info *packet, struct drop *drop,
				      struct fw_cpu *state)
{
	const struct fw_facts *facts;
	struct {
		__u8 bytes[FW_EVENT_SHORT] __attribute__((aligned(8)));
	} event;

	if (drop->container) {
		facts = bpf_map_lookup_elem(&container_facts, &drop->container);
		drop->cgroup_id = facts ? facts->cgroup_id : 0;
	}
	event_fill((struct fw_event *)&event, packet, drop, bpf_ktime_get_ns());
	event_send(ctx, state, (struct fw_event *)&event, FW_EVENT_SHORT, SENDS_BY_PERF);
}

static __noinline __attribute__((unused)) int drop_packet(void *ctx, const struct packet_info *packet,
							  struct drop *drop)
{
	struct fw_cpu *state;

	count_drop(drop->container, drop->reason);
	state = event_take();
	if (state)
		tell_drop(ctx, packet, drop, state);
	return 0;
}

#endif
