/* SPDX-License-Identifier: GPL-2.0 */
/* Everything that is not TCP: a first packet asks the policy, a reply makes the flow answered, and so safe from floods.
 */
#ifndef BPF_DATAGRAM_H
#define BPF_DATAGRAM_H

#include "bpf/conntrack.h"

/* A reply opens nothing. */
static __always_inline int datagram_may_open(const struct packet_info *packet)
{
	return packet->icmp_class != ICMP_REPLY;
}

static __always_inline enum fw_timeout datagram_timeout(const struct packet_info *packet, enum fw_timeout udp)
{
	if (packet->proto == PROTO_UDP)
		return udp;
	return packet->icmp_class ? FW_TIMEOUT_ICMP : FW_TIMEOUT_OTHER;
}

/* A function of its own for its room on the stack. */
static __noinline verdict datagram_reply(const struct scene *scene, const struct five_tuple *tuple,
					 const struct fw_connection *unreplied, const struct packet_info *packet)
{
	struct fw_connection replied = *unreplied;

	connection_enter(&replied, FW_STATE_REPLIED, datagram_timeout(packet, FW_TIMEOUT_UDP));
	replied.last_seen_ns = scene->now;
	if (bpf_map_update_elem(&conntrack_asked, tuple, &replied, BPF_ANY))
		return VERDICT(FW_REASON_TABLE_FULL, 0);
	bpf_map_delete_elem(&conntrack_half_open, tuple);
	return 0;
}

static __always_inline verdict datagram_advance(const struct scene *scene, const struct five_tuple *tuple,
						struct fw_connection *connection, const struct packet_info *packet)
{
	int from_opener = scene->direction == connection->opener;

	/* In ICMP nothing but a reply answers. */
	if (packet->icmp_class && from_opener == (packet->icmp_class == ICMP_REPLY))
		return VERDICT(FW_REASON_NO_STATE, 0);
	if (connection->state == FW_STATE_NEW && !from_opener)
		return datagram_reply(scene, tuple, connection, packet);
	connection->last_seen_ns = scene->now;
	return 0;
}

#endif
