/* SPDX-License-Identifier: GPL-2.0 */
/* A blocked address is dropped for every protocol, before anything about layer 4. */
#include "tests/packets/row.h"

#define FROM_PREFIX .src = BLOCKED
#define FROM_HOST .src = BLOCKED_HOST

static const struct row rows[] = {
	ROW("3", "TCP from a blocked address", ALL, PACKET_IN(SEGMENT(CLIENT, 80, SYN, FROM_PREFIX), BLOCKLIST),
	    PACKET_IN(SEGMENT(CLIENT, 80, SYN, FROM_HOST), BLOCKLIST)),
	ROW("3", "UDP from a blocked address", ALL, PACKET_IN(DATAGRAM(CLIENT, 5000, FROM_PREFIX), BLOCKLIST),
	    PACKET_IN(DATAGRAM(CLIENT, 5000, FROM_HOST), BLOCKLIST)),
	ROW("4", "SCTP from a blocked address", ALL,
	    PACKET_IN(FIELDS(.proto = SCTP, .zeroes = 32, FROM_PREFIX), BLOCKLIST)),
	ROW("4", "GRE from a blocked address", ALL,
	    PACKET_IN(FIELDS(.proto = GRE, .zeroes = 32, FROM_PREFIX), BLOCKLIST)),
	ROW("4", "ESP from a blocked address", ALL,
	    PACKET_IN(FIELDS(.proto = ESP, .zeroes = 32, FROM_HOST), BLOCKLIST)),
	ROW("4+", "SCTP, GRE and ESP from another", ALL,
	    PACKET_IN(FIELDS(.proto = SCTP, .zeroes = 32), DEFAULT_DENY, PASS),
	    PACKET_IN(FIELDS(.proto = GRE, .zeroes = 32), DEFAULT_DENY, PASS),
	    PACKET_IN(FIELDS(.proto = ESP, .zeroes = 32), DEFAULT_DENY, PASS)),
	ROW("5", "ICMP from a blocked address", ALL, PACKET_IN(MESSAGE(ECHO_REQUEST, .id = 7, FROM_PREFIX), BLOCKLIST),
	    PACKET_IN(MESSAGE(UNREACHABLE, FROM_PREFIX, QUOTED(SEGMENT(80, CLIENT, ACK))), BLOCKLIST)),
	ROW("6", "blocked address behind one tag", ONLY_BARE | ONLY_TC,
	    PACKET_IN(SEGMENT(CLIENT, 80, SYN, FROM_PREFIX, .tags = 1), BLOCKLIST)),
	ROW("7", "blocked address behind QinQ", ONLY_BARE | ONLY_TC,
	    PACKET_IN(SEGMENT(CLIENT, 80, SYN, FROM_PREFIX, .tags = 2), BLOCKLIST)),
	ROW("7+", "blocked address behind more tags than are walked", ONLY_BARE | ONLY_TC | XDP_INVALID,
	    PACKET_IN(SEGMENT(CLIENT, 80, SYN, FROM_PREFIX, .tags = 3), INVALID)),
	ROW("3+", "a TCP header of 19 bytes from a blocked address", XDP_BLOCKS,
	    PACKET_IN(SEGMENT(CLIENT, 80, SYN, FROM_PREFIX, .transport = 19), INVALID)),
	ROW("3+", "4 bytes of UDP from a blocked address", XDP_BLOCKS,
	    PACKET_IN(DATAGRAM(CLIENT, 80, FROM_PREFIX, .transport = 4), INVALID)),
	ROW("3+", "IHL 15 in a short frame from a blocked address", ONLY_V4 | XDP_BLOCKS,
	    PACKET_IN(SEGMENT(CLIENT, 80, SYN, FROM_PREFIX, .ihl = 15), INVALID)),
	ROW("3+", "an empty packet from a blocked address", ALL,
	    PACKET_IN(FIELDS(.proto = EXPERIMENT, FROM_PREFIX), BLOCKLIST)),
	ROW("3+", "a later fragment from a blocked address", XDP_BLOCKS,
	    PACKET_IN(LATER(64, .zeroes = 64, FROM_PREFIX), FRAGMENTED)),
	ROW("3+", "extension headers from a blocked address", ONLY_V6,
	    PACKET_IN(SEGMENT(CLIENT, 80, SYN, FROM_PREFIX, EXTENSIONS(EXT(HOP_BY_HOP), EXT(DESTINATION))), BLOCKLIST)),
	ROW("3+", "the container sends to a blocked address", ALL,
	    PACKET_OUT(SEGMENT(CLIENT, 443, SYN, .dst = BLOCKED), BLOCKLIST),
	    PACKET_OUT(DATAGRAM(CLIENT, 5000, .dst = BLOCKED_HOST), BLOCKLIST),
	    PACKET_OUT(FIELDS(.proto = GRE, .zeroes = 32, .dst = BLOCKED), BLOCKLIST),
	    PACKET_OUT(MESSAGE(ECHO_REQUEST, .id = 7, .dst = BLOCKED), BLOCKLIST)),
};
const struct table blocklist_rows = { rows, sizeof(rows) / sizeof(*rows) };
