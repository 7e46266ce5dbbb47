/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The next packet of a connection that the policy in force has judged: one look-up, and the same checks and notes as by
 * the long way, see track.h. What needs anything else takes that one: 0.
 */
#ifndef BPF_SHORTCUT_H
#define BPF_SHORTCUT_H

#include "bpf/quick.h"
#include "bpf/track.h"

DEFINE_MAP(pkt_passed, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct fw_passed, FW_PASSED_SLOTS, 0);

static __always_inline int connection_holds(const struct fw_config *config, const struct fw_connection *connection,
					    __u64 now)
{
	struct scene scene = { .config = config, .now = now, .generation = config->generation };

	return connection_is_judged(&scene, connection) && !connection_is_expired(&scene, connection);
}

/* A segment in the middle of an established connection. */
static __always_inline int tcp_goes_on(const struct fw_config *config, const struct five_tuple *tuple,
				       const struct packet_info *packet, __u32 direction, __u64 now)
{
	struct fw_connection *connection;
	struct fw_tcp_side *sender, *receiver;

	if ((packet->tcp_flags & (TCP_SYN | TCP_RST | TCP_FIN | TCP_ACK)) != TCP_ACK)
		return 0;
	connection = bpf_map_lookup_elem(&conntrack, tuple);
	if (!connection || !connection_holds(config, connection, now) || connection->state != FW_STATE_ESTABLISHED ||
	    connection->in_doubt || (connection->side[0].fin | connection->side[1].fin))
		return 0;
	sender = &connection->side[direction == FW_OUT];
	receiver = &connection->side[direction != FW_OUT];
	if (!tcp_segment_lies_within(receiver, packet) || !tcp_acknowledgement_fits(sender, receiver, packet))
		return 0;
	tcp_take_note(sender, receiver, packet);
	connection->last_seen_ns = now;
	return 1;
}

/* A datagram that is no first reply. */
static __always_inline int datagram_goes_on(const struct fw_config *config, const struct five_tuple *tuple,
					    __u32 direction, __u64 now)
{
	struct fw_connection *connection = bpf_map_lookup_elem(&conntrack_asked, tuple);

	if (!connection || !connection_holds(config, connection, now) ||
	    (connection->state == FW_STATE_NEW && connection->opener != direction))
		return 0;
	connection->last_seen_ns = now;
	return 1;
}

/* `packet`: quick_parse's. */
static __always_inline int connection_goes_on(const struct packet_info *packet, __u32 container, __u32 direction)
{
	struct five_tuple tuple = { .container = container, .layer = HOOK_LAYER };
	const struct fw_config *config = config_get();
	__u64 now;

	if (!config)
		return 0;
	now = clock_coarse();
	tuple_fill_inline(&tuple, packet, direction);
	if (packet->proto == PROTO_TCP)
		return tcp_goes_on(config, &tuple, packet, direction, now);
	return datagram_goes_on(config, &tuple, direction, now);
}

/* As count_pass, without the look-up in a hash where the container has a slot. */
static __always_inline void count_goes_on(__u32 container, int direction, __u32 len)
{
	__u32 slot = container % FW_PASSED_SLOTS;
	struct fw_passed *passed = bpf_map_lookup_elem(&pkt_passed, &slot);

	if (!passed || passed->container != container) {
		count_pass(container, direction, len);
		return;
	}
	if (direction == FW_IN) {
		passed->rx_packets++;
		passed->rx_bytes += len;
	} else {
		passed->tx_packets++;
		passed->tx_bytes += len;
	}
}

#endif
