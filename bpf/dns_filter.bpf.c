/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TC ingress of a container's device: drops queries for blocked names. The name is read into scratch memory, folded, and
 * hashed from its last byte to its first; where a label begins, the hash so far stands for the name from there on and is
 * looked up. There are no loops: each stage takes some bytes, and a tail call goes on. Of the 33 tail calls that a kernel
 * allows (32 before 5.17 on some architectures), the longest name needs 8 for its labels, 16 for its hash, and 4 for each
 * comparison, of which there is more than one only where hashes collide. What they do not suffice for is dropped.
 */
#define LEAVES_OPTIONS
#include "bpf/dns_work.h"
#include "bpf/events.h"

DEFINE_CONTAINER_DEVS;
DEFINE_CONTAINER_POLICIES;
DEFINE_HASH(blocked_domains, struct fw_domain_key, struct fw_domain, FW_MAX_BLOCKED);
DEFINE_MAP(dns_event, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct fw_event, 1, 0);

#define LABEL_BYTES_A_CALL 32
#define HASH_BYTES_A_CALL 16
#define COMPARED_BYTES_A_CALL 64

#define DNS_PORT 53
#define DNS_HEADER 12
#define DNS_QUESTION_MIN 5 /* the root's zero, type and class */

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
	work->room = room + DNS_QUESTION_MIN;
	return 0;
}

static __always_inline int is_dns(const struct packet_info *packet)
{
	return packet->kind == PACKET_IP && packet->fragment != FRAGMENT_LATER &&
	       (packet->proto == PROTO_UDP || packet->proto == PROTO_TCP) && packet->dst_port_be == be16(DNS_PORT);
}

/* A handshake or a bare acknowledgement asks nothing. */
static __always_inline int is_bare_tcp(const struct packet_info *packet)
{
	return packet->proto == PROTO_TCP && packet->transport_len == packet->tcp_header;
}

SEC("tc") int dns_filter(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex, link_at = 0, at, size;
	const __u32 *container;
	struct dns_work *work;
	int type;

	if (!LOAD_CONSTANT(bulkhead_blocks_domains))
		return TC_ACT_UNSPEC;
	container = bpf_map_lookup_elem(&container_devs, &ifindex);
	work = work_get();
	type = parse_link(skb, &link_at);
	if (!container || !work || type < 0)
		return TC_ACT_UNSPEC;
	__builtin_memset(&work->packet, 0, sizeof(work->packet));
	__builtin_memset(&work->labels, 0, sizeof(work->labels));
	work->container = *container;
	work->length = 0;
	work->at = 0;
	parse_network(skb, &work->packet, type, link_at, packet_extent(skb));
	if (!is_dns(&work->packet) || is_bare_tcp(&work->packet))
		return TC_ACT_UNSPEC;
	if (dns_message(skb, &work->packet, &at, &size) || dns_question(skb, work, at, size))
		return dns_go(skb, STAGE_REFUSE);
	return dns_go(skb, STAGE_LABELS);
}

/* Folds eight bytes to lower case. A length byte is below 'A', so it stays what it is. */
static __always_inline __u64 fold(__u64 word)
{
	const __u64 ones = 0x0101010101010101ULL, high = 0x8080808080808080ULL;
	__u64 low = word & ~high;
	__u64 from_a = low + ones * (0x80 - 'A'), past_z = low + ones * (0x7f - 'Z');

	return word | (((from_a & ~past_z & ~word & high) >> 7) * 0x20);
}

static __always_inline void name_fold(struct dns_work *work)
{
	__u64 *words = (__u64 *)work->name;

#pragma unroll
	for (int i = 0; i < (NAME_MASK + 1) / 8; i++)
		words[i] = fold(words[i]);
}

/* In arithmetic: a branch for each byte would have the verifier walk every way through the name. */
static __always_inline void label_step(struct dns_work *work, struct label_walk *walk, __u32 at)
{
	__u64 byte, begins;

	at &= NAME_MASK;
	OPAQUE(at);
	byte = work->name[at];
	begins = ((walk->left - 1) >> 63) & (1 - walk->ended);
	work->starts[at] = begins;
	walk->wrong |= begins & ((63 - byte) >> 63);
	walk->ended |= begins & ((byte - 1) >> 63);
	walk->length += 1 - walk->ended;
	walk->left = begins * byte + (1 - begins) * (walk->left - 1);
	OPAQUE(walk->left);
	OPAQUE(walk->ended);
	OPAQUE(walk->wrong);
	OPAQUE(walk->length);
}

/* Marks where labels begin and finds the name's end. */
SEC("tc") int dns_labels(struct __sk_buff *skb)
{
	struct dns_work *work = work_get();
	struct label_walk walk;

	if (!work)
		return TC_ACT_SHOT;
	walk = work->labels;
#pragma unroll
	for (int i = 0; i < LABEL_BYTES_A_CALL; i++)
		label_step(work, &walk, work->at + i);
	work->labels = walk;
	work->at += LABEL_BYTES_A_CALL;
	if (!walk.ended && !walk.wrong && work->at < NAME_MASK)
		return dns_go(skb, STAGE_LABELS);
	if (walk.wrong || !walk.ended || walk.length + 1 > work->room)
		return dns_go(skb, STAGE_REFUSE);
	work->length = walk.length + 1;
	work->at = work->length;
	work->hash = FNV1A_OFFSET_BASIS;
	name_fold(work);
	return dns_go(skb, STAGE_HASH);
}

/* Takes in the byte at `at`. 1: a blocked name may begin there. */
static __always_inline int hash_step(struct dns_work *work, __u32 at)
{
	struct fw_domain_key key = {};
	const struct fw_domain *domain;

	at &= NAME_MASK;
	OPAQUE(at);
	work->hash = fnv1a_hash(work->hash, work->name[at]);
	if (!work->starts[at])
		return 0;
	key.hash = work->hash;
	key.length = work->length - at;
	domain = bpf_map_lookup_elem(&blocked_domains, &key);
	return domain && (domain->subtree || !at);
}

SEC("tc") int dns_hash(struct __sk_buff *skb)
{
	struct dns_work *work = work_get();

	if (!work)
		return TC_ACT_SHOT;
#pragma unroll
	for (int i = 0; i < HASH_BYTES_A_CALL; i++) {
		__u32 at = work->at;

		if (!at)
			return TC_ACT_UNSPEC;
		work->at = --at;
		if (hash_step(work, at)) {
			work->candidate = 0;
			work->differs = 0;
			return dns_go(skb, STAGE_COMPARE);
		}
	}
	return dns_go(skb, STAGE_HASH);
}

/* The stored name against the one asked for, all of it: a collision of hashes blocks nobody. */
SEC("tc") int dns_compare(struct __sk_buff *skb)
{
	struct dns_work *work = work_get();
	struct fw_domain_key key = {};
	struct fw_domain *domain;
	__u32 from;

	if (!work)
		return TC_ACT_SHOT;
	key.hash = work->hash;
	key.length = work->length - work->at;
	domain = bpf_map_lookup_elem(&blocked_domains, &key);
	/* Unblocked meanwhile. */
	if (!domain)
		return dns_go(skb, STAGE_HASH);
	from = work->candidate & NAME_MASK & ~(COMPARED_BYTES_A_CALL - 1);
#pragma unroll
	for (__u32 i = 0; i < COMPARED_BYTES_A_CALL; i++) {
		__u32 stored = (from + i) & NAME_MASK, asked = (work->at & NAME_MASK) + stored;
		__u64 inside = ((__u64)stored - key.length) >> 63; /* behind the end the two differ rightly */

		OPAQUE(asked);
		work->differs |= (work->name[asked & (NAME_ROOM - 1)] ^ domain->name[stored]) * inside;
	}
	work->candidate = from + COMPARED_BYTES_A_CALL;
	if (work->differs)
		return dns_go(skb, STAGE_HASH);
	if (work->candidate < key.length)
		return dns_go(skb, STAGE_COMPARE);
	if (domain->subtree || (domain->exact && !work->at))
		return dns_go(skb, STAGE_REFUSE);
	return dns_go(skb, STAGE_HASH);
}

static __always_inline void dns_event_send(struct __sk_buff *skb, const struct dns_work *work, const struct drop *drop)
{
	__u64 now = bpf_ktime_get_ns();
	struct fw_event_state *state = event_take(now);
	__u32 zero = 0;
	struct fw_event *event = bpf_map_lookup_elem(&dns_event, &zero);

	if (!state || !event)
		return;
	event_fill(event, &work->packet, drop, now);
	event->domain_length = work->length;
	__builtin_memcpy(event->domain, work->name, sizeof(event->domain));
	event_send(skb, state, event, sizeof(*event));
}

SEC("tc") int dns_refuse(struct __sk_buff *skb)
{
	struct dns_work *work = work_get();
	struct container_policy *policy;
	struct drop drop = {
		.ifindex = skb->ifindex,
		.len = skb->len,
		.layer = FW_LAYER_TC,
		.reason = FW_REASON_DNS,
		.direction = FW_OUT,
	};

	if (!work)
		return TC_ACT_SHOT;
	drop.container = work->container;
	policy = bpf_map_lookup_elem(&container_policies, &drop.container);
	drop.cgroup_id = policy ? policy->cgroup_id : 0;
	count_drop(drop.container, FW_REASON_DNS);
	dns_event_send(skb, work, &drop);
	return TC_ACT_SHOT;
}

char _license[] SEC("license") = "GPL";
