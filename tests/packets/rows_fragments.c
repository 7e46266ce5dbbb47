/* SPDX-License-Identifier: GPL-2.0 */
/* Pieces of a packet: the first is judged, the rest follow it or do not pass. */
#include "tests/packets/row.h"

/* 24 bytes that IPv6 can have in a piece which is not the last. */
#define FIRST(port) SEGMENT(CLIENT, port, SYN, .zeroes = 4, .more = true, .fragment_id = 7)
/* The same behind 8 bytes of options, which are part of what is fragmented. */
#define FIRST_WITH_OPTIONS                                                                                             \
	SEGMENT(CLIENT, 80, SYN, .zeroes = 4, EXTENSIONS(EXT(FRAGMENT, .bits = 1, .id = 7), EXT(DESTINATION)))
#define REST LATER(24, .zeroes = 8, .fragment_id = 7)

static const struct row rows[] = {
	ROW("10", "a later fragment without state that looks like a SYN to 80", ALL,
	    PACKET_IN(SEGMENT(CLIENT, 80, SYN, .shape = TCP, .offset = 24, .fragment_id = 7), FRAGMENTED)),
	ROW("11", "the first fragment of an allowed flow, then the rest", ALL, PACKET_IN(FIRST(80), PASS),
	    PACKET_IN(REST, PASS)),
	ROW("11+", "three fragments", ALL, PACKET_IN(FIRST(80), PASS),
	    PACKET_IN(LATER(24, .zeroes = 8, .more = true, .fragment_id = 7), PASS),
	    PACKET_IN(LATER(32, .zeroes = 8, .fragment_id = 7), PASS)),
	ROW("11+", "three fragments, the last before the second", ALL, PACKET_IN(FIRST(80), PASS),
	    PACKET_IN(LATER(32, .zeroes = 8, .fragment_id = 7), PASS),
	    PACKET_IN(LATER(24, .zeroes = 8, .more = true, .fragment_id = 7), PASS)),
	ROW("11+", "fragments that the container sends", ALL,
	    PACKET_OUT(SEGMENT(CLIENT, 443, SYN, .zeroes = 4, .more = true, .fragment_id = 7, .dst = SERVER), PASS),
	    PACKET_OUT(LATER(24, .zeroes = 8, .fragment_id = 7, .dst = SERVER), PASS)),
	ROW("11+", "the first fragment of a flow that is not allowed, then the rest", ONLY_TC,
	    PACKET_IN(FIRST(22), DEFAULT_DENY, RULE), PACKET_IN(REST, FRAGMENTED)),
	ROW("11+", "the rest of another datagram", ALL, PACKET_IN(FIRST(80), PASS),
	    PACKET_IN(LATER(24, .zeroes = 8, .fragment_id = 8), FRAGMENTED),
	    PACKET_IN(LATER(24, .zeroes = 8, .fragment_id = 7, .src = STRANGER), FRAGMENTED)),
	ROW("11+", "the rest of another protocol's datagram", ONLY_V4, PACKET_IN(FIRST(80), PASS),
	    PACKET_IN(LATER(24, .zeroes = 8, .fragment_id = 7, .proto = UDP), FRAGMENTED)),
	ROW("11+", "the rest with another next header, which does not count (RFC 8200)", ONLY_V6,
	    PACKET_IN(FIRST(80), PASS), PACKET_IN(LATER(24, .zeroes = 8, .fragment_id = 7, .proto = UDP), PASS)),
	ROW("11+", "options that are fragmented too, then the rest", ONLY_V6, PACKET_IN(FIRST_WITH_OPTIONS, PASS),
	    PACKET_IN(LATER(32, .zeroes = 8, .fragment_id = 7, .proto = DESTINATION), PASS)),
	ROW("11+", "the rest the other way", ALL, PACKET_IN(FIRST(80), PASS), PACKET_OUT(REST, FRAGMENTED)),
	ROW("11+", "the rest after too long", ALL, PACKET_IN(FIRST(80), PASS), AGE(31), PACKET_IN(REST, FRAGMENTED)),
	ROW("11+", "the rest after a change of policy", ALL, PACKET_IN(FIRST(80), PASS), COMMAND("block STRANGER"),
	    PACKET_IN(REST, FRAGMENTED), COMMAND("unblock STRANGER")),
	ROW("11+", "another first fragment of the same datagram, to 22", ONLY_TC, PACKET_IN(FIRST(80), PASS),
	    PACKET_IN(FIRST(22), DEFAULT_DENY, RULE)),
	ROW("12", "the rest before the first", ALL, PACKET_IN(REST, FRAGMENTED), PACKET_IN(FIRST(80), PASS)),
	ROW("13", "a first fragment too short for the TCP header, then the rest", ALL,
	    PACKET_IN(SEGMENT(CLIENT, 80, SYN, .transport = 16, .more = true, .fragment_id = 7), INVALID),
	    PACKET_IN(LATER(16, .zeroes = 8, .fragment_id = 7), FRAGMENTED)),
	ROW("13+", "a first fragment that ends in the TCP header's options", ALL,
	    PACKET_IN(SEGMENT(CLIENT, 80, SYN, .zeroes = 4, .data_offset = 7, .more = true, .fragment_id = 7),
		      INVALID)),
	ROW("13+", "a first fragment without its transport header (RFC 7112)", ONLY_V6,
	    PACKET_IN(SEGMENT(CLIENT, 80, SYN, EXTENSIONS(EXT(FRAGMENT, .bits = 1), EXT(DESTINATION, .len = 2)),
			      .ip_len = 24, .frame = 78),
		      INVALID)),
	ROW("15", "a later fragment that overlaps the first", ALL, PACKET_IN(FIRST(80), PASS),
	    PACKET_IN(LATER(8, .zeroes = 24, .fragment_id = 7), FRAGMENTED),
	    PACKET_IN(LATER(16, .zeroes = 8, .fragment_id = 7), FRAGMENTED)),
	ROW("15+", "a later fragment that overlaps behind options", ONLY_V6, PACKET_IN(FIRST_WITH_OPTIONS, PASS),
	    PACKET_IN(LATER(24, .zeroes = 8, .fragment_id = 7), FRAGMENTED),
	    PACKET_IN(LATER(8, .zeroes = 8, .fragment_id = 7), FRAGMENTED)),
	ROW("16", "offset and length beyond 65535", ALL, PACKET_IN(FIRST(80), PASS),
	    PACKET_IN(LATER(65528, .zeroes = 8, .fragment_id = 7), INVALID),
	    PACKET_IN(LATER(65000, .zeroes = 600, .fragment_id = 7), INVALID)),
};
const struct table fragment_rows = { rows, sizeof(rows) / sizeof(*rows) };
