/* SPDX-License-Identifier: GPL-2.0 */
/* Everything that is not TCP: a first packet asks the policy, a reply makes the flow answered, and so safe from floods. */
#ifndef BPF_DATAGRAM_H
#define BPF_DATAGRAM_H

#include "bpf/conntrack.h"

static __always_inline int is_icmp(const struct packet_info *packet)
{
	return packet->proto == (packet->family == FW_IPV4 ? PROTO_ICMP : PROTO_ICMPV6);
}

static __always_inline int icmp_is_request(const struct packet_info *packet)
{
	return packet->icmp_type == (packet->family == FW_IPV4 ? 8 : 128);
}

/* Destination unreachable, time exceeded, parameter problem, and what IPv4 and IPv6 have besides. */
static __always_inline int icmp_is_error(const struct packet_info *packet)
{
	if (packet->family == FW_IPV4)
		return packet->icmp_type == 3 || packet->icmp_type == 4 || packet->icmp_type == 11 ||
		       packet->icmp_type == 12;
	return packet->icmp_type >= 1 && packet->icmp_type <= 4;
}

/* An echo reply opens nothing, and neither does an echo request answer one. */
static __always_inline int datagram_may_open(const struct packet_info *packet)
{
	return !is_icmp(packet) || !icmp_is_echo(packet) || icmp_is_request(packet);
}

static __always_inline enum fw_timeout datagram_timeout(const struct packet_info *packet, enum fw_timeout udp)
{
	if (packet->proto == PROTO_UDP)
		return udp;
	return is_icmp(packet) ? FW_TIMEOUT_ICMP : FW_TIMEOUT_OTHER;
}

/* A function of its own for its room on the stack. */
static __noinline verdict datagram_reply(const struct scene *scene, const struct five_tuple *tuple,
					 const struct fw_connection *unreplied, const struct packet_info *packet)
{
	struct fw_connection replied = *unreplied;

	connection_enter(&replied, FW_STATE_REPLIED, datagram_timeout(packet, FW_TIMEOUT_UDP));
	replied.last_seen_ns = scene->now;
	if (bpf_map_update_elem(&conntrack_datagrams, tuple, &replied, BPF_ANY))
		return VERDICT(FW_REASON_TABLE_FULL, 0);
	bpf_map_delete_elem(&conntrack_half_open, tuple);
	return 0;
}

static __always_inline verdict datagram_advance(const struct scene *scene, const struct five_tuple *tuple,
						struct fw_connection *connection, int half_open,
						const struct packet_info *packet)
{
	int from_opener = scene->direction == connection->opener;

	if (is_icmp(packet) && icmp_is_echo(packet) && from_opener != icmp_is_request(packet))
		return VERDICT(FW_REASON_NO_STATE, 0);
	if (half_open && !from_opener)
		return datagram_reply(scene, tuple, connection, packet);
	connection->last_seen_ns = scene->now;
	return 0;
}

#endif
