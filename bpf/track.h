/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One packet against the tracked connections. The policy is asked in one place: for a connection's first packet, and
 * for the first one after the policy has changed.
 */
#ifndef BPF_TRACK_H
#define BPF_TRACK_H

#include "bpf/tcp.h"
#include "bpf/tcp_options.h"
#include "bpf/datagram.h"
#include "bpf/icmp_error.h"
#include "bpf/neighbours.h"

/* Whether a packet without state may ask the policy for one. */
static __always_inline int may_open(const struct packet_info *packet, int is_error)
{
	if (is_error)
		return 0;
	return packet->proto == PROTO_TCP ? tcp_opens(packet->tcp_flags) : datagram_may_open(packet);
}

/* A function of its own for its room on the stack. */
static __noinline verdict connection_open(const struct scene *scene, const struct five_tuple *tuple,
					  const struct packet_info *packet, verdict v)
{
	struct fw_connection connection = {};
	long failed;

	connection_init(&connection, scene, v);
	if (packet->proto != PROTO_TCP)
		connection_enter(&connection, FW_STATE_NEW, datagram_timeout(packet, FW_TIMEOUT_UDP_UNREPLIED));
	else if (scene->direction)
		tcp_note_opening(&connection, &connection.side[1], &connection.side[0], packet);
	else
		tcp_note_opening(&connection, &connection.side[0], &connection.side[1], packet);
	if (scene->direction == FW_OUT)
		failed = bpf_map_update_elem(&conntrack_asked, tuple, &connection, BPF_ANY);
	else
		failed = bpf_map_update_elem(&conntrack_half_open, tuple, &connection, BPF_ANY);
	return failed ? VERDICT(FW_REASON_TABLE_FULL, 0) : 0;
}

static __always_inline verdict connection_advance(const struct scene *scene, const struct five_tuple *tuple,
						  struct fw_connection *connection, const struct packet_info *packet)
{
	if (packet->proto == PROTO_TCP)
		return tcp_advance(scene, tuple, connection, packet);
	return datagram_advance(scene, tuple, connection, packet);
}

/* What is known of a connection before the policy is asked. */
struct standing {
	__u8 found;
	__u8 judged; /* under the policy in force */
	__u8 opener;
};

static __always_inline struct standing connection_standing(const struct scene *scene, const struct five_tuple *tuple,
							   const struct packet_info *packet)
{
	struct standing standing = { .opener = scene->direction };
	struct fw_connection *connection = connection_find(scene, tuple);

	if (!connection)
		return standing;
	if (connection->state == FW_STATE_CLOSING && packet->proto == PROTO_TCP && tcp_opens(packet->tcp_flags)) {
		connection_delete(tuple);
		return standing;
	}
	standing.found = 1;
	standing.judged = connection_is_judged(scene, connection);
	standing.opener = connection->opener & 1;
	return standing;
}

static __always_inline verdict track_tuple(const struct scene *scene, struct five_tuple *tuple,
					   const struct packet_info *packet, int is_error)
{
	struct standing standing = connection_standing(scene, tuple, packet);
	struct fw_connection *connection;
	verdict v = 0;

	FORGET(standing.found, scene->unknown);
	FORGET(standing.opener, scene->unknown);
	if (!standing.found && !may_open(packet, is_error))
		return VERDICT(FW_REASON_NO_STATE, 0);
	if (!standing.judged) {
		v = judge(scene->policy, tuple, standing.opener, scene->side);
		if (VERDICT_REASON(v)) {
			if (standing.found)
				connection_delete(tuple);
			return v;
		}
	}
	if (!standing.found)
		return connection_open(scene, tuple, packet, v);
	/* Found again and not kept over the judging: the verifier would judge once for each table it may be in. */
	connection = connection_find(scene, tuple);
	if (!connection)
		return VERDICT(FW_REASON_NO_STATE, 0);
	connection->generation = scene->generation;
	if (is_error)
		return tuple->proto == PROTO_TCP ? tcp_error(scene, connection, packet->tcp_seq) : 0;
	v = connection_advance(scene, tuple, connection, packet);
	return v == ESTABLISHES ? established_promote(scene, tuple) : v;
}

static __always_inline int sender_is_spoofed(const struct scene *scene, struct five_tuple *tuple,
					     const struct packet_info *packet)
{
	if (scene->direction != FW_OUT || !scene->policy->has_addrs || is_unspecified(packet->src_addr))
		return 0;
	tuple_fill(tuple, packet, FW_OUT);
	return is_spoofed(tuple);
}

struct address_words {
	__u32 words[4];
};

static __always_inline verdict track(PACKET *ctx, const struct scene *scene, struct five_tuple *tuple,
				     struct packet_info *packet)
{
	__u8 class = packet->icmp_class;
	int is_error = class == ICMP_ERROR;
	verdict v;

	if (scene->direction == FW_OUT && class == ICMP_ROUTER)
		return VERDICT(FW_REASON_SPOOF, 0);
	/* What passes without the policy being asked of its source. */
	if ((class == ICMP_NEIGHBOUR || class == ICMP_LISTENER || is_error) && sender_is_spoofed(scene, tuple, packet))
		return VERDICT(FW_REASON_SPOOF, 0);
	if ((is_error || is_about_routes(packet)) &&
	    address_is_blocked(scene->direction == FW_IN ? packet->src_addr : packet->dst_addr, packet->family,
			       scene->side))
		return VERDICT(FW_REASON_BLOCKLIST, 0);
	if (class == ICMP_NEIGHBOUR) {
		v = neighbour_discovery(ctx, scene, tuple, packet);
		if (VERDICT_REASON(v) || is_for_neighbour(scene, tuple, packet))
			return v;
	}
	if (class == ICMP_LISTENER)
		return 0;
	if (packet->proto == PROTO_TCP && tcp_flags_invalid(packet->tcp_flags))
		return VERDICT(FW_REASON_INVALID, 0);
	if (is_error) {
		v = icmp_error_tuple(ctx, scene->direction, tuple, packet);
		if (v)
			return v;
	} else {
		tuple_fill(tuple, packet, scene->direction);
	}
	if (packet->proto == PROTO_TCP && (packet->tcp_flags & TCP_SYN))
		packet->tcp_scale = tcp_scale_read(ctx, packet);
	FORGET(packet->tcp_scale, scene->unknown);
	FORGET(is_error, scene->unknown);
	/* What it was copied from is known to be zero in parts, and not in the same ones in both ways. */
	if (LOAD_CONSTANT(bulkhead_takes_shortcuts)) {
		FORGET_ALL((struct address_words *)tuple->local_addr, scene->unknown);
		FORGET_ALL((struct address_words *)tuple->remote_addr, scene->unknown);
	}
	return track_tuple(scene, tuple, packet, is_error);
}

#endif
