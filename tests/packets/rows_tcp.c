/* SPDX-License-Identifier: GPL-2.0 */
/* Only a connection that was allowed has state, and only a segment that fits its state passes by it. */
#include "tests/packets/row.h"

#define BARE(what) SEGMENT(CLIENT, 80, what, .seq = 77, .ack = 88)
#define RESET(at) SEGMENT(CLIENT, 80, RST, .seq = at)
#define FIN_IN SEGMENT(CLIENT, 80, FIN | ACK, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1)
#define FIN_OUT SEGMENT(80, CLIENT, FIN | ACK, .seq = SERVER_ISN + 1, .ack = CLIENT_ISN + 2)
#define LAST_ACK SEGMENT(CLIENT, 80, ACK, .seq = CLIENT_ISN + 2, .ack = SERVER_ISN + 2)
#define CLOSED OPENED, PACKET_IN(FIN_IN, PASS), PACKET_OUT(FIN_OUT, PASS), PACKET_IN(LAST_ACK, PASS)
#define SYN_AGAIN SEGMENT(CLIENT, 80, SYN, .seq = 90000)

/* The container opens one to port 443 of SERVER. */
#define OUT_SYN PACKET_OUT(SEGMENT(CLIENT, 443, SYN, .seq = CLIENT_ISN, .dst = SERVER), PASS)
#define OUT_SYN_ACK                                                                                                    \
	PACKET_IN(SEGMENT(443, CLIENT, SYN | ACK, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1, .src = SERVER), PASS)
#define OUT_ACK PACKET_OUT(SEGMENT(CLIENT, 443, ACK, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .dst = SERVER), PASS)
#define OUT_DATA SEGMENT(CLIENT, 443, ACK, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .zeroes = 9, .dst = SERVER)
#define OUT_ANSWER SEGMENT(443, CLIENT, ACK, .seq = SERVER_ISN + 1, .ack = CLIENT_ISN + 1, .zeroes = 9, .src = SERVER)

static const struct row rows[] = {
	ROW("41", "ACK without state to 80", ALL, PACKET_IN(BARE(ACK), NO_STATE), PACKET_IN(BARE(ACK | PSH), NO_STATE),
	    CONNECTIONS(0)),
	ROW("41+", "ACK behind a SYN that was not answered", ALL, OPEN_SYN, PACKET_IN(BARE(ACK), NO_STATE)),
	ROW("41+", "ACK that the container sends without state", ALL,
	    PACKET_OUT(SEGMENT(CLIENT, 443, ACK, .dst = SERVER), NO_STATE)),
	ROW("41+", "third packet that acknowledges something else", ALL, OPEN_SYN, OPEN_SYN_ACK,
	    PACKET_IN(SEGMENT(CLIENT, 80, ACK, .seq = CLIENT_ISN + 1, .ack = 4711), NO_STATE), OPEN_ACK),
	ROW("41+", "the other side does not complete a handshake", ALL, OPEN_SYN, OPEN_SYN_ACK,
	    PACKET_OUT(DATA_OUT, NO_STATE), AGE(61), PACKET_IN(DATA_IN, NO_STATE)),
	ROW("42", "SYN+ACK that nobody asked for", ALL, PACKET_IN(BARE(SYN | ACK), NO_STATE), CONNECTIONS(0),
	    PACKET_OUT(SEGMENT(80, CLIENT, SYN | ACK), NO_STATE), CONNECTIONS(0)),
	ROW("42+", "SYN+ACK that acknowledges something else", ALL, OUT_SYN,
	    PACKET_IN(SEGMENT(443, CLIENT, SYN | ACK, .seq = SERVER_ISN, .ack = 4711, .src = SERVER), NO_STATE),
	    OUT_SYN_ACK, OUT_ACK),
	ROW("42+", "SYN+ACK in a connection's own direction", ALL, OPEN_SYN,
	    PACKET_IN(SEGMENT(CLIENT, 80, SYN | ACK, .seq = CLIENT_ISN, .ack = CLIENT_ISN + 1), NO_STATE)),
	ROW("43", "FIN scan", ALL, PACKET_IN(BARE(FIN), INVALID)),
	ROW("43", "NULL scan", ALL, PACKET_IN(BARE(0), INVALID)),
	ROW("43", "Xmas scan", ALL, PACKET_IN(BARE(FIN | PSH | URG), INVALID)),
	ROW("43+", "the scans within an open connection", ALL, OPENED,
	    PACKET_IN(SEGMENT(CLIENT, 80, FIN, .seq = CLIENT_ISN + 1), INVALID),
	    PACKET_IN(SEGMENT(CLIENT, 80, 0, .seq = CLIENT_ISN + 1), INVALID), PACKET_IN(DATA_IN, PASS)),
	ROW("43+", "FIN+ACK without state", ALL, PACKET_IN(BARE(FIN | ACK), NO_STATE)),
	ROW("44", "SYN+FIN", ALL, PACKET_IN(BARE(SYN | FIN), INVALID), PACKET_IN(BARE(SYN | FIN | ACK), INVALID)),
	ROW("44", "SYN+RST", ALL, PACKET_IN(BARE(SYN | RST), INVALID), PACKET_IN(BARE(SYN | RST | ACK), INVALID)),
	ROW("45", "RST without state", ALL, PACKET_IN(BARE(RST), NO_STATE), PACKET_IN(BARE(RST | ACK), NO_STATE),
	    CONNECTIONS(0)),
	ROW("46", "RST outside the window of a tracked connection", ALL, OPENED,
	    PACKET_IN(RESET(CLIENT_ISN + 1 + 200000), NO_STATE), PACKET_IN(RESET(CLIENT_ISN - 10), NO_STATE),
	    PACKET_IN(RESET(0x80000000u + CLIENT_ISN), NO_STATE), CONNECTIONS(1), AGE(11), PACKET_IN(DATA_IN, PASS),
	    PACKET_OUT(DATA_OUT, PASS)),
	ROW("46+", "FIN outside the window of a tracked connection", ALL, OPENED,
	    PACKET_IN(SEGMENT(CLIENT, 80, FIN | ACK, .seq = CLIENT_ISN + 200000, .ack = SERVER_ISN + 1), NO_STATE),
	    PACKET_OUT(DATA_OUT, PASS)),
	ROW("46+", "RST that does not fit a handshake", ALL, OPEN_SYN, PACKET_IN(RESET(4711), NO_STATE),
	    PACKET_OUT(SEGMENT(80, CLIENT, RST | ACK, .ack = 4711), NO_STATE), OPEN_SYN_ACK),
	ROW("46+", "RST that answers a SYN", ALL, OPEN_SYN,
	    PACKET_OUT(SEGMENT(80, CLIENT, RST | ACK, .ack = CLIENT_ISN + 1), PASS), CONNECTIONS(0),
	    PACKET_OUT(SEGMENT(80, CLIENT, SYN | ACK, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1), NO_STATE)),
	ROW("47", "RST inside the window, then closing", ALL, OPENED, PACKET_IN(RESET(CLIENT_ISN + 1), PASS), AGE(11),
	    PACKET_IN(DATA_IN, NO_STATE), PACKET_OUT(DATA_OUT, NO_STATE)),
	ROW("47+", "data does not keep a closing connection", ALL, OPENED,
	    PACKET_OUT(FIELDS(SEGMENT(80, CLIENT, RST, .seq = SERVER_ISN + 1)), PASS), AGE(6), PACKET_IN(DATA_IN, PASS),
	    AGE(6), PACKET_IN(DATA_IN, NO_STATE)),
	ROW("49", "SYN again on a connection that both sides have closed", ALL, CLOSED, PACKET_IN(SYN_AGAIN, PASS),
	    PACKET_OUT(SEGMENT(80, CLIENT, SYN | ACK, .seq = 60000, .ack = 90001), PASS),
	    PACKET_IN(SEGMENT(CLIENT, 80, ACK, .seq = 90001, .ack = 60001), PASS), CONNECTIONS(1), AGE(11),
	    PACKET_IN(SEGMENT(CLIENT, 80, ACK, .seq = 90001, .ack = 60001, .zeroes = 5), PASS)),
	ROW("49", "SYN again on a closed connection, no longer allowed", ONLY_DENY | ONLY_TC, CLOSED,
	    COMMAND("revoke BOX in tcp port 80"), PACKET_IN(SYN_AGAIN, DEFAULT_DENY),
	    COMMAND("allow BOX in tcp port 80")),
	ROW("49+", "one side's FIN does not close", ALL, OPENED, PACKET_IN(FIN_IN, PASS), AGE(100),
	    PACKET_OUT(DATA_OUT, PASS)),
	ROW("49+", "both sides' FIN does, after a while", ALL, CLOSED, AGE(11), PACKET_OUT(DATA_OUT, NO_STATE)),
	ROW("49+", "SYN on an open connection changes nothing", ALL, OPENED,
	    PACKET_IN(SEGMENT(CLIENT, 80, SYN, .seq = 90000), PASS), PACKET_OUT(DATA_OUT, PASS),
	    PACKET_IN(RESET(90001), NO_STATE), PACKET_IN(DATA_IN, PASS)),
	ROW("73", "established while the table is full, and a new one", ONLY_V4 | ONLY_BARE, OPENED, FILL,
	    PACKET_IN(DATA_IN, PASS), PACKET_OUT(DATA_OUT, PASS), PACKET_IN(SEGMENT(41000, 80, SYN, .seq = 10), PASS),
	    PACKET_OUT(SEGMENT(80, 41000, SYN | ACK, .seq = 20, .ack = 11), PASS),
	    PACKET_IN(SEGMENT(41000, 80, ACK, .seq = 11, .ack = 21), TABLE_FULL), PACKET_IN(DATA_IN, PASS)),
	ROW("74", "idle past its timeout, then data", ALL, OPENED, AGE(7201), PACKET_IN(DATA_IN, NO_STATE)),
	ROW("74", "idle past its timeout, then data from the container", ALL, OPENED, AGE(7201),
	    PACKET_OUT(DATA_OUT, NO_STATE)),
	ROW("74+", "idle, not quite so long", ALL, OPENED, AGE(7100), PACKET_IN(DATA_IN, PASS), AGE(7100),
	    PACKET_OUT(DATA_OUT, PASS)),
	ROW("74+", "a SYN that nobody answers for a minute", ALL, OPEN_SYN, AGE(61),
	    PACKET_OUT(SEGMENT(80, CLIENT, SYN | ACK, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1), NO_STATE)),
	ROW("76", "the peer is blocked meanwhile, and sends", ALL, OPENED, COMMAND("block PEER"),
	    PACKET_IN(DATA_IN, BLOCKLIST), COMMAND("unblock PEER"), PACKET_IN(DATA_IN, NO_STATE)),
	ROW("76", "the peer is blocked meanwhile, and the container sends", ALL, OPENED, COMMAND("block PEER"),
	    PACKET_OUT(DATA_OUT, BLOCKLIST), COMMAND("unblock PEER"), PACKET_OUT(DATA_OUT, NO_STATE)),
	ROW("76", "the rule is revoked meanwhile, and the peer sends", ONLY_DENY | ONLY_TC, OPENED,
	    COMMAND("revoke BOX in tcp port 80"), PACKET_IN(DATA_IN, DEFAULT_DENY), PACKET_OUT(DATA_OUT, NO_STATE),
	    COMMAND("allow BOX in tcp port 80"), PACKET_IN(DATA_IN, NO_STATE)),
	ROW("76", "the rule is revoked meanwhile, and the container sends", ONLY_DENY | ONLY_TC, OPENED,
	    COMMAND("revoke BOX in tcp port 80"), PACKET_OUT(DATA_OUT, DEFAULT_DENY), PACKET_IN(DATA_IN, NO_STATE),
	    COMMAND("allow BOX in tcp port 80")),
	ROW("76", "the rule for what goes out is revoked meanwhile", ONLY_DENY | ONLY_V4, OUT_SYN, OUT_SYN_ACK, OUT_ACK,
	    COMMAND("revoke BOX out tcp to 10.0.0.0/8 port 443"), PACKET_OUT(OUT_DATA, DEFAULT_DENY),
	    PACKET_IN(OUT_ANSWER, NO_STATE), COMMAND("allow BOX out tcp to 10.0.0.0/8 port 443")),
	ROW("76", "a rule that denies it is made meanwhile", ONLY_TC, OPENED, COMMAND("deny BOX in tcp from PEER"),
	    PACKET_IN(DATA_IN, RULE), PACKET_OUT(DATA_OUT, NO_STATE), COMMAND("revoke BOX in tcp from PEER")),
	ROW("76+", "another rule is made meanwhile", ALL, OPENED, COMMAND("deny BOX in tcp from STRANGER"),
	    PACKET_IN(DATA_IN, PASS), PACKET_OUT(DATA_OUT, PASS), COMMAND("revoke BOX in tcp from STRANGER"),
	    PACKET_IN(DATA_IN, PASS)),
	ROW("1+", "a connection that the container opens, and its data", ALL, OUT_SYN, OUT_SYN_ACK, OUT_ACK,
	    PACKET_OUT(OUT_DATA, PASS), PACKET_IN(OUT_ANSWER, PASS), CONNECTIONS(1)),
	ROW("1+", "a connection of 100 bytes in its third packet", ALL, OPEN_SYN, OPEN_SYN_ACK,
	    PACKET_IN(DATA_IN, PASS), PACKET_OUT(DATA_OUT, PASS)),
};
const struct table tcp_rows = { rows, sizeof(rows) / sizeof(*rows) };
