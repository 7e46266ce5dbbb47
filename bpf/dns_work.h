/* SPDX-License-Identifier: GPL-2.0 */
/* What the DNS filter's stages hand on from one tail call to the next. */
#ifndef BPF_DNS_WORK_H
#define BPF_DNS_WORK_H

#include "bpf/packet_skb.h"
#include "bpf/transport.h"
#include "bpf/maps.h"

#define NAME_ROOM 512 /* the name and as much again, so that reading on from any byte of it stays inside */
#define NAME_MASK 255

/* Walking the labels, a byte at a time. */
struct label_walk {
	__u64 left;   /* bytes to the next length byte */
	__u64 ended;  /* the root's zero was met */
	__u64 wrong;  /* a label over 63 bytes, or a pointer */
	__u64 length; /* bytes before the root's zero */
};

/* One packet's work. */
struct dns_work {
	struct packet_info packet;
	struct label_walk labels;
	__u64 hash;
	__u64 differs; /* of the name that is compared */
	__u32 container;
	__u32 left;      /* bytes of the message behind its header */
	__u32 length;    /* of the name in wire format, with the root's zero; 0: not readable */
	__u32 at;        /* how far the stage has come */
	__u32 candidate; /* where the name begins that is compared */
	__u32 next_at;   /* the message behind this one in the segment */
	__u32 next_left; /* bytes from there on; 0: none */
	__u32 side;      /* FW_SIDE_BIT of the policy that judges */
	__u8 name[NAME_ROOM];
	__u8 starts[NAME_MASK + 1]; /* 1: a label begins here */
};
DEFINE_MAP(dns_scratch, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct dns_work, 1, 0);

enum dns_stage { STAGE_LABELS, STAGE_HASH, STAGE_COMPARE, STAGE_NEXT, STAGE_REFUSE, STAGE_N };
int dns_labels(struct __sk_buff *skb);
int dns_hash(struct __sk_buff *skb);
int dns_compare(struct __sk_buff *skb);
int dns_next(struct __sk_buff *skb);
int dns_refuse(struct __sk_buff *skb);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, STAGE_N);
	__uint(key_size, sizeof(__u32));
	__array(values, int(struct __sk_buff *));
} dns_stages SEC(".maps") = {
	.values = {
		[STAGE_LABELS] = &dns_labels,
		[STAGE_HASH] = &dns_hash,
		[STAGE_COMPARE] = &dns_compare,
		[STAGE_NEXT] = &dns_next,
		[STAGE_REFUSE] = &dns_refuse,
	},
};

static __always_inline struct dns_work *work_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&dns_scratch, &zero);
}

/* Goes on at another stage. Where that is not to be had the query is dropped: nothing passes unread. */
static __always_inline int dns_go(struct __sk_buff *skb, __u32 stage)
{
	bpf_tail_call(skb, &dns_stages, stage);
	return TC_ACT_SHOT;
}

#endif
