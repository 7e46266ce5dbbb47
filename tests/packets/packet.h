/* SPDX-License-Identifier: GPL-2.0 */
/* A packet by its fields, and the frame that it is on the wire: right by itself, wrong wherever a field says so. */
#ifndef TESTS_PACKETS_PACKET_H
#define TESTS_PACKETS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* Who is at either end; each has an address of both families. */
enum host {
	BY_DIRECTION, /* the container and PEER */
	CONTAINER,
	PEER,
	NEIGHBOUR, /* in PEER's /64 */
	SERVER,    /* where the container may go */
	RESOLVER,  /* where it may ask */
	BLOCKED,   /* within a blocked prefix */
	BLOCKED_HOST,
	STRANGER,
	MAPPED, /* in IPv6, the server's IPv4 address written as an IPv6 one */
	NOBODY, /* the unspecified address */
	LINK_LOCAL,
	GROUP, /* everybody on the link */
	HOST_N,
};
const char *host_address(enum host host, int family);

enum {
	HOP_BY_HOP = 0,
	ICMP = 1, /* ICMPv6 in IPv6 */
	TCP = 6,
	UDP = 17,
	ROUTING = 43,
	FRAGMENT = 44,
	GRE = 47,
	ESP = 50,
	AUTHENTICATION = 51,
	NO_NEXT = 59,
	DESTINATION = 60,
	SCTP = 132,
	EXPERIMENT = 253,
};
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

/* ICMP messages that both families have; any other is written as its type. */
enum icmp {
	ICMP_BY_TYPE,
	ECHO_REQUEST,
	ECHO_REPLY,
	UNREACHABLE,
	TOO_BIG, /* IPv4: unreachable, fragmentation needed */
	TIME_EXCEEDED,
	PARAMETER_PROBLEM,
};

struct bytes {
	const void *data;
	unsigned n;
};

/* An IPv6 extension header. `len` is its length byte, which a Fragment header has reserved; `bits` the two after it. */
struct extension {
	__u8 proto, len;
	__u16 bits;
	__u32 id;
};
#define EXTENSIONS_MAX 12

struct packet {
	enum host src, dst;
	/* ---- transport ---- */
	__u8 proto; /* 0: TCP */
	__u8 shape; /* what the bytes look like, where that is not the protocol */
	__u16 sport, dport;
	__u8 flags, data_offset; /* TCP; the offset in words, 0: 5 */
	__u32 seq, ack;
	struct bytes tcp_options; /* a multiple of 4 bytes */
	__u16 window;             /* 0: 65535 */
	__u16 udp_len;            /* 0: right */
	bool no_checksum;
	enum icmp icmp;
	__u8 type, code;
	__u16 id;         /* of the echo */
	enum host target; /* whom a neighbour solicitation or advertisement is about; BY_DIRECTION: has none */
	const struct packet *quoted;
	unsigned quoted_len; /* bytes of it; 0: all */
	bool stream;         /* the payload has its length before it, as DNS over TCP has */
	struct bytes payload;
	unsigned zeroes;    /* bytes behind the payload */
	unsigned transport; /* this many bytes of the transport header and what follows; 0: all */
	/* ---- network ---- */
	__u8 ihl;             /* 0: right */
	__u8 version;         /* 0: right */
	__u8 ttl;             /* 0: 64 */
	struct bytes options; /* IPv4, a multiple of 4 bytes */
	unsigned ip_len;      /* IPv4 total length, IPv6 payload length; 0: right, unless ip_len_zero */
	bool ip_len_zero;
	unsigned offset; /* of a fragment */
	bool more;
	__u32 fragment_id;
	struct extension extensions[EXTENSIONS_MAX]; /* ended by n_extensions */
	unsigned n_extensions;
	/* ---- link ---- */
	__u16 ethertype; /* 0: right */
	__u16 gso_size;  /* of the segments that the kernel will cut it into; 0: it goes as it is */
	__u8 arp;        /* its operation, 1 or 2: the frame is an ARP message from src about dst; 0: it is not */
	unsigned tags;   /* more than those the row is run with */
	unsigned frame;  /* bytes of the frame; 0: all */
	unsigned cut;    /* bytes that are missing at its end */
};

#define FRAME_MAX 8192
enum way { IN, OUT };

/* What a packet does not say itself. */
struct framing {
	int family;    /* 4 or 6 */
	unsigned tags; /* before its own */
	enum way way;
	__u32 shift; /* is added to each TCP sequence number and acknowledgement, of what is quoted too */
};

/* The frame's bytes. */
unsigned packet_build(const struct packet *packet, const struct framing *framing, __u8 frame[FRAME_MAX]);

#endif
