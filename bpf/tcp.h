/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP's states, as both directions show them. Only a SYN opens; the third packet makes the connection established and
 * moves it to the table that no flood can touch. What a segment may say is held to what the other side has allowed.
 */
#ifndef BPF_TCP_H
#define BPF_TCP_H

#include "bpf/established.h"

/* The largest window that can be (RFC 7323 section 2.3). */
#define TCP_SCALE_MAX 14
#define TCP_WINDOW_MAX (65535U << TCP_SCALE_MAX)

/* No combination that an honest sender makes: none of SYN, RST, ACK (null, FIN, Xmas scans), or two of SYN, RST, FIN.
 */
static __always_inline int tcp_flags_invalid(__u8 flags)
{
	__u8 one = flags & (TCP_SYN | TCP_RST | TCP_FIN);

	return !(flags & (TCP_SYN | TCP_RST | TCP_ACK)) || (one & (one - 1));
}

static __always_inline int tcp_opens(__u8 flags)
{
	return (flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

/* Sequence numbers wrap. 0 or 1, and without a branch: the verifier would walk what follows once for each. */
static __always_inline __u32 is_before(__u32 left, __u32 right)
{
	__u64 before = (left - right) >> 31;

	OPAQUE(before);
	return before;
}

static __always_inline __u32 later_of(__u32 left, __u32 right)
{
	return left + (right - left) * is_before(left, right);
}

/*
 * How far behind its acknowledgements a side may still be sent segments, or send acknowledgements, that are late: by
 * the largest window that it ever offered, since what was sent then may have to be sent again when it offers less.
 */
static __always_inline __u32 tcp_behind(const struct fw_tcp_side *side)
{
	return (side->widest + 1U) * FW_WIDEST_UNIT;
}

/* A RST lies where its receiver would take one: from what it acknowledged to what it allows (RFC 5961 section 3). */
static __always_inline int tcp_reset_fits(const struct fw_tcp_side *receiver, __u32 seq)
{
	return !(is_before(seq, receiver->acked) | is_before(receiver->edge, seq));
}

/* Not beyond what its receiver allows, but for a FIN or the byte that probes a closed window; nor long past. */
static __always_inline int tcp_segment_lies_within(const struct fw_tcp_side *receiver, const struct packet_info *packet)
{
	return !(is_before(receiver->edge + 1, packet->tcp_end) |
		 is_before(packet->tcp_seq, receiver->acked - tcp_behind(receiver)));
}

/* The same, written out once. */
static __noinline int tcp_segment_fits(const struct fw_tcp_side *receiver, const struct packet_info *packet)
{
	return tcp_segment_lies_within(receiver, packet);
}

/* Of what was sent, and not long past (RFC 5961 section 5). */
static __always_inline int tcp_acknowledgement_fits(const struct fw_tcp_side *sender,
						    const struct fw_tcp_side *receiver,
						    const struct packet_info *packet)
{
	if (!(packet->tcp_flags & TCP_ACK))
		return 1;
	return !(is_before(receiver->end, packet->tcp_ack) |
		 is_before(packet->tcp_ack, sender->acked - tcp_behind(sender)));
}

/* Of a segment that is no SYN: scaled where both sides offered to, by 14 at most (RFC 7323 sections 2.2 and 2.3). */
static __always_inline __u32 tcp_window(const struct fw_tcp_side *sender, const struct fw_tcp_side *receiver,
					const struct packet_info *packet)
{
	if (sender->scale == FW_NO_SCALE || receiver->scale == FW_NO_SCALE)
		return packet->tcp_window;
	return (__u32)packet->tcp_window << (sender->scale > TCP_SCALE_MAX ? TCP_SCALE_MAX : sender->scale);
}

/* What a segment that fits says of its sender. */
static __always_inline int tcp_take_note(struct fw_tcp_side *sender, const struct fw_tcp_side *receiver,
					 const struct packet_info *packet)
{
	/* Of a fragmented one the end is not seen: as far as the other side allows. */
	__u32 end = packet->fragment ? receiver->edge : packet->tcp_end;
	__u32 window = tcp_window(sender, receiver, packet), edge = packet->tcp_ack + window;

	sender->end = later_of(sender->end, end);
	if (!(packet->tcp_flags & TCP_ACK))
		return 0;
	sender->acked = later_of(sender->acked, packet->tcp_ack);
	sender->edge = later_of(sender->edge, edge);
	sender->widest = later_of(sender->widest, window / FW_WIDEST_UNIT);
	return 0;
}

/* The same, written out once. */
static __noinline int tcp_note(struct fw_tcp_side *sender, const struct fw_tcp_side *receiver,
			       const struct packet_info *packet)
{
	return tcp_take_note(sender, receiver, packet);
}

/* The opener's SYN. The other side has to acknowledge it, and what data it carries or not. */
static __noinline int tcp_note_opening(struct fw_connection *connection, struct fw_tcp_side *opener,
				       struct fw_tcp_side *other, const struct packet_info *packet)
{
	connection_enter(connection, FW_STATE_SYN_SENT, FW_TIMEOUT_SYN);
	opener->end = packet->tcp_end;
	connection->query_at = packet->tcp_seq + 1;
	opener->scale = packet->tcp_scale;
	other->acked = other->edge = packet->tcp_seq + 1;
	return 0;
}

static __noinline int tcp_acknowledges_opening(const struct fw_tcp_side *sender, const struct fw_tcp_side *receiver,
					       const struct packet_info *packet)
{
	return (packet->tcp_flags & TCP_ACK) &&
	       !(is_before(packet->tcp_ack, sender->acked) | is_before(receiver->end, packet->tcp_ack));
}

/* The answer to it: what the opener may send from now on. */
static __noinline int tcp_note_answer(struct fw_tcp_side *sender, struct fw_tcp_side *opener,
				      const struct packet_info *packet)
{
	opener->acked = opener->edge = packet->tcp_seq;
	sender->end = packet->tcp_end;
	sender->scale = packet->tcp_scale;
	sender->acked = packet->tcp_ack;
	sender->edge = packet->tcp_ack + packet->tcp_window;
	return 0;
}

/* A RST that answers the handshake ends it where it fits, and is refused where it does not. */
static __always_inline verdict tcp_half_open_reset(const struct five_tuple *tuple, const struct fw_tcp_side *sender,
						   const struct fw_tcp_side *receiver, const struct packet_info *packet,
						   int from_opener)
{
	int answers = !from_opener && tcp_acknowledges_opening(sender, receiver, packet);

	if (!answers && (!sender->end || packet->tcp_seq != sender->end))
		return VERDICT(FW_REASON_NO_STATE, 0);
	connection_delete(tuple);
	return 0;
}

/* The third packet acknowledges the second, and begins where that one's acknowledgement stands or behind. */
static __always_inline int tcp_completes(const struct fw_connection *connection, const struct fw_tcp_side *receiver,
					 const struct packet_info *packet)
{
	return connection->state != FW_STATE_SYN_SENT && (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_ACK &&
	       packet->tcp_ack == receiver->end && !is_before(packet->tcp_seq, receiver->acked) &&
	       tcp_segment_fits(receiver, packet);
}

/*
 * A kernel under a flood of SYNs answers without a socket (SYN cookies), and what has no socket meets no program at the
 * cgroup. So who acknowledges an answer that was not seen there is left to the kernel, and establishes nothing; what
 * the accepted socket sends does.
 */
static __always_inline int tcp_answer_is_unseen(const struct fw_connection *connection,
						const struct packet_info *packet)
{
	return HOOK_LAYER == FW_LAYER_CGROUP && connection->opener == FW_IN && connection->state == FW_STATE_SYN_SENT &&
	       (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_ACK;
}

static __always_inline verdict tcp_unseen(const struct scene *scene, struct fw_tcp_side *sender,
					  struct fw_tcp_side *receiver, const struct packet_info *packet)
{
	if (scene->direction == FW_IN) {
		if (is_before(packet->tcp_seq, receiver->acked))
			return VERDICT(FW_REASON_NO_STATE, 0);
		sender->end = later_of(sender->end, packet->tcp_end);
		return 0;
	}
	if (is_before(packet->tcp_ack, sender->acked) || is_before(receiver->end, packet->tcp_ack))
		return VERDICT(FW_REASON_NO_STATE, 0);
	sender->end = packet->tcp_end;
	sender->acked = packet->tcp_ack;
	sender->edge = packet->tcp_ack + TCP_WINDOW_MAX;
	sender->scale = TCP_SCALE_MAX;
	sender->widest = receiver->widest = TCP_WINDOW_MAX / FW_WIDEST_UNIT;
	receiver->acked = packet->tcp_seq;
	receiver->edge = packet->tcp_seq + TCP_WINDOW_MAX;
	return ESTABLISHES;
}

static __always_inline verdict tcp_half_open(const struct scene *scene, const struct five_tuple *tuple,
					     struct fw_connection *connection, const struct packet_info *packet)
{
	int from_opener = scene->direction == connection->opener;
	struct fw_tcp_side *sender = scene->direction ? &connection->side[1] : &connection->side[0];
	struct fw_tcp_side *receiver = scene->direction ? &connection->side[0] : &connection->side[1];
	__u8 flags = packet->tcp_flags;

	if (flags & TCP_RST)
		return tcp_half_open_reset(tuple, sender, receiver, packet, from_opener);
	if (from_opener && tcp_opens(flags)) {
		/* Again, behind its answer. */
		if (connection->state != FW_STATE_SYN_SENT)
			return 0;
		tcp_note_opening(connection, sender, receiver, packet);
		connection->last_seen_ns = scene->now;
		return 0;
	}
	if (!from_opener && (flags & TCP_SYN) && tcp_acknowledges_opening(sender, receiver, packet)) {
		tcp_note_answer(sender, receiver, packet);
		connection->last_seen_ns = scene->now;
		if (connection->state == FW_STATE_SYN_SENT)
			connection_enter(connection, FW_STATE_SYN_RECEIVED, FW_TIMEOUT_SYN);
		return 0;
	}
	if (tcp_answer_is_unseen(connection, packet))
		return tcp_unseen(scene, sender, receiver, packet);
	if (from_opener && tcp_completes(connection, receiver, packet)) {
		sender->acked = packet->tcp_ack;
		sender->edge = packet->tcp_ack;
		tcp_note(sender, receiver, packet);
		sender->fin = !!(flags & TCP_FIN);
		if (connection->state == FW_STATE_SYN_RECEIVED)
			return ESTABLISHES;
		connection_enter(connection, FW_STATE_ESTABLISHED, FW_TIMEOUT_ESTABLISHED);
		return 0;
	}
	return VERDICT(FW_REASON_NO_STATE, 0);
}

/*
 * Its receiver takes one that is exactly the next byte. Any other within the window it answers, and goes on (RFC 5961
 * section 3.2): whether it did shows by what it sends.
 */
static __always_inline verdict tcp_reset(const struct scene *scene, struct fw_connection *connection,
					 const struct fw_tcp_side *receiver, const struct packet_info *packet)
{
	if (!tcp_reset_fits(receiver, packet->tcp_seq))
		return VERDICT(FW_REASON_NO_STATE, 0);
	if (connection->state == FW_STATE_ESTABLISHED || packet->tcp_seq == receiver->acked)
		connection->in_doubt = packet->tcp_seq == receiver->acked ? 0 : IN_DOUBT(!scene->direction);
	if (connection->state == FW_STATE_CLOSING)
		return 0;
	connection->last_seen_ns = scene->now;
	connection_enter(connection, FW_STATE_CLOSING, FW_TIMEOUT_CLOSING);
	return 0;
}

/*
 * What the kernel does for a socket that its
 * owner has closed meets no program at the cgroup, so of the other side's end nothing may be seen there.
 */
static __always_inline enum fw_timeout tcp_end_timeout(const struct fw_connection *connection)
{
	if (connection->side[0].fin & connection->side[1].fin)
		return FW_TIMEOUT_SYN;
	return HOOK_LAYER == FW_LAYER_CGROUP && connection->side[FW_OUT].fin ? FW_TIMEOUT_OTHER
									     : FW_TIMEOUT_ESTABLISHED;
}

/* Both sides have ended, and each has acknowledged the other's end. Until then they are at a handshake again. */
static __always_inline void tcp_note_ends(struct fw_connection *connection, const struct fw_tcp_side *sender,
					  const struct fw_tcp_side *receiver)
{
	enum fw_timeout timeout = tcp_end_timeout(connection);

	if (timeout == FW_TIMEOUT_SYN && sender->acked == receiver->end && receiver->acked == sender->end)
		connection_enter(connection, FW_STATE_CLOSING, FW_TIMEOUT_CLOSING);
	else
		connection_enter(connection, FW_STATE_ESTABLISHED, timeout);
}

/*
 * A SYN of the opener is for the other side to challenge, and changes nothing (RFC 5961 section 4). Only one that has
 * forgotten the connection answers it: then both are at the handshake again.
 */
static __noinline verdict tcp_open_again(const struct scene *scene, struct fw_connection *connection,
					 const struct packet_info *packet)
{
	struct fw_tcp_side *sender = scene->direction ? &connection->side[1] : &connection->side[0];
	struct fw_tcp_side *receiver = scene->direction ? &connection->side[0] : &connection->side[1];
	int from_opener = scene->direction == connection->opener;

	if (from_opener != tcp_opens(packet->tcp_flags))
		return VERDICT(FW_REASON_NO_STATE, 0);
	if (from_opener) {
		connection->again = packet->tcp_seq + 1;
		connection->again_scale = packet->tcp_scale;
		return 0;
	}
	if (!connection->again || packet->tcp_ack != connection->again)
		return 0;
	receiver->end = connection->query_at = connection->again;
	receiver->scale = connection->again_scale;
	receiver->fin = sender->fin = 0;
	tcp_note_answer(sender, receiver, packet);
	connection_enter(connection, FW_STATE_SYN_AGAIN, FW_TIMEOUT_SYN);
	connection->last_seen_ns = scene->now;
	return 0;
}

static __always_inline verdict tcp_established(const struct scene *scene, struct fw_connection *connection,
					       const struct packet_info *packet)
{
	struct fw_tcp_side *sender = scene->direction ? &connection->side[1] : &connection->side[0];
	struct fw_tcp_side *receiver = scene->direction ? &connection->side[0] : &connection->side[1];

	if (packet->tcp_flags & TCP_RST)
		return tcp_reset(scene, connection, receiver, packet);
	if (packet->tcp_flags & TCP_SYN)
		return tcp_open_again(scene, connection, packet);
	if (!tcp_segment_fits(receiver, packet) || !tcp_acknowledgement_fits(sender, receiver, packet))
		return VERDICT(FW_REASON_NO_STATE, 0);
	tcp_note(sender, receiver, packet);
	/* An old one that comes again says nothing new. */
	if ((packet->tcp_flags & TCP_FIN) && packet->tcp_end == sender->end)
		sender->fin = 1;
	if (connection->state == FW_STATE_CLOSING && connection->in_doubt != IN_DOUBT(scene->direction))
		return 0;
	connection->in_doubt = 0;
	connection->last_seen_ns = scene->now;
	tcp_note_ends(connection, sender, receiver);
	return 0;
}

/* An ICMP error quotes a segment that its receiver sent: of that connection, and not from somewhere else in it. */
static __always_inline verdict tcp_error(const struct scene *scene, const struct fw_connection *connection, __u32 seq)
{
	const struct fw_tcp_side *sender = scene->direction ? &connection->side[0] : &connection->side[1];
	const struct fw_tcp_side *receiver = scene->direction ? &connection->side[1] : &connection->side[0];

	/* Nothing was sent yet by who did not open it. */
	if (connection->state == FW_STATE_SYN_SENT && scene->direction == connection->opener)
		return VERDICT(FW_REASON_NO_STATE, 0);
	if (is_before(sender->end, seq) | is_before(seq, receiver->acked - tcp_behind(receiver)))
		return VERDICT(FW_REASON_NO_STATE, 0);
	return 0;
}

static __always_inline verdict tcp_advance(const struct scene *scene, const struct five_tuple *tuple,
					   struct fw_connection *connection, const struct packet_info *packet)
{
	if (connection->state <= FW_STATE_SYN_RECEIVED || connection->state == FW_STATE_SYN_AGAIN)
		return tcp_half_open(scene, tuple, connection, packet);
	return tcp_established(scene, connection, packet);
}

#endif
