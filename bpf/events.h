/* SPDX-License-Identifier: GPL-2.0 */
/* A drop is counted once and told once: pkt_stats, and fw_events within each CPU's bound. */
#ifndef BPF_EVENTS_H
#define BPF_EVENTS_H

#include "bpf/cpu.h"
#include "bpf/network.h"

DEFINE_PKT_STATS;
DEFINE_MAP(uplink_stats, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct pkt_stats, 1, 0);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, FW_EVENT_RING_BYTES);
} fw_events SEC(".maps");

#define SECOND_NS 1000000000ULL

/* Which drop, where. */
struct drop {
	__u32 container, ifindex, len, rule;
	__u64 cgroup_id;
	__u8 layer, reason, direction, pad[5];
};

/* A program that runs on uplinks says so: COUNTS_UPLINKS. */
static __always_inline struct pkt_stats *stats_of(__u32 container)
{
#ifdef COUNTS_UPLINKS
	__u32 zero = 0;

	if (!container)
		return bpf_map_lookup_elem(&uplink_stats, &zero);
#endif
	return bpf_map_lookup_elem(&pkt_stats, &container);
}

static __always_inline void count_drop(__u32 container, __u32 reason)
{
	struct pkt_stats *stats = stats_of(container);

	if (!stats || reason >= FW_REASON_N)
		return;
	stats->drops[reason]++;
}

static __always_inline void count_pass(__u32 container, int direction, __u32 len)
{
	struct pkt_stats *stats = bpf_map_lookup_elem(&pkt_stats, &container);

	if (!stats)
		return;
	if (direction == FW_IN) {
		stats->rx_packets++;
		stats->rx_bytes += len;
	} else {
		stats->tx_packets++;
		stats->tx_bytes += len;
	}
}

/* Takes one of this second's events of this CPU. NULL: none left, counted as lost. */
static __always_inline struct fw_cpu *event_take(void)
{
	const struct fw_config *config = config_get();
	struct fw_cpu *state = cpu_get();
	__u64 now;

	if (!config || !state)
		return NULL;
	now = clock_coarse();
	if (now - state->window_start_ns >= SECOND_NS) {
		state->window_start_ns = now;
		state->sent = 0;
	}
	if (state->sent >= config->events_per_second) {
		state->lost++;
		return NULL;
	}
	state->sent++;
	return state;
}

static __always_inline void event_lose(void)
{
	struct fw_cpu *state = cpu_get();

	if (state)
		state->lost++;
}

static __always_inline void event_fill(struct fw_event *event, const struct packet_info *packet,
				       const struct drop *drop, __u64 now)
{
	event->timestamp_ns = now;
	event->cgroup_id = drop->cgroup_id;
	event->container = drop->container;
	event->ifindex = drop->ifindex;
	event->len = drop->len;
	event->rule = drop->rule;
	__builtin_memcpy(event->src_addr, packet->src_addr, 16);
	__builtin_memcpy(event->dst_addr, packet->dst_addr, 16);
	event->src_port_be = packet->src_port_be;
	event->dst_port_be = packet->dst_port_be;
	event->family = packet->family;
	event->proto = packet->proto;
	event->layer = drop->layer;
	event->action = FW_DROP;
	event->reason = drop->reason;
	event->direction = drop->direction;
	event->domain_length = 0;
	__builtin_memset(event->pad, 0, sizeof(event->pad));
}

/* `by_perf`: whether this program may write to a perf event array, where there are no ring buffers. */
static __always_inline void event_send(void *ctx, struct fw_cpu *state, struct fw_event *event, __u32 size,
				       __u64 by_perf)
{
	long failed = -1;

	if (LOAD_CONSTANT(bulkhead_use_ringbuf))
		failed = bpf_ringbuf_output(&fw_events, event, size, 0);
	else if (by_perf)
		failed = bpf_perf_event_output(ctx, &fw_events, BPF_F_CURRENT_CPU, event, size);
	if (failed)
		state->lost++;
}

#endif
