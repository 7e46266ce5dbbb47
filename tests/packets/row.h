/* SPDX-License-Identifier: GPL-2.0 */
/* The table's vocabulary: a row is packets in order, each with the verdict it has to get. */
#ifndef TESTS_PACKETS_ROW_H
#define TESTS_PACKETS_ROW_H

#include "bpf/fw_abi.h"
#include "tests/packets/packet.h"

/* PASS, or the reason of the drop. The second of two is under default allow with `deny in tcp port 22`. */
enum expected {
	SAME = 0,
	PASS = 1 + FW_REASON_NONE,
	BLOCKLIST = 1 + FW_REASON_BLOCKLIST,
	LIMITED = 1 + FW_REASON_RATE_LIMIT,
	DNS = 1 + FW_REASON_DNS,
	RULE = 1 + FW_REASON_RULE,
	DEFAULT_DENY = 1 + FW_REASON_DEFAULT_DENY,
	INVALID = 1 + FW_REASON_INVALID,
	FRAGMENTED = 1 + FW_REASON_FRAGMENT,
	NO_STATE = 1 + FW_REASON_NO_STATE,
	EGRESS = 1 + FW_REASON_EGRESS,
	SPOOF = 1 + FW_REASON_SPOOF,
	TABLE_FULL = 1 + FW_REASON_TABLE_FULL,
};

enum step_kind { STEP_END, STEP_PACKET, STEP_COMMAND, STEP_AGE, STEP_FILL, STEP_FILL_OTHERS, STEP_CONNECTIONS };

struct step {
	enum step_kind kind;
	enum way way;
	bool twin;   /* the other container of the same addresses */
	bool uplink; /* meets the uplink's programs too */
	unsigned times;
	const struct packet *packet;
	enum expected expected[2];
	const char *command;
	unsigned number;
};

/* Which of the ways to run a row are left out: both families, 0 to 2 tags at TC, both defaults, TC and cgroup. */
enum {
	ALL = 0,
	ONLY_V4 = 1,
	ONLY_V6 = 2,
	ONLY_TC = 4,      /* not at the cgroup */
	ONLY_DENY = 8,    /* not under default allow */
	ONLY_BARE = 16,   /* without tags */
	ONLY_XDP = 32,    /* nothing but XDP */
	XDP_BLOCKS = 128, /* XDP drops by the blocklist what TC drops for another reason */
	XDP_INVALID = 64, /* what comes in is invalid at XDP already; else XDP passes it where no address is blocked */
	ONLY_CGROUP = 1024, /* not at TC */
	NO_ASIDE = 256,     /* on a wire not past the uplinks: the kernel itself drops what ends in its tags */
	NO_WIRE = 2048,     /* not on a wire: a frame of a packet socket is not the kernel's to cut */
	RELOADS =
		8192, /* its commands have all programs loaded again: that takes minutes where a machine is emulated */
	SLOW = 4096,  /* it takes seconds: run with one initial sequence number alone */
	NO_UPLINK = 512, /* on a wire not by an uplink: its XDP keeps from TC what TC has to see */
};

struct row {
	const char *number; /* in the specification; "+" behind it for a packet near it */
	const char *name;
	unsigned only;
	const struct step *steps;
};

/* clang-format off */
#define ROW(row_number, title, only_ways, ...) \
	{ .number = row_number, .name = title, .only = only_ways, \
	  .steps = (const struct step[]) { __VA_ARGS__, { .kind = STEP_END } } }

/* Steps. Behind the packet's fields: the verdict, and the one under default allow where that is another. */
#define PACKET_IN(p, ...) \
	{ .kind = STEP_PACKET, .way = IN, .packet = &(const struct packet) { p }, .expected = { __VA_ARGS__ } }
#define PACKET_OUT(p, ...) \
	{ .kind = STEP_PACKET, .way = OUT, .packet = &(const struct packet) { p }, .expected = { __VA_ARGS__ } }
#define TWIN_IN(p, ...) \
	{ .kind = STEP_PACKET, .way = IN, .twin = true, .packet = &(const struct packet) { p }, \
	  .expected = { __VA_ARGS__ } }
#define TWIN_OUT(p, ...) \
	{ .kind = STEP_PACKET, .way = OUT, .twin = true, .packet = &(const struct packet) { p }, \
	  .expected = { __VA_ARGS__ } }
#define UPLINK_IN(n, p, ...) \
	{ .kind = STEP_PACKET, .way = IN, .uplink = true, .times = n, .packet = &(const struct packet) { p }, \
	  .expected = { __VA_ARGS__ } }
#define TIMES_OUT(n, p, ...) \
	{ .kind = STEP_PACKET, .way = OUT, .times = n, .packet = &(const struct packet) { p }, \
	  .expected = { __VA_ARGS__ } }
#define COMMAND(line) { .kind = STEP_COMMAND, .command = line }
#define AGE(seconds) { .kind = STEP_AGE, .number = seconds }
#define FILL { .kind = STEP_FILL }
#define FILL_OTHERS(idle) { .kind = STEP_FILL_OTHERS, .number = idle }
#define CONNECTIONS(n) { .kind = STEP_CONNECTIONS, .number = n }

/* Packets by their fields: those named, then any other. FIELDS keeps them together where none is named. */
#define FIELDS(...) __VA_ARGS__
#define SEGMENT(from, to, what, ...) .sport = from, .dport = to, .flags = what, ##__VA_ARGS__
#define DATAGRAM(from, to, ...) .proto = UDP, .sport = from, .dport = to, ##__VA_ARGS__
#define MESSAGE(what, ...) .proto = ICMP, .icmp = what, ##__VA_ARGS__
#define LATER(at, ...) .offset = at, ##__VA_ARGS__
#define EXT(header, ...) { .proto = header, ##__VA_ARGS__ }
#define EXTENSIONS(...) \
	.extensions = { __VA_ARGS__ }, \
	.n_extensions = sizeof((const struct extension[]) { __VA_ARGS__ }) / sizeof(struct extension)
#define QUOTED(...) .quoted = &(const struct packet) { __VA_ARGS__ }
#define TEXT(literal) { literal, sizeof(literal) - 1 }
/* clang-format on */

/* A connection from PEER to port 80, which is allowed, and its first 10 bytes of data. */
#define CLIENT 40000
#define CLIENT_ISN 1000
#define SERVER_ISN 5000
#define OPEN_SYN PACKET_IN(SEGMENT(CLIENT, 80, SYN, .seq = CLIENT_ISN), PASS)
#define OPEN_SYN_ACK PACKET_OUT(SEGMENT(80, CLIENT, SYN | ACK, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1), PASS)
#define OPEN_ACK PACKET_IN(SEGMENT(CLIENT, 80, ACK, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1), PASS)
#define OPENED OPEN_SYN, OPEN_SYN_ACK, OPEN_ACK
#define DATA_IN SEGMENT(CLIENT, 80, ACK | PSH, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .zeroes = 10)
#define DATA_OUT SEGMENT(80, CLIENT, ACK, .seq = SERVER_ISN + 1, .ack = CLIENT_ISN + 1, .zeroes = 10)

struct table {
	const struct row *rows;
	unsigned n;
};
extern const struct table parsing_rows, blocklist_rows, fragment_rows, tcp_rows, icmp_rows, dns_rows, policy_rows;

/* All of them, NULL behind the last. */
extern const struct table *const row_tables[];

#endif
