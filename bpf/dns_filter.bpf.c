/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TC ingress of a container's device: drops queries for blocked names. The name is read into scratch memory, folded, and
 * hashed from its last byte to its first; where a label begins, the hash so far stands for the name from there on and is
 * looked up. There are no loops: a tail call takes the next bytes.
 */
#define LEAVES_OPTIONS
#include "packet_skb.h"
#include "transport.h"
#include "events.h"

DEFINE_CONTAINER_DEVS;
DEFINE_CONTAINER_POLICIES;
DEFINE_HASH(blocked_domains, struct fw_domain_key, struct fw_domain, FW_MAX_BLOCKED);

#define NAME_ROOM 512 /* the name and as much again, so that reading on from any byte of it stays inside */
#define NAME_MASK 255
#define BYTES_A_CALL 16

/* One packet's work, kept between tail calls. */
struct dns_work {
	struct packet_info packet;
	__u64 hash;
	__u32 container;
	__u32 length;    /* of the name in wire format, with the root's zero */
	__u32 left;      /* bytes not hashed yet */
	__u32 candidate; /* where the name begins that is compared */
	__u8 name[NAME_ROOM];
	__u8 starts[NAME_MASK + 1]; /* 1: a label begins here */
};
DEFINE_MAP(dns_scratch, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct dns_work, 1, 0);

DEFINE_MAP(dns_event, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct fw_event, 1, 0);

enum dns_stage { STAGE_LABELS, STAGE_HASH, STAGE_COMPARE, STAGE_N };
int dns_labels(struct __sk_buff *skb);
int dns_hash(struct __sk_buff *skb);
int dns_compare(struct __sk_buff *skb);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, STAGE_N);
	__uint(key_size, sizeof(__u32));
	__array(values, int(struct __sk_buff *));
} dns_stages SEC(".maps") = {
	.values = { [STAGE_LABELS] = &dns_labels, [STAGE_HASH] = &dns_hash, [STAGE_COMPARE] = &dns_compare },
};

#define DNS_PORT 53
#define DNS_HEADER 12
#define DNS_QUESTION_MIN 5 /* the root's zero, type and class */

static __always_inline struct dns_work *work_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&dns_scratch, &zero);
}

/* With the name that was asked for; its bytes lie in a map and are readable for FW_DOMAIN_MAX. */
static __always_inline int drop_dns(void *ctx, const struct packet_info *packet, const struct drop *drop,
				    const __u8 *domain, __u32 domain_length)
{
	__u64 now = bpf_ktime_get_ns();
	struct fw_event_state *state;
	struct fw_event *event;
	__u32 zero = 0;

	count_drop(drop->container, drop->reason);
	state = event_take(now);
	event = bpf_map_lookup_elem(&dns_event, &zero);
	if (!state || !event)
		return 0;
	event_fill(event, packet, drop, now);
	event->domain_length = domain_length;
	__builtin_memcpy(event->domain, domain, sizeof(event->domain));
	event_send(ctx, state, event, sizeof(*event));
	return 0;
}

/* domain_length 0: the question was not readable. */
static __always_inline int dns_refuse(struct __sk_buff *skb, struct dns_work *work, int readable)
{
	__u32 container = work->container;
	struct container_policy *policy = bpf_map_lookup_elem(&container_policies, &container);
	struct drop drop = {
		.container = container,
		.ifindex = skb->ifindex,
		.len = skb->len,
		.cgroup_id = policy ? policy->cgroup_id : 0,
		.layer = FW_LAYER_TC,
		.reason = FW_REASON_DNS,
		.direction = FW_OUT,
	};

	drop_dns(skb, &work->packet, &drop, work->name, readable ? work->length : 0);
	return TC_ACT_SHOT;
}

/* Where the message begins and how long it is. Nonzero: it does not lie whole in this packet. */
static __always_inline int dns_message(struct __sk_buff *skb, const struct packet_info *packet, __u32 *at, __u32 *size)
{
	__u16 length_be;

	if (packet->proto == PROTO_UDP) {
		*at = packet->transport + 8;
		*size = packet->transport_len - 8;
	} else {
		*at = packet->transport + packet->tcp_header;
		*size = packet->transport_len - packet->tcp_header;
		/* One query, whole, in its own segment (RFC 1035 section 4.2.2): what is split could hide a name. */
		if (*size < 2 || packet_load(skb, *at, &length_be, 2) || be16(length_be) + 2U != *size)
			return -1;
		*at += 2;
		*size -= 2;
	}
	return packet->fragment ? -1 : 0;
}

/* Reads the question's name into the scratch memory. Nonzero: no question, or more than one, or cut off. */
static __always_inline int dns_question(struct __sk_buff *skb, struct dns_work *work, __u32 at, __u32 size)
{
	struct {
		__u16 id, flags, questions_be, answers, authority, additional;
	} header;
	__u32 room; /* beyond the least that a question has */

	if (size < DNS_HEADER + DNS_QUESTION_MIN || packet_load(skb, at, &header, sizeof(header)) ||
	    be16(header.questions_be) != 1)
		return -1;
	room = size - DNS_HEADER - DNS_QUESTION_MIN;
	if (room > FW_DOMAIN_MAX - DNS_QUESTION_MIN)
		room = FW_DOMAIN_MAX - DNS_QUESTION_MIN;
	OPAQUE(room);
	room &= 0xff;
	OPAQUE(room);
	if (packet_load_some(skb, at + DNS_HEADER, work->name, room + DNS_QUESTION_MIN))
		return -1;
	work->length = room + DNS_QUESTION_MIN; /* until the labels are walked: as far as the name may reach */
	return 0;
}

static __always_inline int is_dns(const struct packet_info *packet)
{
	return packet->kind == PACKET_IP && packet->fragment != FRAGMENT_LATER &&
	       (packet->proto == PROTO_UDP || packet->proto == PROTO_TCP) && packet->dst_port_be == be16(DNS_PORT);
}

SEC("tc") int dns_filter(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex, link_at = 0, at, size;
	const __u32 *container;
	struct packet_info packet = {};
	struct dns_work *work;
	int type;

	if (!LOAD_CONSTANT(bulkhead_blocks_domains))
		return TC_ACT_UNSPEC;
	type = parse_link(skb, &link_at);
	if (type < 0)
		return TC_ACT_UNSPEC;
	parse_network(skb, &packet, type, link_at, packet_extent(skb));
	if (!is_dns(&packet))
		return TC_ACT_UNSPEC;
	/* A handshake or a bare acknowledgement asks nothing. */
	if (packet.proto == PROTO_TCP && packet.transport_len == packet.tcp_header)
		return TC_ACT_UNSPEC;
	container = bpf_map_lookup_elem(&container_devs, &ifindex);
	work = work_get();
	if (!container || !work)
		return TC_ACT_UNSPEC;
	work->packet = packet;
	work->container = *container;
	if (dns_message(skb, &packet, &at, &size) || dns_question(skb, work, at, size))
		return dns_refuse(skb, work, 0);
	bpf_tail_call(skb, &dns_stages, STAGE_LABELS);
	return dns_refuse(skb, work, 0);
}

/* Folds eight bytes to lower case. A length byte is below 'A', so it stays what it is. */
static __always_inline __u64 fold(__u64 word)
{
	const __u64 ones = 0x0101010101010101ULL, high = 0x8080808080808080ULL;
	__u64 low = word & ~high;
	__u64 from_a = low + ones * (0x80 - 'A'), past_z = low + ones * (0x7f - 'Z');

	return word | (((from_a & ~past_z & ~word & high) >> 7) * 0x20);
}

/*
 * Marks where labels begin and finds the name's end. A byte at a time, in arithmetic: a branch for each byte would have
 * the verifier walk every way through the name.
 */
SEC("tc") int dns_labels(struct __sk_buff *skb)
{
	struct dns_work *work = work_get();
	__u64 left = 0, length = 0, wrong = 0, ended = 0;

	if (!work)
		return TC_ACT_SHOT;
#pragma unroll
	for (int i = 0; i < FW_DOMAIN_MAX; i++) {
		__u64 byte = work->name[i];
		__u64 begins = ((left - 1) >> 63) & (1 - ended);

		work->starts[i] = begins;
		wrong |= begins & ((63 - byte) >> 63);
		ended |= begins & ((byte - 1) >> 63);
		length += 1 - ended;
		left = begins * byte + (1 - begins) * (left - 1);
		OPAQUE(left);
		OPAQUE(ended);
		OPAQUE(wrong);
		OPAQUE(length);
	}
	length++; /* the root's zero */
	if (wrong || !ended || length > work->length)
		return dns_refuse(skb, work, 0);
#pragma unroll
	for (int i = 0; i < (NAME_MASK + 1) / 8; i++) {
		__u64 *word = (__u64 *)work->name + i;

		*word = fold(*word);
	}
	work->length = length;
	work->left = length;
	work->hash = FNV1A_OFFSET_BASIS;
	bpf_tail_call(skb, &dns_stages, STAGE_HASH);
	return TC_ACT_SHOT;
}

/* Takes in the byte at `at`. 1: a blocked name may begin there. */
static __always_inline int hash_step(struct dns_work *work, __u32 at)
{
	struct fw_domain_key key = {};

	at &= NAME_MASK;
	OPAQUE(at);
	work->hash = fnv1a_hash(work->hash, work->name[at]);
	if (!work->starts[at])
		return 0;
	key.hash = work->hash;
	key.length = work->length - at;
	return bpf_map_lookup_elem(&blocked_domains, &key) != NULL;
}

SEC("tc") int dns_hash(struct __sk_buff *skb)
{
	struct dns_work *work = work_get();

	if (!work)
		return TC_ACT_SHOT;
#pragma unroll
	for (int i = 0; i < BYTES_A_CALL; i++) {
		__u32 left = work->left;

		if (!left)
			return TC_ACT_UNSPEC;
		work->left = left - 1;
		if (hash_step(work, left - 1)) {
			work->candidate = left - 1;
			bpf_tail_call(skb, &dns_stages, STAGE_COMPARE);
			return TC_ACT_SHOT;
		}
	}
	bpf_tail_call(skb, &dns_stages, STAGE_HASH);
	return TC_ACT_SHOT;
}

/* The stored name against the one asked for, all of it: a collision of hashes blocks nobody. */
SEC("tc") int dns_compare(struct __sk_buff *skb)
{
	struct dns_work *work = work_get();
	struct fw_domain_key key = {};
	struct fw_domain *domain;
	__u64 differs = 0;
	__u32 at;

	if (!work)
		return TC_ACT_SHOT;
	at = work->candidate & NAME_MASK;
	OPAQUE(at);
	key.hash = work->hash;
	key.length = work->length - at;
	domain = bpf_map_lookup_elem(&blocked_domains, &key);
	if (!domain)
		return TC_ACT_SHOT;
#pragma unroll
	for (int i = 0; i < FW_DOMAIN_MAX; i++) {
		/* Behind the name's end the stored one has zeroes, and the asked one has whatever followed. */
		__u64 inside = ((__u64)i - key.length) >> 63;

		differs |= (work->name[at + i] ^ domain->name[i]) * inside;
		OPAQUE(differs);
	}
	if (!differs && (domain->subtree || (domain->exact && !at)))
		return dns_refuse(skb, work, 1);
	bpf_tail_call(skb, &dns_stages, STAGE_HASH);
	return TC_ACT_SHOT;
}

char _license[] SEC("license") = "GPL";
