/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP's states, as both directions show them. Only a SYN opens; the third packet makes the connection established and
 * moves it to the table that no flood can touch.
 */
#ifndef BPF_TCP_H
#define BPF_TCP_H

#include "bpf/conntrack.h"

/* How far beyond what it has sent a side's FIN or RST may lie: packets lost before us, at most one unscaled window. */
#define TCP_AHEAD_MAX 65535
/* The same for any other segment, and how far behind what was acknowledged one may be sent again: a large scaled window. */
#define TCP_WINDOW_MAX (4 * 1024 * 1024)

/* No combination that an honest sender makes: none of SYN, RST, ACK (null, FIN, Xmas scans), or SYN with FIN or RST. */
static __always_inline int tcp_flags_invalid(__u8 flags)
{
	if (!(flags & (TCP_SYN | TCP_RST | TCP_ACK)))
		return 1;
	return (flags & TCP_SYN) && (flags & (TCP_FIN | TCP_RST));
}

static __always_inline int tcp_opens(__u8 flags)
{
	return (flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

static __always_inline __u32 tcp_end(const struct packet_info *packet)
{
	__u32 end = packet->tcp_seq + packet->transport_len - packet->tcp_header;

	if (packet->tcp_flags & TCP_SYN)
		end++;
	if (packet->tcp_flags & TCP_FIN)
		end++;
	return end;
}

/* Whether a FIN or RST lies where its sender could have put it: from what the other side acknowledged on (RFC 5961). */
static __always_inline int tcp_in_window(const struct fw_tcp_side *sender, const struct fw_tcp_side *receiver,
					 const struct packet_info *packet)
{
	return (__s32)(packet->tcp_seq - receiver->acked) >= 0 &&
	       (__s32)(packet->tcp_seq - (sender->end + TCP_AHEAD_MAX)) <= 0;
}

/* Whether a sequence number is one that its sender can have used: what lies elsewhere was guessed. */
static __always_inline int tcp_is_near(const struct fw_tcp_side *sender, const struct fw_tcp_side *receiver, __u32 seq)
{
	return (__s32)(seq - (sender->end + TCP_WINDOW_MAX)) <= 0 &&
	       (__s32)(seq - (receiver->acked - TCP_WINDOW_MAX)) >= 0;
}

/* An acknowledgement of what was never sent is not believed. */
static __always_inline void tcp_note(struct fw_tcp_side *sender, const struct fw_tcp_side *receiver,
				     const struct packet_info *packet)
{
	__u32 end = tcp_end(packet);

	if ((__s32)(end - sender->end) > 0)
		sender->end = end;
	if ((packet->tcp_flags & TCP_ACK) && (__s32)(packet->tcp_ack - sender->acked) > 0 &&
	    (__s32)(packet->tcp_ack - receiver->end) <= 0)
		sender->acked = packet->tcp_ack;
}

/* The third packet: from the half-open table to the established one. Full: refused, and the others live on. */
static __always_inline verdict tcp_promote(const struct scene *scene, const struct five_tuple *tuple,
					   const struct fw_connection *half_open)
{
	struct fw_connection established = *half_open;

	established.state = FW_STATE_ESTABLISHED;
	established.last_seen_ns = scene->now;
	if (bpf_map_update_elem(&conntrack, tuple, &established, BPF_ANY))
		return VERDICT(FW_REASON_TABLE_FULL, 0);
	bpf_map_delete_elem(&conntrack_half_open, tuple);
	return 0;
}

/* A RST that answers the handshake ends it where it fits, and is refused where it does not. */
static __always_inline verdict tcp_half_open_reset(const struct five_tuple *tuple, const struct fw_tcp_side *sender,
						   const struct fw_tcp_side *receiver, const struct packet_info *packet)
{
	int answers = (packet->tcp_flags & TCP_ACK) && packet->tcp_ack == receiver->end;

	if (!answers && (!sender->end || packet->tcp_seq != sender->end))
		return VERDICT(FW_REASON_NO_STATE, 0);
	bpf_map_delete_elem(&conntrack_half_open, tuple);
	return 0;
}

static __always_inline verdict tcp_half_open(const struct scene *scene, const struct five_tuple *tuple,
					     struct fw_connection *connection, const struct packet_info *packet)
{
	int from_opener = scene->direction == connection->opener;
	struct fw_tcp_side *sender = scene->direction ? &connection->side[1] : &connection->side[0];
	struct fw_tcp_side *receiver = scene->direction ? &connection->side[0] : &connection->side[1];
	__u8 flags = packet->tcp_flags;

	if (flags & TCP_RST)
		return tcp_half_open_reset(tuple, sender, receiver, packet);
	if (from_opener && tcp_opens(flags)) {
		sender->end = tcp_end(packet);
		sender->acked = 0;
		connection->last_seen_ns = scene->now;
		connection->state = FW_STATE_SYN_SENT;
		return 0;
	}
	if (!from_opener && (flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) && packet->tcp_ack == receiver->end) {
		sender->end = tcp_end(packet);
		sender->acked = packet->tcp_ack;
		connection->last_seen_ns = scene->now;
		connection->state = FW_STATE_SYN_RECEIVED;
		return 0;
	}
	if (from_opener && connection->state == FW_STATE_SYN_RECEIVED && !(flags & TCP_SYN) && (flags & TCP_ACK) &&
	    packet->tcp_ack == receiver->end) {
		sender->acked = packet->tcp_ack;
		tcp_note(sender, receiver, packet);
		sender->fin = !!(flags & TCP_FIN);
		return tcp_promote(scene, tuple, connection);
	}
	return VERDICT(FW_REASON_NO_STATE, 0);
}

static __always_inline verdict tcp_established(const struct scene *scene, struct fw_connection *connection,
					       const struct packet_info *packet)
{
	struct fw_tcp_side *sender = scene->direction ? &connection->side[1] : &connection->side[0];
	struct fw_tcp_side *receiver = scene->direction ? &connection->side[0] : &connection->side[1];

	if (packet->tcp_flags & (TCP_RST | TCP_FIN)) {
		if (!tcp_in_window(sender, receiver, packet))
			return VERDICT(FW_REASON_NO_STATE, 0);
		if (packet->tcp_flags & TCP_FIN)
			sender->fin = 1;
	}
	/* A SYN here is for the receiver to challenge (RFC 5961 section 4): it changes nothing. */
	if (!(packet->tcp_flags & TCP_SYN)) {
		if (!tcp_is_near(sender, receiver, packet->tcp_seq))
			return VERDICT(FW_REASON_NO_STATE, 0);
		tcp_note(sender, receiver, packet);
	}
	if (connection->state == FW_STATE_CLOSING)
		return 0;
	connection->last_seen_ns = scene->now;
	if ((packet->tcp_flags & TCP_RST) || (sender->fin && receiver->fin))
		connection->state = FW_STATE_CLOSING;
	return 0;
}

/* An ICMP error quotes a segment that its receiver sent: of that connection, and not from somewhere else in it. */
static __always_inline verdict tcp_error(const struct scene *scene, const struct fw_connection *connection, __u32 seq)
{
	const struct fw_tcp_side *sender = scene->direction ? &connection->side[0] : &connection->side[1];
	const struct fw_tcp_side *receiver = scene->direction ? &connection->side[1] : &connection->side[0];

	if ((__s32)(seq - sender->end) > 0 ||
	    (receiver->acked && (__s32)(seq - (receiver->acked - TCP_WINDOW_MAX)) < 0))
		return VERDICT(FW_REASON_NO_STATE, 0);
	return 0;
}

static __always_inline verdict tcp_advance(const struct scene *scene, const struct five_tuple *tuple,
					   struct fw_connection *connection, int half_open,
					   const struct packet_info *packet)
{
	if (half_open)
		return tcp_half_open(scene, tuple, connection, packet);
	return tcp_established(scene, connection, packet);
}

#endif
