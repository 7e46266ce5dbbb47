/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TC ingress of a container's device, and its cgroup: drops queries for blocked names. The name is read into scratch
 * memory, folded, and hashed from its last byte to its first; where a label begins, the hash so far stands for the name
 * from there on and is looked up. There are no loops: each stage takes some bytes, and a tail call goes on. Of the 33
 * tail calls that a kernel allows (32 before 5.17 on some architectures), the longest name needs 8 for its labels, 16
 * for its hash, and 4 for each comparison, of which there is more than one only where hashes collide. What they do not
 * suffice for is dropped.
 */
#define LEAVES_OPTIONS
#define TAIL_CALLS
#include "bpf/dns_work.h"
#include "bpf/events.h"
#include "bpf/quick.h"
#include "bpf/dns_walk.h"
#include "bpf/dns_stream.h"
#include "bpf/refused.h"

DEFINE_CONTAINER_DEVS;
DEFINE_CONTAINER_FACTS;
DEFINE_MAP(dns_event, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct fw_event, 1, 0);

#define LABEL_BYTES_A_CALL 32
#define HASH_BYTES_A_CALL 16
#define COMPARED_BYTES_A_CALL 64

/* Reads the question's name into the scratch memory. Nonzero: no question, or more than one, or cut off. */
static __always_inline int dns_question(struct __sk_buff *skb, struct dns_work *work, const struct dns_message *message)
{
	__u32 room; /* beyond the least that a question has */

	if (dns_header_is_odd(skb, message))
		return -1;
	__builtin_memset(&work->labels, 0, sizeof(work->labels));
	work->at = 0;
	work->next_at = message->at + message->size;
	work->next_left = message->rest;
	work->left = message->size - DNS_HEADER;
	room = work->left - DNS_QUESTION_MIN;
	if (room > FW_DOMAIN_MAX - DNS_QUESTION_MIN)
		room = FW_DOMAIN_MAX - DNS_QUESTION_MIN;
	OPAQUE(room);
	room &= 0xff;
	OPAQUE(room);
	return packet_load_some(skb, message->at + DNS_HEADER, work->name, room + DNS_QUESTION_MIN);
}

/* Most packets: read at once, and no query. */
static __always_inline int is_other_traffic(const struct __sk_buff *skb)
{
	struct packet_info packet = {};

	return quick_parse_frame(skb, &packet) && !is_dns(&packet);
}

static __always_inline int filter_queries(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex, link_at = 0;
	struct dns_message message;
	struct extent extent;
	const struct fw_config *config = config_get();
	const __u32 *container;
	struct dns_work *work;
	int type;

	if (LOAD_CONSTANT(bulkhead_takes_shortcuts) && is_other_traffic(skb))
		return TC_ACT_UNSPEC;
	TAKE_WHOLE_STACK();
	container = bpf_map_lookup_elem(&container_devs, &ifindex);
	work = work_get();
	type = parse_link(skb, &link_at);
	if (!container || !work || !config || type < 0)
		return TC_ACT_UNSPEC;
	__builtin_memset(&work->packet, 0, sizeof(work->packet));
	work->container = *container;
	work->side = FW_SIDE_BIT(config->generation);
	work->length = 0;
	extent = packet_extent(skb);
	parse_network(skb, &work->packet, type, link_at, extent);
	if (!is_dns(&work->packet))
		return TC_ACT_UNSPEC;
	if (dns_message_find(skb, &work->packet, extent, &message) || dns_question(skb, work, &message))
		return dns_go(skb, STAGE_REFUSE);
	return dns_go(skb, STAGE_LABELS);
}

SEC("tc") int dns_filter(struct __sk_buff *skb)
{
	return LOAD_CONSTANT(bulkhead_blocks_domains) ? filter_queries(skb) : TC_ACT_UNSPEC;
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
	if (walk.wrong || !walk.ended || walk.length >= FW_DOMAIN_MAX ||
	    walk.length + 1 + DNS_QUESTION_REST > work->left)
		return dns_go(skb, STAGE_REFUSE);
	work->length = walk.length + 1;
	work->at = work->length;
	work->hash = FNV1A_OFFSET_BASIS;
	name_fold(work->name);
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

/* The name's bytes; behind the first of them nothing that is blocked was met. */
SEC("tc") int dns_hash(struct __sk_buff *skb)
{
	struct fw_query_key key = { .tuple = { .layer = FW_LAYER_TC } };
	struct dns_work *work = work_get();

	if (!work)
		return TC_ACT_SHOT;
#pragma unroll
	for (int i = 0; i < HASH_BYTES_A_CALL; i++) {
		__u32 at = work->at;

		if (!at)
			break;
		work->at = --at;
		if (hash_step(work, at)) {
			work->candidate = 0;
			work->differs = 0;
			return dns_go(skb, STAGE_COMPARE);
		}
	}
	if (work->at)
		return dns_go(skb, STAGE_HASH);
	if (work->next_left)
		return dns_go(skb, STAGE_NEXT);
	key.tuple.container = work->container;
	return query_is_misplaced(&key, &work->packet) ? dns_go(skb, STAGE_REFUSE) : TC_ACT_UNSPEC;
}

/* The second of a segment's messages: a resolver asks for a name's addresses of both families at once. */
SEC("tc") int dns_next(struct __sk_buff *skb)
{
	struct dns_work *work = work_get();
	struct dns_message message;

	if (!work)
		return TC_ACT_SHOT;
	message.at = work->next_at;
	message.rest = work->next_left;
	work->length = 0;
	if (dns_message_next(skb, &message) || message.rest || dns_question(skb, work, &message))
		return dns_go(skb, STAGE_REFUSE);
	return dns_go(skb, STAGE_LABELS);
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
	if ((domain->subtree & work->side) || ((domain->exact & work->side) && !work->at))
		return dns_go(skb, STAGE_REFUSE);
	return dns_go(skb, STAGE_HASH);
}

static __always_inline void dns_event_send(struct __sk_buff *skb, const struct dns_work *work, const struct drop *drop)
{
	struct fw_cpu *state = event_take();
	__u32 zero = 0;
	struct fw_event *event = bpf_map_lookup_elem(&dns_event, &zero);

	if (!state || !event)
		return;
	event_fill(event, &work->packet, drop, bpf_ktime_get_ns());
	event->domain_length = work->length;
	__builtin_memcpy(event->domain, work->name, sizeof(event->domain));
	event_send(skb, state, event, sizeof(*event), 1);
}

SEC("tc") int dns_refuse(struct __sk_buff *skb)
{
	struct dns_work *work = work_get();
	const struct fw_facts *facts;
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
	facts = bpf_map_lookup_elem(&container_facts, &drop.container);
	drop.cgroup_id = facts ? facts->cgroup_id : 0;
	count_drop(drop.container, FW_REASON_DNS);
	dns_event_send(skb, work, &drop);
	return TC_ACT_SHOT;
}

/* ---- the cgroup, for containers without a device of their own ---- */

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, struct fw_cgroup);
} cgroup_queries SEC(".maps");

/* The name is read once more, into the event itself. */
static __always_inline void query_event_fill(struct __sk_buff *skb, struct fw_event *event,
					     const struct packet_info *packet, const struct drop *drop,
					     const struct name_walk *walk)
{
	__u32 room = walk->length - 1;

	event_fill(event, packet, drop, bpf_ktime_get_ns());
	__builtin_memset(event->domain, 0, sizeof(event->domain));
	OPAQUE(room);
	room &= 0xff;
	OPAQUE(room);
	if (walk->length && !packet_load_some(skb, walk->at, event->domain, room + 1))
		event->domain_length = room + 1;
}

/*
 * In the ring buffer's own memory. A perf event array takes it from memory that another query may write over meanwhile:
 * an event may then tell of two, a verdict never.
 */
static __noinline int query_event(struct __sk_buff *skb, const struct packet_info *packet, const struct drop *drop,
				  const struct name_walk *walk)
{
	struct fw_cpu *state = event_take();
	struct fw_event *event;
	__u32 zero = 0;

	if (!state)
		return 0;
	if (LOAD_CONSTANT(bulkhead_use_ringbuf)) {
		event = bpf_ringbuf_reserve(&fw_events, sizeof(*event), 0);
		if (!event) {
			state->lost++;
			return 0;
		}
		query_event_fill(skb, event, packet, drop, walk);
		bpf_ringbuf_submit(event, 0);
		return 0;
	}
	event = bpf_map_lookup_elem(&dns_event, &zero);
	if (!event)
		return 0;
	query_event_fill(skb, event, packet, drop, walk);
	event_send(skb, state, event, sizeof(*event), LOAD_CONSTANT(bulkhead_cgroup_events));
	return 0;
}

static __noinline int query_refuse(struct __sk_buff *skb, const struct packet_info *packet, __u32 container,
				   const struct name_walk *walk)
{
	const struct fw_facts *facts = bpf_map_lookup_elem(&container_facts, &container);
	struct drop drop = {
		.container = container,
		.ifindex = skb->ifindex,
		.len = skb->len,
		.cgroup_id = facts ? facts->cgroup_id : 0,
		.layer = FW_LAYER_CGROUP,
		.reason = FW_REASON_DNS,
		.direction = FW_OUT,
	};

	skb->mark = MARK_REFUSED;
	count_drop(drop.container, drop.reason);
	query_event(skb, packet, &drop, walk);
	return CGROUP_DROP;
}

/* As is_other_traffic, of what begins at its network header. */
static __always_inline int is_other_than_query(const struct __sk_buff *skb)
{
	struct packet_info packet = {};

	return quick_parse(skb, &packet, 0, be16((__u16)skb->protocol)) && !is_dns(&packet);
}

static __always_inline int query_filter(struct __sk_buff *skb, __u32 container)
{
	const struct fw_facts *facts = bpf_map_lookup_elem(&container_facts, &container);
	struct packet_info packet = {};
	struct fw_query_key key = { .tuple = { .container = container, .layer = FW_LAYER_CGROUP } };
	const struct fw_config *config = config_get();
	struct name_walk walk = { .side = config ? FW_SIDE_BIT(config->generation) : FW_SIDE_BITS };
	struct extent extent;

	if (stays_in_container(skb, facts))
		return CGROUP_PASS;
	extent = packet_extent(skb);
	parse_network(skb, &packet, be16((__u16)skb->protocol), 0, extent);
	FORGET_ALL(&packet, skb->len);
	if (!is_dns(&packet) || (!query_is_refused(skb, &packet, extent, &walk) && !query_is_misplaced(&key, &packet)))
		return CGROUP_PASS;
	return query_refuse(skb, &packet, container, &walk);
}

SEC("cgroup_skb/egress") int cgroup_dns(struct __sk_buff *skb)
{
	__u32 container = LOAD_CONSTANT(bulkhead_container);

	if (!LOAD_CONSTANT(bulkhead_blocks_domains) || !LOAD_CONSTANT(bulkhead_marks_refused))
		return CGROUP_PASS;
	if (LOAD_CONSTANT(bulkhead_reads_anywhere) && is_other_than_query(skb))
		return CGROUP_PASS;
	if (!container)
		container = ((struct fw_cgroup *)bpf_get_local_storage(&cgroup_queries, 0))->container;
	return query_filter(skb, container);
}

char _license[] SEC("license") = "GPL";
