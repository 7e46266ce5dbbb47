/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Queries over TCP. Each is read from one segment, so a segment has to begin where a query does: one that lay over
 * bytes that its receiver has already would be read there from its middle on. What comes again has to be what it was.
 */
#ifndef BPF_DNS_STREAM_H
#define BPF_DNS_STREAM_H

#include "bpf/connections.h"

DEFINE_MAP(dns_queries, BPF_MAP_TYPE_LRU_HASH, struct fw_query_key, __u32, FW_MAX_QUERIES, 0);

static __always_inline int query_came_before(const struct fw_query_key *key, __u32 end)
{
	const __u32 *known = bpf_map_lookup_elem(&dns_queries, key);

	return known && *known == end;
}

/*
 * Nonzero: it begins elsewhere. In a SYN none may be, which may come again without it. Of a segment without a
 * connection nothing is said here: it does not pass. The key's tuple has container and layer.
 */
static __always_inline int query_is_misplaced(struct fw_query_key *key, const struct packet_info *packet)
{
	__u32 end = packet->tcp_seq + packet->transport_len - packet->tcp_header;
	struct fw_connection *connection;

	if (packet->proto != PROTO_TCP)
		return 0;
	if (packet->tcp_flags & TCP_SYN)
		return 1;
	tuple_fill(&key->tuple, packet, FW_OUT);
	key->seq = packet->tcp_seq;
	connection = bpf_map_lookup_elem(&conntrack, &key->tuple);
	if (!connection)
		connection = half_open_find(&key->tuple);
	if (!connection)
		return 0;
	if (query_came_before(key, end))
		return 0;
	if (key->seq != connection->query_at || key->seq != connection->side[FW_OUT].end)
		return 1;
	/* Of two CPUs one is the first. */
	if (bpf_map_update_elem(&dns_queries, key, &end, BPF_NOEXIST))
		return !query_came_before(key, end);
	connection->query_at = end;
	return 0;
}

#endif
