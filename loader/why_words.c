/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/why_words.h"

#include <string.h>

#include "loader/address.h"
#include "loader/command.h"
#include "loader/words.h"

#define EPHEMERAL 49152 /* the first port of those that nobody is given (RFC 6335) */
#define PORTS_TRIED 1000
#define DNS_PORT 53
#define DNS_HEADER 12

/* ---- the words ---- */

static int take_port(char ***words, struct wanted *wanted, __u16 *port, bool *has_port, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	__u64 number;

	if (!**words || strcmp(**words, "port"))
		return 0;
	++*words;
	if (wanted->flow.proto != FRAME_TCP && wanted->flow.proto != FRAME_UDP)
		return usage_error(err, "why: port: only tcp and udp have ports: leave it out");
	if (!**words)
		return usage_error(err, "why: port: the number is missing: write port N");
	if (word_number(**words, 65535, &number) || !number)
		return usage_error(err, "why: port %s: not a port: use a number of 1 to 65535",
				   word_shown(**words, shown));
	*port = (__u16)number;
	*has_port = true;
	++*words;
	return 0;
}

/* "from IP [port N]" */
static int take_end(char ***words, const char *which, struct wanted *wanted, struct error *err)
{
	bool is_source = *which == 'f', has_port = false;
	struct flow *flow = &wanted->flow;
	struct fw_addr addr;
	int status;

	if (!**words || strcmp(**words, which))
		return usage_error(err, "why: %s IP is missing: : " WHY_FORM, which);
	if (!*++*words)
		return usage_error(err, "why: %s: the address is missing: : " WHY_FORM, which);
	if (address_parse(**words, &addr, err))
		return EXIT_USAGE;
	++*words;
	if (!is_source && addr.family != flow->family)
		return usage_error(err, "why: one address is of IPv4 and one of IPv6: use two of one family");
	flow->family = addr.family;
	memcpy(is_source ? flow->src : flow->dst, addr.addr, sizeof(addr.addr));
	status = take_port(words, wanted, is_source ? &flow->src_port : &flow->dst_port, &has_port, err);
	wanted->has_source_port |= is_source && has_port;
	return status;
}

static int take_query(char ***words, struct wanted *wanted, struct error *err)
{
	if (!**words || strcmp(**words, "name"))
		return 0;
	if (wanted->flow.proto != FRAME_UDP || wanted->flow.dst_port != DNS_PORT || wanted->direction != FW_OUT)
		return usage_error(err, "why: name: only a query has one: write out udp ... port 53 name DOMAIN");
	if (!*++*words)
		return usage_error(err, "why: name: the domain is missing: write name DOMAIN");
	if (domain_parse(**words, &wanted->query, err))
		return EXIT_USAGE;
	wanted->has_query = true;
	++*words;
	return 0;
}

static int take_proto(const char *word, __u16 *proto, struct error *err)
{
	if (!word)
		return usage_error(err, "why: the protocol is missing: " WHY_FORM);
	if (word_proto(word, proto, err))
		return EXIT_USAGE;
	return *proto == FW_PROTO_ANY ? usage_error(err, "why: any: a packet has one protocol: use tcp, udp, icmp or a "
							 "number")
				      : 0;
}

int why_parse(char **words, struct wanted *wanted, struct error *err)
{
	struct flow *flow = &wanted->flow;
	char shown[WORD_SHOWN_MAX];
	__u16 proto;
	int status;

	wanted->name = words[0];
	wanted->direction = strcmp(words[1], "in") ? FW_OUT : FW_IN;
	status = container_check_name(wanted->name, err) ? EXIT_USAGE : take_proto(words[2], &proto, err);
	if (status)
		return status;
	words += 3;
	flow->proto = (__u8)proto;
	status = take_end(&words, "from", wanted, err);
	if (!status)
		status = take_end(&words, "to", wanted, err);
	if (!status)
		status = take_query(&words, wanted, err);
	if (!status && *words)
		status = usage_error(err, "why: %s: not understood here: " WHY_FORM, word_shown(*words, shown));
	if (proto == FW_PROTO_ICMP_BOTH)
		flow->proto = flow->family == FW_IPV4 ? FRAME_ICMP : FRAME_ICMPV6;
	if (proto == FW_PROTO_ICMP_BOTH || (flow->family == FW_IPV4 ? proto == FRAME_ICMP : proto == FRAME_ICMPV6)) {
		flow->icmp_type = flow->family == FW_IPV4 ? 8 : 128;
		flow->icmp_kind = flow->family == FW_IPV4 ? 0 : 129;
	}
	return status;
}

/* ---- one packet ---- */

static bool is_tracked(struct ways *ways, const struct question *question, struct fw_connection *out)
{
	const struct asked *asked = &question->asked;
	struct five_tuple tuple;
	unsigned layer;

	for (layer = FW_LAYER_TC; layer <= FW_LAYER_CGROUP; layer++) {
		tuple = flow_tuple(&asked->flow, asked->record->id, layer, asked->direction);
		if (trial_find(&ways->trial, &tuple, true, out))
			return true;
	}
	return false;
}

/* One whose connection there is not: a new packet opens one. An ICMP identifier is one in both places. */
static void choose_port(struct ways *ways, struct question *question)
{
	struct flow *flow = &question->asked.flow;
	bool is_icmp = flow->proto == FRAME_ICMP || flow->proto == FRAME_ICMPV6;
	struct fw_connection connection;
	unsigned i;

	if (flow->proto != FRAME_TCP && flow->proto != FRAME_UDP && !is_icmp)
		return;
	for (i = 0; i < PORTS_TRIED; i++) {
		flow->src_port = (__u16)(EPHEMERAL + i);
		if (is_icmp)
			flow->dst_port = flow->src_port;
		if (!is_tracked(ways, question, &connection))
			return;
	}
}

/* A SYN, or what comes next in the connection that there is. */
static void choose_segment(struct ways *ways, struct question *question)
{
	struct flow *flow = &question->asked.flow;
	enum fw_direction direction = question->asked.direction;
	struct fw_connection connection;
	const struct fw_tcp_side *side = connection.side;

	flow->tcp_flags = FRAME_SYN;
	flow->seq = 1;
	if (!is_tracked(ways, question, &connection) || connection.state == FW_STATE_CLOSING)
		return;
	if (connection.state == FW_STATE_ESTABLISHED) {
		flow->tcp_flags = FRAME_ACK;
		flow->seq = side[direction].end;
		flow->ack = side[!direction].end;
	} else if (direction != (enum fw_direction)connection.opener) {
		flow->tcp_flags = FRAME_SYN | FRAME_ACK;
		flow->seq = side[direction].end ? side[direction].end - 1 : 1;
		flow->ack = side[!direction].end;
	}
}

/* A query for the name, or for the root. */
static struct view make_query(const struct wanted *wanted, __u8 room[DNS_HEADER + FW_DOMAIN_MAX + 5])
{
	size_t length = wanted->has_query ? wanted->query.length : 1;

	if (wanted->flow.proto != FRAME_UDP || wanted->flow.dst_port != DNS_PORT)
		return (struct view) { NULL, 0 };
	memset(room, 0, DNS_HEADER + FW_DOMAIN_MAX + 5);
	room[2] = 1; /* recursion is desired */
	room[5] = 1; /* one question */
	if (wanted->has_query)
		memcpy(room + DNS_HEADER, wanted->query.name, length);
	room[DNS_HEADER + length + 1] = 1; /* of type A */
	room[DNS_HEADER + length + 3] = 1; /* of the internet */
	return (struct view) { room, DNS_HEADER + length + 4 };
}

void why_packet(struct ways *ways, const struct wanted *wanted, struct question *out, __u8 room[FRAME_BUILT_MAX])
{
	__u8 query[DNS_HEADER + FW_DOMAIN_MAX + 5];

	memset(out, 0, sizeof(*out));
	out->asked = (struct asked) { .direction = wanted->direction, .flow = wanted->flow };
	out->asked.name = ways->guarded[ways->asked].name;
	out->asked.record = &ways->guarded[ways->asked].record;
	if (!wanted->has_source_port)
		choose_port(ways, out);
	if (wanted->flow.proto == FRAME_TCP)
		choose_segment(ways, out);
	out->frame.data = room;
	out->frame.size = frame_build(&out->asked.flow, make_query(wanted, query), room);
}
