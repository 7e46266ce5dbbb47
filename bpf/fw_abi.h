/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs in the kernel and the command line agree on: every map key, value, event and limit.
 *
 * clang compiles this for BPF and the host compiler for the loader, so it holds fixed-width integers and byte arrays
 * only, with explicit zeroed padding (hash keys are compared byte by byte). A field ending in _be is in network byte
 * order; every other integer is in the machine's.
 */
#ifndef FW_ABI_H
#define FW_ABI_H

#include <linux/types.h>

/* A change to any layout below changes this number; pinned maps of another are refused. */
#define FW_ABI_VERSION 6

/* ---- limits ---- */
#define FW_NAME_MAX 64          /* bytes of a container's name; no terminator when all are used */
#define FW_DEVS_MAX 8           /* host-side devices of one container */
#define FW_ADDRS_MAX 16         /* known addresses of one container */
#define FW_CGROUP_PATH_MAX 1024 /* path below the cgroup2 mount, with its terminator */
#define FW_DOMAIN_MAX 255       /* a name in wire format, RFC 1035 section 2.3.4 */
#define FW_LENGTHS_MAX 33       /* different prefix lengths in one list: all of IPv4's, and as many of IPv6's */
#define FW_LENGTHS_FEW 4        /* looked at by programs that are not loaded for more: bulkhead_many_lengths */
#define FW_LENGTH_END 0xff      /* ends a list of prefix lengths */

#define FW_MAX_CONTAINERS 16384
#define FW_MAX_RULES 131072
/* Connections, buckets and the ring of events have other sizes where `room` says so: see loader/rooms.h. */
#define FW_MAX_CONNECTIONS 65536
#define FW_MAX_HALF_OPEN 16384
#define FW_MAX_FRAGMENTED 4096
#define FW_MAX_NEIGHBOURS 4096
#define FW_MAX_QUERIES 4096
#define FW_QUOTA (FW_MAX_CONNECTIONS / 4) /* established connections of a container at each layer, at first */
#define FW_MAX_BUCKETS 16384
#define FW_MAX_BLOCKED 65536  /* at first: the loader grows the blocklists and the domain list as they fill */
#define FW_BLOCK_ENTRIES 8192 /* of the array that blocked addresses stand in, at first: whole pages */
#define FW_EVENT_RING_BYTES (256 * 1024)

/* ---- vocabulary ---- */
enum fw_family { FW_IPV4 = 4, FW_IPV6 = 6 };
enum fw_action { FW_DROP = 0, FW_PASS = 1 };
enum fw_direction { FW_IN = 0, FW_OUT = 1 }; /* as the container sees it */
enum fw_layer { FW_LAYER_XDP = 1, FW_LAYER_TC = 2, FW_LAYER_CGROUP = 3 };

enum fw_reason {
	FW_REASON_NONE = 0,
	FW_REASON_BLOCKLIST = 1,
	FW_REASON_RATE_LIMIT = 2,
	FW_REASON_DNS = 3,
	FW_REASON_RULE = 4,
	FW_REASON_DEFAULT_DENY = 5,
	FW_REASON_INVALID = 6,
	FW_REASON_FRAGMENT = 7,
	FW_REASON_NO_STATE = 8,
	FW_REASON_EGRESS = 9,
	FW_REASON_SPOOF = 10,
	FW_REASON_TABLE_FULL = 11,
	FW_REASON_N = 12,
};

/* ---- fw_config: ARRAY of one ---- */
enum fw_timeout {
	FW_TIMEOUT_SYN,
	FW_TIMEOUT_ESTABLISHED,
	FW_TIMEOUT_CLOSING,
	FW_TIMEOUT_UDP,
	FW_TIMEOUT_UDP_UNREPLIED,
	FW_TIMEOUT_ICMP,
	FW_TIMEOUT_OTHER,
	FW_TIMEOUT_FRAGMENT,
	FW_TIMEOUT_N,
};

struct fw_limit {
	__u64 ns_per_token; /* 0: no limit */
	__u32 burst;
	__u32 pad;
};

/*
 * A policy has two sides, and its generation tells which is in force: a whole policy is written to the other one, and
 * then the generation changes, in one step. It is odd while the side in force is changed itself: then no tracked
 * connection is trusted.
 */
#define FW_SIDES 2
#define FW_SIDE(generation) ((generation) >> 1 & 1)
#define FW_SIDE_BIT(generation) (1 + FW_SIDE(generation)) /* 1 or 2, in the entries that tell on which they are */
#define FW_SIDE_BITS 3
#define FW_GENERATION_STEP 4

struct fw_config {
	__u32 abi;            /* FW_ABI_VERSION */
	__u32 generation;     /* of the policy, see FW_SIDE */
	__u32 next_container; /* the loader's counters: the next free number of each kind */
	__u32 next_rule;
	__u32 next_port_set;
	__u32 events_per_second; /* each CPU's bound */
	struct fw_limit limit;   /* where a container has none of its own, and on uplinks */
	__u64 timeout_ns[FW_TIMEOUT_N];
	__u32 two_sided; /* the loader's: the side that is not in force has entries: the next change removes them */
	__u32 pad;
	__u32 specialised; /* the loader's: POLICY_ bits of loader/firewall.h that the programs were loaded with */
	__u32 reloading;   /* the loader's: not all programs read the pinned maps yet; the next change completes it */
	__u32 epoch;       /* of the tracked connections: those of another were flushed */
	__u32 quota;       /* established connections of a container that has no quota of its own */
	/* The loader's: what a policy that waits to be confirmed has changed, and until when it waits; 0: none does. */
	__u64 confirm_until_ns; /* CLOCK_MONOTONIC */
	struct fw_limit limit_before;
	__u64 timeout_before_ns[FW_TIMEOUT_N];
	__u32 quota_before;
	__u32 pad2;
};

#define FW_WATCH_PATH_MAX 512
#define FW_WATCH_ERROR_MAX 1024

/* policy_watch: HASH: __u32 0 -> this: how the policy that `apply PATH watch` follows stands. The loader's alone. */
struct fw_watch {
	__u64 applied_s;              /* CLOCK_REALTIME: when what is in force came from there; 0: it did not yet */
	__u32 generation;             /* counts what was found there, from 1 */
	__u32 wrong;                  /* that generation is not in force: the error says why */
	char path[FW_WATCH_PATH_MAX]; /* both end with a zero */
	char error[FW_WATCH_ERROR_MAX];
};

/* ---- addresses ---- */

/*
 * A prefix as a hash key. The address is masked and in the machine's byte order, so that a mask is a shift:
 * IPv6 is high:low; IPv4 has high 0 and the 32 bits in low.
 */
struct fw_prefix {
	__u32 rules; /* struct container_policy's; 0 in the blocklist */
	__u8 family; /* enum fw_family */
	__u8 length;
	__u16 pad;
	__u64 high;
	__u64 low;
};

/* The prefix lengths in use, any order, ended by FW_LENGTH_END. Kept in hash values, which are replaced whole. */
struct fw_lengths {
	__u8 length[FW_LENGTHS_MAX + 3]; /* the last three are always ends */
};

#define FW_FOREVER (1ULL << 62)

/* blocked_ips (HASH: __u32 address_be), blocked_ips6 (HASH: __u8[16]), blocked_prefixes (HASH: struct fw_prefix) */
struct fw_block {
	__u64 expires_ns; /* CLOCK_MONOTONIC, or from FW_FOREVER on: not by itself (see BLOCK_ENDS of the loader) */
	__u64 hits;       /* packets that it dropped; two CPUs at once may count one */
	__u32 sides;      /* FW_SIDE_BIT of those on which it is blocked; the bits above are the loader's */
	__u32 pad;
};

/*
 * blocked_lines: ARRAY that the loader maps into its memory (Linux 5.5), so that a word is written at once. The first
 * entry leads: its address[0] is how many lines follow, 0 until they can be read. Behind the lines is a filter.
 *
 * IPv4 addresses that are blocked and do not end stand in the line that fw_block_line tells, one cache line. Where that
 * is full, and of what ends, they are in blocked_ips.
 */
#define FW_LINE_ROOM 5
struct fw_block_line {
	__u32 address[FW_LINE_ROOM]; /* network byte order; of a free place: one that has another line */
	__u32 bits;                  /* FW_LINE_SIDES of each place, 0: it is free; FW_LINE_HAS_ALL */
	__u64 hits[FW_LINE_ROOM];
};
#define FW_LINE_SIDES(sides, place) ((__u32)(sides) << 2 * (place))
#define FW_LINE_HAS_ALL (1U << 31) /* blocked_ips has none of this line */

/*
 * The filter: of any address in a line or in blocked_ips two bits of a word are set; in few others both are. One of its
 * entries is for so many lines: it is small enough for a processor's cache where the lines are not.
 */
#define FW_FILTER_LINES 16
#define FW_FILTER_WORDS 8
struct fw_block_filter {
	__u64 word[FW_FILTER_WORDS];
};

/*
 * Multiplied, folded and multiplied again, so that each bit depends on the whole address: lists have neighbours and
 * patterns. The upper half, scaled to the number of lines, is the line; the filter has the lowest bits.
 */
static inline __u64 fw_block_hash(__u32 address)
{
	__u64 hash = address * 0x9e3779b97f4a7c15ULL;

	return (hash ^ hash >> 32) * 0xc2b2ae3d27d4eb4fULL;
}
static inline __u32 fw_block_line(__u64 hash, __u32 lines)
{
	return 1 + (__u32)((hash >> 32) * lines >> 32);
}

/* Behind that many lines, the filter's entry for one of them. */
static inline __u32 fw_filter_at(__u32 line, __u32 lines)
{
	return 1 + lines + line / FW_FILTER_LINES;
}

/* Which word of it, and which two bits there. */
#define FW_FILTER_WORD(hash) ((hash) % FW_FILTER_WORDS)
#define FW_FILTER_BITS(hash) (1ULL << ((hash) >> 3 & 63) | 1ULL << ((hash) >> 9 & 63))

/*
 * blocked_lengths: HASH: __u32 family -> struct fw_lengths of blocked_prefixes, those of either side; none: no prefix
 * of that family
 */

/* ---- containers ---- */

/*
 * container_policies: HASH: FW_RULES of a container and a side -> this. The side in force has entries of its own:
 * writing the other one frees none of them, and what is freed may be another's at once (Linux 6.1, bpf_mem_alloc).
 * cgroup_id, has_device and has_addrs are the same on both.
 */
struct container_policy {
	__u64 cgroup_id;
	struct fw_limit limit;        /* burst 0: fw_config's */
	__u8 default_action;          /* enum fw_action */
	__u8 has_device;              /* TC counts its packets; its loopback is its own and is not judged */
	__u8 has_addrs;               /* container_addrs is complete: any other source is a spoof */
	__u8 ruled;                   /* as of struct fw_container */
	struct fw_lengths in4, in6;   /* prefix lengths in fw_rules */
	struct fw_lengths out4, out6; /* prefix lengths in egress_allowlist */
	__u32 quota;                  /* established connections; 0: fw_config's */
	__u32 rules;                  /* in the keys of this side's rules: FW_RULES */
	__u32 pad2;
};
#define FW_RULES(container, side) ((container)*FW_SIDES + (side))

/* container_facts: HASH: __u32 container -> this. What is asked for before, or without, judging. */
struct fw_facts {
	__u64 cgroup_id;
	__u8 has_device;
	__u8 pad[7];
};

/* container_devs: HASH: __u32 ifindex of the host-side device -> __u32 container */
/* cgroup_in, cgroup_out: CGROUP_STORAGE: struct bpf_cgroup_storage_key -> this */
struct fw_cgroup {
	__u32 container; /* 0 until the loader has written it: nothing passes */
	__u32 pad;
};

/* container_addrs: HASH: this -> __u32 1 */
struct fw_container_addr {
	__u32 container;
	__u8 family;
	__u8 pad[3];
	__u8 addr[16]; /* network byte order; IPv4 in the first four, the rest zero */
};

/* containers: HASH: char name[FW_NAME_MAX], zero-padded -> this. For the loader; no program reads it. */
struct fw_addr {
	__u8 family;
	__u8 pad[3];
	__u8 addr[16];
};
enum fw_brought {
	FW_BROUGHT = 1,        /* its policy came with the container, and goes with it */
	FW_BROUGHT_JOINED = 2, /* to one whose device was attached before, and stays so */
	FW_BROUGHT_DEVICE = 4, /* by what attached its device (CNI): it lives by that, whatever becomes of its cgroup */
};
struct fw_container {
	__u64 cgroup_id;  /* 0: none attached */
	__u64 brought_by; /* FNV-1a of whose state brought it (loader/brought.h); 0: nobody's */
	__u32 id;
	__u8 attached;
	__u8 default_action;
	__u8 n_devs;
	__u8 n_addrs;
	struct fw_limit limit; /* burst 0: none of its own */
	__u32 quota;           /* of established connections; 0: none of its own */
	__u8 cgroup_left_out;  /* its process was attached by its devices alone */
	__u8 default_stays;    /* when it is detached: it was not said by attach */
	__u8 limits_stay;      /* limit and quota, when it is detached and has no rules: a file said them */
	__u8 brought;          /* a set of enum fw_brought; 0: by nobody */
	__u8 ruled;            /* a file says something of it: that it denies all, or, of what was brought, anything */
	__u8 pad[7];
	__u32 devs[FW_DEVS_MAX];
	struct fw_addr addrs[FW_ADDRS_MAX];
	char cgroup[FW_CGROUP_PATH_MAX]; /* path below the cgroup2 mount, "" where cgroup_id is 0 */
};

/* ---- rules ---- */
#define FW_PROTO_ANY 256
#define FW_PROTO_ICMP_BOTH 257 /* the word icmp: ICMP in IPv4, ICMPv6 in IPv6 */

/* rule_statements: HASH: this -> struct fw_statement_info. The rules as they were written; no program reads it. */
struct fw_statement {
	__u32 rules;    /* FW_RULES of its container and side */
	__u8 direction; /* enum fw_direction */
	__u8 action;    /* enum fw_action */
	__u8 family;    /* 0: any address */
	__u8 length;
	__u16 proto;               /* 0 to 255, FW_PROTO_ANY or FW_PROTO_ICMP_BOTH */
	__u16 port_low, port_high; /* 0 and 65535: any */
	__u16 pad;
	__u8 addr[16];
};
struct fw_statement_info {
	__u32 rule; /* its number, in events and verdicts */
	__u32 pad;
};

/*
 * The rules as the programs read them. fw_rules (in) and egress_allowlist (out): HASH: struct fw_prefix -> this.
 * A prefix that any rule names has one entry; the packet's address is looked up under each prefix length in use.
 * A rule's verdict is a set of bits: deny beats allow over everything that matched.
 */
#define FW_MATCH_ALLOW 1
#define FW_MATCH_DENY 2
struct fw_prefix_rules {
	__u32 port_set; /* in fw_ports; 0: none */
	__u32 any_rule; /* the rule behind any_match */
	__u8 any_match; /* FW_MATCH_ bits of the rules for every protocol */
	__u8 pad[3];
};

/* fw_ports: LPM_TRIE. A set is written once under a fresh number, then named by an fw_prefix_rules: never changed. */
#define FW_PORT_KEY_BITS 64
struct fw_port_key {
	__u32 prefixlen; /* 48: any port of the protocol; 64: one port; between: 2^n of them */
	__u8 set_be[4];
	__u8 proto;
	__u8 pad;
	__u8 port_be[2];
};
struct fw_port_match {
	__u32 rule;
	__u8 match; /* FW_MATCH_ALLOW or FW_MATCH_DENY */
	__u8 pad[3];
};

/* ---- connections ---- */

/* As the container sees it, so that both directions have one key. ICMP: the identifier as both ports. */
struct five_tuple {
	__u32 container;
	__u8 family;
	__u8 proto;
	__u8 layer;          /* enum fw_layer: each keeps its own state */
	__u8 kind;           /* ICMP: the type of the reply, of what has none the type; else 0 */
	__u8 local_addr[16]; /* network byte order; IPv4 in the first four, the rest zero */
	__u8 remote_addr[16];
	__u16 local_port_be;
	__u16 remote_port_be;
};

enum fw_state {
	FW_STATE_SYN_SENT = 1,     /* TCP: the opener's SYN */
	FW_STATE_SYN_RECEIVED = 2, /* TCP: the other side's SYN+ACK */
	FW_STATE_ESTABLISHED = 3,
	FW_STATE_CLOSING = 4, /* TCP: both sides' FIN, or a RST */
	FW_STATE_NEW = 5,     /* others: no reply yet */
	FW_STATE_REPLIED = 6,
	FW_STATE_SYN_AGAIN = 7, /* TCP: as SYN_RECEIVED, of one that was established and is opened anew in its place */
};

/* What one side has shown, as sequence numbers in the machine's byte order. */
struct fw_tcp_side {
	__u32 end;    /* the highest it has sent, plus one */
	__u32 acked;  /* the highest acknowledgement it has sent */
	__u32 edge;   /* the highest that it allows the other to send: an acknowledgement and the window beside it */
	__u8 scale;   /* of its windows (RFC 7323), FW_NO_SCALE: it offered none */
	__u8 fin;     /* its FIN has been seen */
	__u16 widest; /* the largest window that it has offered, in FW_WIDEST_UNIT bytes, rounded down; FW_WIDEST_MIN or
			 more */
};
#define FW_WIDEST_UNIT 16384 /* the largest that there can be is just below 2^16 of them */
#define FW_WIDEST_MIN 3      /* just below 64 KiB: the largest without scaling */
#define FW_NO_SCALE 0xff
#define IN_DOUBT(direction) ((direction) + 1)

/*
 * conntrack: HASH (established TCP); conntrack_half_open: LRU_HASH (TCP before the third packet, others before a reply,
 * opened from outside); conntrack_asked: LRU_HASH (the same, opened by a container; others once replied to). All:
 * struct five_tuple -> this.
 */
struct fw_connection {
	__u64 last_seen_ns; /* CLOCK_MONOTONIC */
	__u32 generation;   /* of the policy that judged it */
	__u32 rule;         /* that let it in; 0: the default */
	__u32 epoch;        /* fw_config's when it was opened */
	__u32 slot;         /* its index in conntrack_slots, in the established table alone */
	__u8 opener;        /* enum fw_direction of its first packet */
	__u8 state;         /* enum fw_state */
	__u8 timeout;       /* enum fw_timeout: which of them is this state's */
	__u8 in_doubt; /* TCP, closing by a RST: who may go on instead, as IN_DOUBT(its enum fw_direction); 0: nobody */
	__u32 query_at; /* of TCP: where in what its opener sends the next DNS query begins, see dns_stream.h */
	struct fw_tcp_side side[2]; /* by enum fw_direction of the sender's packets */
	__u32 again; /* TCP: what acknowledges the last SYN that its opener sent while it was open; 0: there was none */
	__u8 again_scale; /* of that SYN */
	__u8 pad[3];
};

/*
 * conntrack_slots: HASH: this -> struct five_tuple of an established connection, each in one. What is idle past its
 * timeout is found by looking into some at random, where a connection needs room: no program can walk a hash.
 */
struct fw_slot {
	__u32 container;
	__u32 index; /* below the power of two from twice the container's quota on */
	__u8 layer;  /* enum fw_layer: each keeps its own state */
	__u8 pad[3];
};
#define FW_SLOTS (2 * FW_MAX_CONNECTIONS) /* of a container that may have all connections */

/* conntrack_owners: ARRAY: whose connections were established lately, each written to one entry at random. */
struct fw_owner {
	__u32 container;
	__u32 layer; /* enum fw_layer; 0: nobody's yet */
};
#define FW_OWNERS 1024

/* conntrack_counts: HASH: this -> struct fw_count. Another epoch is another count: what was flushed counts for nothing.
 */
struct fw_count_key {
	__u32 container;
	__u32 epoch; /* fw_config's when the connections were opened */
	__u8 layer;
	__u8 pad[3];
};
/*
 * Of 32 bits: on 32-bit machines values that are allocated one by one lie at any multiple of 4, since Linux 6.1
 * (bpf_mem_alloc puts a list's pointer before each), where an addition to 64 bits is a fault in the kernel.
 */
struct fw_count {
	__u32 established; /* entries in conntrack; changed by atomic additions alone */
	__u32 pad;
};

/* dns_queries: LRU_HASH: this -> __u32 sequence number behind it: queries over TCP that may come again. */
struct fw_query_key {
	struct five_tuple tuple;
	__u32 seq; /* where it begins, with its length */
};

/* fragmented: LRU_HASH: struct five_tuple, see fragments.h -> this: what has passed of one datagram. */
#define FW_SPANS 4
struct fw_span {
	__u32 begin, end; /* bytes of the datagram; both 0: none */
};
struct fw_datagram {
	__u64 first_seen_ns; /* CLOCK_MONOTONIC, of its first fragment */
	__u32 generation;    /* of the policy that judged that */
	__u32 epoch;
	__u32 passed; /* bytes of it */
	__u32 total;  /* bytes that it has, once the last fragment has passed; 0: not known yet */
	struct fw_span span[FW_SPANS];
};

/* fw_neighbours: LRU_HASH: this -> __u64 1. Who was seen on the link, by neighbour discovery that nobody forwarded. */
struct fw_neighbour {
	__u32 container;
	__u8 addr[16]; /* network byte order */
};

/* rate_limiter: LRU_HASH: this -> struct fw_bucket */
struct fw_bucket_key {
	__u32 container; /* 0: an uplink */
	__u8 family;
	__u8 pad[3];
	__u8 addr[16]; /* IPv6: the /64 */
};
struct fw_bucket {
	__u64 full_at_ns; /* when the bucket will be full again: one number, so that CPUs need no lock */
};

/* ---- DNS ---- */

/* blocked_domains: HASH: this -> struct fw_domain. */
struct fw_domain_key {
	__u64 hash;   /* fnv1a_hash over the folded wire format, from the last byte to the first */
	__u32 length; /* of the wire format, with the root's zero */
	__u32 pad;
};
struct fw_domain {
	__u8 exact;   /* blocked as that name alone: FW_SIDE_BIT of the sides on which it is */
	__u8 subtree; /* blocked with every name below it: likewise */
	__u8 pad[6];
	__u8 name[FW_DOMAIN_MAX + 1]; /* wire format, letters folded to lower case, the rest zero: compared in full */
};

/* One step of FNV-1a, 64 bits (RFC 9923): start with the offset basis, once for each byte. */
#define FNV1A_OFFSET_BASIS 0xcbf29ce484222325ULL
static inline __attribute__((always_inline)) __u64 fnv1a_hash(__u64 hash, __u8 byte)
{
	return (hash ^ byte) * 0x100000001b3ULL;
}

/* ---- counters and events ---- */

/*
 * pkt_stats: PERCPU_HASH: __u32 container -> this. rx and tx are the container's, passed packets.
 * uplink_stats: PERCPU_ARRAY of one: the same for what uplinks drop, where there are most.
 */
struct pkt_stats {
	__u64 rx_packets, tx_packets;
	__u64 rx_bytes, tx_bytes;
	__u64 dropped;            /* the loader's: the sum of drops */
	__u64 rate_limited;       /* the loader's: of drops, those of that reason */
	__u64 drops[FW_REASON_N]; /* by enum fw_reason */
};

/*
 * pkt_passed: PERCPU_ARRAY: container modulo FW_PASSED_SLOTS -> this. Packets that take the shortcut are counted here,
 * not in pkt_stats, as an array's look-up costs next to nothing: by the container that the slot names, alone. What
 * passed of a container with an entry in pkt_stats is the sum of both.
 */
#define FW_PASSED_SLOTS 1024
struct fw_passed {
	__u64 container; /* on each CPU; 0: nobody's yet */
	__u64 rx_packets, tx_packets;
	__u64 rx_bytes, tx_bytes;
};

/* fw_cpu: PERCPU_ARRAY of one: what each CPU keeps for itself */
struct fw_cpu {
	/* Its events. */
	__u64 window_start_ns;
	__u64 sent;
	__u64 lost; /* over the bound, or no room in the ring: never reset */
	/* CLOCK_MONOTONIC as it was first asked in this jiffy. */
	__u64 jiffy;
	__u64 jiffy_ns;
	/* The device that was met last: ifindex << 32 | container (0: none's), and the policy's generation then. */
	__u64 device;
	__u64 device_generation;
	/* The own limit of whose device was last asked for one; burst 0: it has none. */
	struct fw_limit limit;
	__u64 limit_device; /* ifindex << 32 | generation */
};

/* fw_events: RINGBUF, or PERF_EVENT_ARRAY where the kernel has none. Without a domain only FW_EVENT_SHORT is sent. */
struct fw_event {
	__u64 timestamp_ns; /* CLOCK_MONOTONIC */
	__u64 cgroup_id;
	__u32 container;
	__u32 ifindex;
	__u32 len; /* of the packet, bytes */
	__u32 rule;
	__u8 src_addr[16];
	__u8 dst_addr[16];
	__u16 src_port_be;
	__u16 dst_port_be;
	__u8 family; /* 0: not an IP packet, or not readable */
	__u8 proto;
	__u8 layer;
	__u8 action;
	__u8 reason;
	__u8 direction;
	__u8 domain_length; /* of the wire format; 0: none */
	__u8 pad[5];
	__u8 domain[FW_DOMAIN_MAX + 1];
};
#define FW_EVENT_SHORT __builtin_offsetof(struct fw_event, domain)

/* ---- attachments: HASH, the loader's own record of what it put where ---- */
enum fw_how { FW_HOW_LINK = 1, FW_HOW_NETLINK = 2, FW_HOW_PROG_ATTACH = 3 };
struct fw_attachment_key {
	__u64 cgroup_id; /* 0 for a device */
	__u32 ifindex;   /* 0 for a cgroup */
	__u8 hook;       /* enum in loader/attach.h */
	__u8 pad[3];
};
struct fw_attachment {
	__u32 container; /* 0: an uplink */
	__u32 prio;      /* of the tc filter, where how is netlink */
	__u32 handle;
	__u8 how;        /* enum fw_how */
	__u8 mode;       /* XDP: 1 native, 2 generic */
	__u8 made_qdisc; /* the clsact is ours to remove */
	__u8 pad;
	char ifname[16];
};

#define FW_ASSERT_SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type " has another size")
FW_ASSERT_SIZE(struct fw_limit, 16);
FW_ASSERT_SIZE(struct fw_config, 96 + 16 * FW_TIMEOUT_N);
FW_ASSERT_SIZE(struct fw_watch, 16 + FW_WATCH_PATH_MAX + FW_WATCH_ERROR_MAX);
FW_ASSERT_SIZE(struct fw_prefix, 24);
FW_ASSERT_SIZE(struct fw_lengths, 36);
FW_ASSERT_SIZE(struct fw_block, 24);
FW_ASSERT_SIZE(struct fw_block_line, 64);
FW_ASSERT_SIZE(struct fw_block_filter, sizeof(struct fw_block_line));
FW_ASSERT_SIZE(struct container_policy, 184);
FW_ASSERT_SIZE(struct fw_facts, 16);
FW_ASSERT_SIZE(struct fw_cgroup, 8);
FW_ASSERT_SIZE(struct fw_container_addr, 24);
FW_ASSERT_SIZE(struct fw_addr, 20);
FW_ASSERT_SIZE(struct fw_container, 56 + 4 * FW_DEVS_MAX + 20 * FW_ADDRS_MAX + FW_CGROUP_PATH_MAX);
FW_ASSERT_SIZE(struct fw_statement, 32);
FW_ASSERT_SIZE(struct fw_statement_info, 8);
FW_ASSERT_SIZE(struct fw_prefix_rules, 12);
FW_ASSERT_SIZE(struct fw_port_key, 12);
FW_ASSERT_SIZE(struct fw_port_match, 8);
FW_ASSERT_SIZE(struct five_tuple, 44);
FW_ASSERT_SIZE(struct fw_tcp_side, 16);
FW_ASSERT_SIZE(struct fw_connection, 72);
FW_ASSERT_SIZE(struct fw_slot, 12);
FW_ASSERT_SIZE(struct fw_owner, 8);
FW_ASSERT_SIZE(struct fw_count_key, 12);
FW_ASSERT_SIZE(struct fw_count, 8);
FW_ASSERT_SIZE(struct fw_query_key, 48);
FW_ASSERT_SIZE(struct fw_datagram, 24 + 8 * FW_SPANS);
FW_ASSERT_SIZE(struct fw_neighbour, 20);
FW_ASSERT_SIZE(struct fw_bucket_key, 24);
FW_ASSERT_SIZE(struct fw_bucket, 8);
FW_ASSERT_SIZE(struct fw_domain_key, 16);
FW_ASSERT_SIZE(struct fw_domain, 264);
FW_ASSERT_SIZE(struct pkt_stats, 48 + 8 * FW_REASON_N);
FW_ASSERT_SIZE(struct fw_passed, 40);
FW_ASSERT_SIZE(struct fw_cpu, 80);
FW_ASSERT_SIZE(struct fw_event, 80 + 256);
FW_ASSERT_SIZE(struct fw_attachment_key, 16);
FW_ASSERT_SIZE(struct fw_attachment, 32);

#endif
