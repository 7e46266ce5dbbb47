/* SPDX-License-Identifier: GPL-2.0 */
/* Queries for blocked names: example.com with all below it, alone.example.net by itself. */
#include "tests/packets/row.h"

#define HEADER(questions) "\x12\x34\001\000\000" questions "\000\000\000\000\000\000"
#define TYPE_A "\000\001\000\001"
#define QUESTION(name) .payload = TEXT(HEADER("\001") name "\000" TYPE_A)
#define UDP_TO(host, name) DATAGRAM(CLIENT, 53, .dst = host, QUESTION(name))
#define ASK(name) UDP_TO(RESOLVER, name)

#define EXAMPLE_COM "\007example\003com"
#define MIXED_CASE "\007ExAmPlE\003cOm"
#define ROOT ""
#define THIS_EXAMPLE_COM "\002ab\007example\003com"
/* Of the names with 16 bytes: the message with its length. */
#define WHOLE(name) "\000\040" HEADER("\001") name "\000" TYPE_A
#define SUB "\003sub" EXAMPLE_COM
#define NOT_EXAMPLE_COM "\012notexample\003com"
#define ALONE "\005alone\007example\003net"

#define LABEL_40 "\050aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
#define LABEL_63 "\077aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"
#define LABEL_64 "\100aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg"
#define NAME_200 LABEL_40 LABEL_40 LABEL_40 LABEL_40 "\042ccccccccccddddddddddeeeeeeeeeeffff"
#define NAME_254 LABEL_63 LABEL_63 LABEL_63 "\075aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeefffffffffff"
#define NAME_255 LABEL_63 LABEL_63 LABEL_63 "\076aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffff"

/* Over TCP: the three packets, then the query. */
#define TCP_OPENED                                                                                                     \
	PACKET_OUT(SEGMENT(CLIENT, 53, SYN, .seq = CLIENT_ISN, .dst = RESOLVER), PASS),                                \
		PACKET_IN(SEGMENT(53, CLIENT, SYN | ACK, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1, .src = RESOLVER),   \
			  PASS),                                                                                       \
		PACKET_OUT(SEGMENT(CLIENT, 53, ACK, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .dst = RESOLVER),    \
			   PASS)
#define TCP_SEND(...)                                                                                                  \
	SEGMENT(CLIENT, 53, ACK | PSH, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .dst = RESOLVER, __VA_ARGS__)
#define TCP_ASK_AT(at, name)                                                                                           \
	SEGMENT(CLIENT, 53, ACK | PSH, .seq = CLIENT_ISN + 1 + (at), .ack = SERVER_ISN + 1, .dst = RESOLVER,           \
		.stream = true, QUESTION(name))
#define TCP_ASK(name) TCP_SEND(.stream = true, QUESTION(name))

/* Two in what the kernel cuts into two datagrams. */
#define ALLOWED_FIRST HEADER("\001") NOT_EXAMPLE_COM "\000" TYPE_A
#define TWO_QUERIES(second)                                                                                            \
	DATAGRAM(CLIENT, 53, .dst = RESOLVER, .payload = TEXT(ALLOWED_FIRST HEADER("\001") second "\000" TYPE_A),      \
		 .gso_size = sizeof(ALLOWED_FIRST) - 1)

static const struct row rows[] = {
	ROW("40", "UDP over IPv4 without checksum, allowed flow", ONLY_V4,
	    PACKET_OUT(FIELDS(ASK(NOT_EXAMPLE_COM), .no_checksum = true), PASS)),
	ROW("63", "ExAmPlE.cOm", ALL, PACKET_OUT(ASK(MIXED_CASE), DNS), PACKET_OUT(ASK(EXAMPLE_COM), DNS)),
	ROW("64", "sub.example.com", ALL, PACKET_OUT(ASK(SUB), DNS), PACKET_OUT(ASK("\001a\001b" SUB), DNS)),
	ROW("64", "notexample.com", ALL, PACKET_OUT(ASK(NOT_EXAMPLE_COM), PASS)),
	ROW("64+", "com, example.org, example.com.org, the root", ALL, PACKET_OUT(ASK("\003com"), PASS),
	    PACKET_OUT(ASK("\007example\003org"), PASS), PACKET_OUT(ASK(EXAMPLE_COM "\003org"), PASS),
	    PACKET_OUT(ASK(""), PASS)),
	ROW("64+", "one label that is written with a dot within", ALL, PACKET_OUT(ASK("\013example.com"), PASS)),
	ROW("64+", "one label that holds the bytes of a blocked name", ALL,
	    PACKET_OUT(ASK("\017abc" EXAMPLE_COM), PASS)),
	ROW("64+", "a name that is blocked alone, and one below it", ALL, PACKET_OUT(ASK(ALONE), DNS),
	    PACKET_OUT(ASK("\003sub" ALONE), PASS)),
	ROW("64+", "a name below many that are blocked alone", ALL,
	    COMMAND("dns block =a.x =b.a.x =c.b.a.x =d.c.b.a.x =e.d.c.b.a.x =f.e.d.c.b.a.x"),
	    COMMAND("dns block =g.f.e.d.c.b.a.x =h.g.f.e.d.c.b.a.x =i.h.g.f.e.d.c.b.a.x =j.i.h.g.f.e.d.c.b.a.x "
		    "=k.j.i.h.g.f.e.d.c.b.a.x =l.k.j.i.h.g.f.e.d.c.b.a.x"),
	    PACKET_OUT(ASK(LABEL_63 LABEL_63 "\001l\001k\001j\001i\001h\001g\001f\001e\001d\001c\001b\001a\001x"),
		       PASS),
	    PACKET_OUT(ASK("\001l\001k\001j\001i\001h\001g\001f\001e\001d\001c\001b\001a\001x"), DNS),
	    COMMAND("dns unblock =a.x =b.a.x =c.b.a.x =d.c.b.a.x =e.d.c.b.a.x =f.e.d.c.b.a.x"),
	    COMMAND("dns unblock =g.f.e.d.c.b.a.x =h.g.f.e.d.c.b.a.x =i.h.g.f.e.d.c.b.a.x =j.i.h.g.f.e.d.c.b.a.x "
		    "=k.j.i.h.g.f.e.d.c.b.a.x =l.k.j.i.h.g.f.e.d.c.b.a.x")),
	ROW("64+", "a blocked name behind 200 bytes", ALL, PACKET_OUT(ASK(NAME_200 EXAMPLE_COM), DNS)),
	ROW("64+", "a blocked name with something behind the question", ALL,
	    PACKET_OUT(FIELDS(ASK(SUB), .zeroes = 11), DNS),
	    PACKET_OUT(FIELDS(ASK(NOT_EXAMPLE_COM), .zeroes = 11), PASS)),
	ROW("65", "blocked name over TCP", ALL, TCP_OPENED, PACKET_OUT(TCP_ASK(MIXED_CASE), DNS)),
	ROW("65", "another name over TCP", ALL, TCP_OPENED, PACKET_OUT(TCP_ASK(NOT_EXAMPLE_COM), PASS)),
	ROW("65", "query over TCP that is not whole in its first segment", ALL, TCP_OPENED,
	    PACKET_OUT(FIELDS(TCP_ASK(NOT_EXAMPLE_COM), .transport = 40), DNS),
	    PACKET_OUT(TCP_SEND(.payload = TEXT("\000")), DNS), PACKET_OUT(TCP_SEND(.payload = TEXT("\000\040")), DNS)),
	ROW("65+", "two queries in a segment, as resolvers ask for both families' addresses", ALL, TCP_OPENED,
	    PACKET_OUT(TCP_SEND(.payload = TEXT(WHOLE(NOT_EXAMPLE_COM) WHOLE(NOT_EXAMPLE_COM))), PASS),
	    PACKET_OUT(TCP_ASK_AT(34, NOT_EXAMPLE_COM), DNS), PACKET_OUT(TCP_ASK_AT(68, NOT_EXAMPLE_COM), PASS)),
	ROW("65+", "two queries in a segment, of which one is for a blocked name", ALL, TCP_OPENED,
	    PACKET_OUT(TCP_SEND(.payload = TEXT(WHOLE(NOT_EXAMPLE_COM) WHOLE(THIS_EXAMPLE_COM))), DNS),
	    PACKET_OUT(TCP_SEND(.payload = TEXT(WHOLE(THIS_EXAMPLE_COM) WHOLE(NOT_EXAMPLE_COM))), DNS)),
	ROW("65+", "three queries in a segment, or what is no second one", ALL, TCP_OPENED,
	    PACKET_OUT(TCP_SEND(.payload = TEXT(WHOLE(NOT_EXAMPLE_COM) WHOLE(NOT_EXAMPLE_COM) WHOLE(NOT_EXAMPLE_COM))),
		       DNS),
	    PACKET_OUT(TCP_SEND(.payload = TEXT(WHOLE(NOT_EXAMPLE_COM) "\000")), DNS),
	    PACKET_OUT(TCP_SEND(.payload = TEXT(WHOLE(NOT_EXAMPLE_COM) "\000\041")), DNS),
	    PACKET_OUT(FIELDS(TCP_ASK(NOT_EXAMPLE_COM), .zeroes = 30), DNS)),
	ROW("65+", "queries one behind the other, and one that comes again", ALL, TCP_OPENED,
	    PACKET_OUT(TCP_ASK_AT(0, NOT_EXAMPLE_COM), PASS), PACKET_OUT(TCP_ASK_AT(34, ROOT), PASS),
	    PACKET_OUT(TCP_ASK_AT(0, NOT_EXAMPLE_COM), PASS), PACKET_OUT(TCP_ASK_AT(34, ROOT), PASS),
	    PACKET_OUT(TCP_ASK_AT(53, EXAMPLE_COM), DNS), PACKET_OUT(TCP_ASK_AT(53, NOT_EXAMPLE_COM), PASS)),
	ROW("65+", "a query that lies over another, whose end could be read as a query of its own", ALL, TCP_OPENED,
	    PACKET_OUT(TCP_ASK_AT(0, NOT_EXAMPLE_COM), PASS), PACKET_OUT(TCP_ASK_AT(1, NOT_EXAMPLE_COM), DNS),
	    PACKET_OUT(TCP_ASK_AT(33, NOT_EXAMPLE_COM), DNS), PACKET_OUT(TCP_ASK_AT(0, ROOT), DNS),
	    PACKET_OUT(FIELDS(TCP_ASK_AT(0, LABEL_63 NOT_EXAMPLE_COM)), DNS),
	    PACKET_OUT(TCP_ASK_AT(34, NOT_EXAMPLE_COM), PASS)),
	ROW("65+", "a query behind a gap, or before what the connection began with", ALL, TCP_OPENED,
	    PACKET_OUT(TCP_ASK_AT(100, NOT_EXAMPLE_COM), DNS), PACKET_OUT(TCP_ASK_AT(-1, NOT_EXAMPLE_COM), DNS),
	    PACKET_OUT(TCP_ASK_AT(-34, NOT_EXAMPLE_COM), DNS), PACKET_OUT(TCP_ASK_AT(0, NOT_EXAMPLE_COM), PASS)),
	ROW("65+", "a query with urgent data, of which the receiver skips a byte", ALL, TCP_OPENED,
	    PACKET_OUT(SEGMENT(CLIENT, 53, ACK | URG, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .dst = RESOLVER,
			       .stream = true, QUESTION(NOT_EXAMPLE_COM)),
		       DNS)),
	ROW("65+", "a query in the SYN", ALL,
	    PACKET_OUT(SEGMENT(CLIENT, 53, SYN, .seq = CLIENT_ISN, .dst = RESOLVER, .stream = true,
			       QUESTION(NOT_EXAMPLE_COM)),
		       DNS)),
	ROW("65+", "a query in the third packet", ALL,
	    PACKET_OUT(SEGMENT(CLIENT, 53, SYN, .seq = CLIENT_ISN, .dst = RESOLVER), PASS),
	    PACKET_IN(SEGMENT(53, CLIENT, SYN | ACK, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1, .src = RESOLVER), PASS),
	    PACKET_OUT(TCP_ASK_AT(0, NOT_EXAMPLE_COM), PASS), PACKET_OUT(TCP_ASK_AT(34, NOT_EXAMPLE_COM), PASS)),
	ROW("65+", "a query without a connection, to where it may go", ALL,
	    PACKET_OUT(TCP_ASK_AT(0, NOT_EXAMPLE_COM), NO_STATE)),
	ROW("65+", "queries in connections that were opened before any name was blocked",
	    ONLY_TC | ONLY_BARE | SLOW | RELOADS, TCP_OPENED, COMMAND("dns unblock all"),
	    PACKET_OUT(TCP_SEND(.payload = TEXT("\000\100")), PASS),
	    COMMAND("dns block example.com =alone.example.net"), PACKET_OUT(TCP_ASK_AT(2, NOT_EXAMPLE_COM), DNS)),
	ROW("66", "no question, two questions", ALL,
	    PACKET_OUT(DATAGRAM(CLIENT, 53, .dst = RESOLVER,
				.payload = TEXT(HEADER("\000") NOT_EXAMPLE_COM "\000" TYPE_A)),
		       DNS),
	    PACKET_OUT(
		    DATAGRAM(CLIENT, 53, .dst = RESOLVER,
			     .payload = TEXT(HEADER("\002") NOT_EXAMPLE_COM "\000" TYPE_A EXAMPLE_COM "\000" TYPE_A)),
		    DNS)),
	ROW("66", "a pointer in the question", ALL,
	    PACKET_OUT(DATAGRAM(CLIENT, 53, .dst = RESOLVER, .payload = TEXT(HEADER("\001") "\300\014" TYPE_A "\000")),
		       DNS),
	    PACKET_OUT(DATAGRAM(CLIENT, 53, .dst = RESOLVER,
				.payload = TEXT(HEADER("\001") "\003sub\300\040" TYPE_A "\000\000")),
		       DNS)),
	ROW("66+", "a question that is cut off, a datagram that is no message", ALL,
	    PACKET_OUT(FIELDS(DATAGRAM(CLIENT, 53, .dst = RESOLVER, .payload = TEXT(HEADER("\001") "\010shorter"))),
		       DNS),
	    PACKET_OUT(FIELDS(DATAGRAM(CLIENT, 53, .dst = RESOLVER, .zeroes = 11)), DNS),
	    PACKET_OUT(FIELDS(DATAGRAM(CLIENT, 53, .dst = RESOLVER)), DNS)),
	ROW("66+", "a name without its type and class behind it", ALL,
	    PACKET_OUT(DATAGRAM(CLIENT, 53, .dst = RESOLVER, .payload = TEXT(HEADER("\001") NOT_EXAMPLE_COM "\000")),
		       DNS),
	    PACKET_OUT(DATAGRAM(CLIENT, 53, .dst = RESOLVER,
				.payload = TEXT(HEADER("\001") NOT_EXAMPLE_COM "\000\000\001\000")),
		       DNS)),
	ROW("66+", "an answer that the container sends to a resolver's port", ALL,
	    PACKET_OUT(DATAGRAM(CLIENT, 53, .dst = RESOLVER,
				.payload = TEXT("\x12\x34\201\200\000\001\000\001\000\000\000\000" SUB "\000" TYPE_A)),
		       DNS)),
	ROW("67", "a label of 64 bytes", ALL, PACKET_OUT(ASK(LABEL_64), DNS)),
	ROW("67", "a name of 256 bytes and more", ALL, PACKET_OUT(ASK(NAME_255), DNS),
	    PACKET_OUT(ASK(LABEL_63 LABEL_63 LABEL_63 LABEL_63 LABEL_63), DNS)),
	ROW("67", "a legal name of 200 bytes", ALL, PACKET_OUT(ASK(NAME_200), PASS)),
	ROW("67+", "a legal name of 255 bytes, a label of 63", ALL, PACKET_OUT(ASK(NAME_254), PASS),
	    PACKET_OUT(ASK(LABEL_63), PASS)),
	ROW("68", "the same question again over TCP, after a truncated answer", ALL,
	    PACKET_OUT(ASK(NOT_EXAMPLE_COM), PASS),
	    PACKET_IN(DATAGRAM(53, CLIENT, .src = RESOLVER,
			       .payload = TEXT("\x12\x34\203\200\000\001\000\000\000\000\000\000" NOT_EXAMPLE_COM
					       "\000" TYPE_A)),
		      PASS),
	    TCP_OPENED, PACKET_OUT(TCP_ASK(NOT_EXAMPLE_COM), PASS)),
	ROW("70", "DNS to a server that is not allowed", ALL,
	    PACKET_OUT(UDP_TO(STRANGER, NOT_EXAMPLE_COM), DEFAULT_DENY, PASS),
	    PACKET_OUT(SEGMENT(CLIENT, 53, SYN, .dst = STRANGER), DEFAULT_DENY, PASS)),
	ROW("70+", "a blocked name asked of any server", ALL, PACKET_OUT(UDP_TO(STRANGER, SUB), DNS)),
	ROW("70+", "a query in fragments", ALL,
	    PACKET_OUT(FIELDS(ASK(NOT_EXAMPLE_COM), .more = true, .fragment_id = 9, .zeroes = 8), DNS)),
	ROW("66+", "several queries in what is still to be cut into datagrams, whatever they ask for", NO_WIRE,
	    PACKET_OUT(TWO_QUERIES(EXAMPLE_COM), DNS), PACKET_OUT(TWO_QUERIES(NOT_EXAMPLE_COM), DNS),
	    PACKET_OUT(FIELDS(ASK(NOT_EXAMPLE_COM), .zeroes = 1, .gso_size = 32), DNS),
	    PACKET_OUT(FIELDS(ASK(NOT_EXAMPLE_COM), .zeroes = 1), PASS)),
	ROW("70+", "answers that the kernel has put together", NO_WIRE, PACKET_OUT(ASK(NOT_EXAMPLE_COM), PASS),
	    PACKET_IN(DATAGRAM(53, CLIENT, .src = RESOLVER, .zeroes = 200, .gso_size = 100), PASS)),
	ROW("70+", "the answer, once", ALL, PACKET_OUT(ASK(NOT_EXAMPLE_COM), PASS),
	    PACKET_IN(DATAGRAM(53, CLIENT, .src = RESOLVER), PASS),
	    PACKET_IN(DATAGRAM(53, CLIENT + 1, .src = RESOLVER), DEFAULT_DENY, PASS)),
	ROW("74+", "the answer, too late", ALL, PACKET_OUT(ASK(NOT_EXAMPLE_COM), PASS), AGE(31),
	    PACKET_IN(DATAGRAM(53, CLIENT, .src = RESOLVER), DEFAULT_DENY, PASS)),
};
const struct table dns_rows = { rows, sizeof(rows) / sizeof(*rows) };
