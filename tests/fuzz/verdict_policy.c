/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/fuzz/verdict_policy.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bpf.h>

#include "bpf/fw_abi.h"
#include "tests/fuzz/verdict_input.h"
#include "tests/packets/host/host.h"
#include "tests/packets/packet.h"

static struct {
	unsigned bits;
	__u32 generation, epoch;
	int revoked;
} state;

#define ENTRIES 65536
#define SECOND_NS 1000000000ULL

static void put(const char *name, __u32 type, const void *key, __u32 key_size, const void *value, __u32 value_size)
{
	if (host_map_update(host_map(name, type, key_size, value_size, ENTRIES), key, value, BPF_ANY))
		abort();
}

#define PUT_AS(name, type, key, value) put(name, type, key, sizeof(*(key)), value, sizeof(*(value)))
#define PUT(name, key, value) PUT_AS(name, BPF_MAP_TYPE_HASH, key, value)

/* ---- addresses ---- */

static int family_of(const char *text)
{
	return strchr(text, ':') ? FW_IPV6 : FW_IPV4;
}

static void parse(const char *text, __u8 addr[16])
{
	memset(addr, 0, 16);
	if (inet_pton(family_of(text) == FW_IPV4 ? AF_INET : AF_INET6, text, addr) != 1)
		abort();
}

static __u64 number(const __u8 *bytes, unsigned n)
{
	__u64 value = 0;

	while (n--)
		value = value << 8 | *bytes++;
	return value;
}

static struct fw_prefix prefix(__u32 rules, const char *text, unsigned length)
{
	struct fw_prefix key = { .rules = rules, .family = (__u8)family_of(text), .length = (__u8)length };
	__u8 addr[16];

	parse(text, addr);
	key.high = key.family == FW_IPV4 ? 0 : number(addr, 8);
	key.low = key.family == FW_IPV4 ? number(addr, 4) : number(addr + 8, 8);
	return key;
}

/* ---- the blocklists ---- */

static void block_host(const char *text)
{
	static const struct fw_block block = { .expires_ns = FW_FOREVER, .sides = FW_SIDE_BITS };
	__u8 addr[16];

	parse(text, addr);
	if (family_of(text) == FW_IPV4)
		PUT("blocked_ips", (__u32 *)addr, &block);
	else
		PUT("blocked_ips6", &addr, &block);
}

static void block_prefix(const char *text, unsigned length)
{
	static const struct fw_block block = { .expires_ns = FW_FOREVER, .sides = FW_SIDE_BITS };
	const struct fw_prefix key = prefix(0, text, length);
	const __u32 family = key.family;
	const struct fw_lengths lengths = { .length = { (__u8)length, FW_LENGTH_END } };

	PUT("blocked_prefixes", &key, &block);
	PUT("blocked_lengths", &family, &lengths);
}

/* The name in wire format. */
static void block_domain(const char *name, unsigned length, int subtree)
{
	struct fw_domain domain = { .exact = FW_SIDE_BITS, .subtree = subtree ? FW_SIDE_BITS : 0 };
	struct fw_domain_key key = { .hash = FNV1A_OFFSET_BASIS, .length = length };

	memcpy(domain.name, name, length);
	while (length)
		key.hash = fnv1a_hash(key.hash, (__u8)name[--length]);
	PUT("blocked_domains", &key, &domain);
}

/* ---- the containers ---- */

/* Without its lengths a rule is not found. */
static struct fw_lengths lengths(__u8 first, __u8 second)
{
	static const __u8 more[] = { 9, 10, 11, 12, 13, 14 };
	struct fw_lengths lengths;
	unsigned n = 0;

	memset(lengths.length, FW_LENGTH_END, sizeof(lengths.length));
	if (state.revoked)
		return lengths;
	if (state.bits & POLICY_MANY_LENGTHS)
		for (; n < sizeof(more); n++)
			lengths.length[n] = more[n];
	lengths.length[n] = first;
	if (second)
		lengths.length[n + 1] = second;
	return lengths;
}

static void write_container(__u32 container, enum fw_action otherwise)
{
	const __u32 key = FW_RULES(container, FW_SIDE(state.generation));
	const struct fw_facts facts = {
		.cgroup_id = 100 + container,
		.has_device = !(state.bits & POLICY_WITHOUT_DEVICE),
	};
	const struct container_policy policy = {
		.cgroup_id = 100 + container,
		.default_action = (__u8)otherwise,
		.has_device = !(state.bits & POLICY_WITHOUT_DEVICE),
		.has_addrs = !(state.bits & POLICY_WITHOUT_ADDRS),
		.in4 = lengths(0, 0),
		.in6 = lengths(0, 0),
		.out4 = lengths(8, 32),
		.out6 = lengths(32, 128),
		.rules = key,
	};

	PUT("container_policies", &key, &policy);
	PUT("container_facts", &container, &facts);
}

static void add_container(__u32 container)
{
	const struct pkt_stats stats = { 0 };
	struct fw_container_addr key = { .container = container, .family = FW_IPV4 };
	const __u32 one = 1, ifindex = IFINDEX_OF(container);

	PUT("container_devs", &ifindex, &container);
	PUT_AS("pkt_stats", BPF_MAP_TYPE_PERCPU_HASH, &container, &stats);
	parse(host_address(CONTAINER, 4), key.addr);
	PUT("container_addrs", &key, &one);
	key.family = FW_IPV6;
	parse(host_address(CONTAINER, 6), key.addr);
	PUT("container_addrs", &key, &one);
}

/* A rule of each prefix has a set of ports of its own. port 0: any. */
static void add_port(__u32 set, __u8 proto, __u16 port, __u8 match)
{
	struct fw_port_key key = { .prefixlen = port ? FW_PORT_KEY_BITS : FW_PORT_KEY_BITS - 16, .proto = proto };
	const struct fw_port_match value = { .rule = set, .match = match };

	set = htonl(set);
	port = htons(port);
	memcpy(key.set_be, &set, 4);
	memcpy(key.port_be, &port, 2);
	PUT_AS("fw_ports", BPF_MAP_TYPE_LPM_TRIE, &key, &value);
}

static void add_rules(const char *map, __u32 container, const char *text, unsigned length, __u32 set)
{
	const struct fw_prefix key = prefix(FW_RULES(container, FW_SIDE(state.generation)), text, length);
	const struct fw_prefix_rules rules = { .port_set = set };

	PUT(map, &key, &rules);
}

enum { SET_80 = 1, SET_SERVER, SET_RESOLVER, SET_22 };

static void add_all_rules(void)
{
	add_port(SET_80, TCP, 80, FW_MATCH_ALLOW);
	add_port(SET_SERVER, TCP, 443, FW_MATCH_ALLOW);
	add_port(SET_SERVER, ICMP, 0, FW_MATCH_ALLOW);
	add_port(SET_SERVER, 58, 0, FW_MATCH_ALLOW);
	add_port(SET_RESOLVER, UDP, 53, FW_MATCH_ALLOW);
	add_port(SET_RESOLVER, TCP, 53, FW_MATCH_ALLOW);
	add_port(SET_22, TCP, 22, FW_MATCH_DENY);
	add_rules("fw_rules", BOX, "0.0.0.0", 0, SET_80);
	add_rules("fw_rules", BOX, "::", 0, SET_80);
	add_rules("fw_rules", TWIN, "0.0.0.0", 0, SET_80);
	add_rules("fw_rules", TWIN, "::", 0, SET_80);
	add_rules("fw_rules", OPEN, "0.0.0.0", 0, SET_22);
	add_rules("fw_rules", OPEN, "::", 0, SET_22);
	add_rules("egress_allowlist", BOX, "10.0.0.0", 8, SET_SERVER);
	add_rules("egress_allowlist", BOX, "fd00:10::", 32, SET_SERVER);
	add_rules("egress_allowlist", BOX, host_address(RESOLVER, 4), 32, SET_RESOLVER);
	add_rules("egress_allowlist", BOX, host_address(RESOLVER, 6), 128, SET_RESOLVER);
}

/* ---- all of it ---- */

/* Of what is blocked every program has all its code. */
static void set_constants(void)
{
	static const char *const names[] = { "bulkhead_blocks_ipv6", "bulkhead_blocks_prefixes",
					     "bulkhead_blocks_domains", "bulkhead_marks_refused" };
	unsigned i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		host_constant_set(names[i], 1);
	host_constant_set("bulkhead_counts_hits", 1);
	host_constant_set("bulkhead_many_lengths", !!(state.bits & POLICY_MANY_LENGTHS));
	host_constant_set("bulkhead_use_ringbuf", !(state.bits & POLICY_OLD_KERNEL));
	host_constant_set("bulkhead_sees_gso", !(state.bits & POLICY_OLD_KERNEL));
	host_constant_set("bulkhead_cgroup_events", !(state.bits & POLICY_OLD_KERNEL));
	host_constant_set("bulkhead_has_jiffies", !(state.bits & POLICY_OLD_KERNEL));
	host_constant_set("bulkhead_takes_shortcuts", !(state.bits & POLICY_OLD_KERNEL));
	host_constant_set("bulkhead_keeps_devices", !(state.bits & POLICY_OLD_KERNEL));
	host_constant_set("bulkhead_reads_anywhere", !(state.bits & POLICY_OLD_KERNEL));
}

static void write_config(void)
{
	struct fw_config config = {
		.abi = FW_ABI_VERSION,
		.generation = state.generation,
		.epoch = state.epoch,
		.next_container = TWIN + 1,
		.quota = 2,               /* so that it is reached */
		.events_per_second = ~0U, /* each drop is told */
		.limit = { .ns_per_token = 3600 * SECOND_NS, .burst = 10 },
	};
	const __u32 zero = 0;
	unsigned i;

	for (i = 0; i < FW_TIMEOUT_N; i++)
		config.timeout_ns[i] = 30 * SECOND_NS;
	if (host_map_update(host_map("fw_config", BPF_MAP_TYPE_ARRAY, sizeof(zero), sizeof(config), 1), &zero, &config,
			    BPF_ANY))
		abort();
}

static void write_policy(void)
{
	write_config();
	write_container(BOX, FW_DROP);
	write_container(OPEN, FW_PASS);
	write_container(TWIN, FW_DROP);
}

void policy_begin(unsigned bits)
{
	state.bits = bits;
	state.generation = 2;
	state.epoch = 0;
	state.revoked = 0;
	set_constants();
	write_policy();
}

void policy_change(void)
{
	if (!(state.bits & POLICY_CHANGES))
		return;
	state.generation += state.bits & POLICY_UNDER_WAY ? 1 : FW_SIDES;
	state.epoch += !!(state.bits & POLICY_FLUSHES);
	state.revoked ^= !!(state.bits & POLICY_REVOKES);
	write_policy();
}

int policy_tells_at_cgroup(void)
{
	return !(state.bits & POLICY_OLD_KERNEL);
}

int policy_leaves_connect(void)
{
	return state.bits & POLICY_WITHOUT_ADDRS && !(state.bits & POLICY_WITHOUT_DEVICE);
}

int policy_is_revoked(void)
{
	return state.revoked;
}

void policy_write(void)
{
	const struct pkt_stats stats = { 0 };
	const __u32 nobody = NO_CONTAINER;

	PUT_AS("uplink_stats", BPF_MAP_TYPE_PERCPU_ARRAY, &nobody, &stats);
	add_container(BOX);
	add_container(OPEN);
	add_container(TWIN);
	add_all_rules();
	block_prefix(BLOCKED_PREFIX4, BLOCKED_PREFIX4_LENGTH);
	block_prefix(BLOCKED_PREFIX6, BLOCKED_PREFIX6_LENGTH);
	block_host(host_address(BLOCKED_HOST, 4));
	block_host(host_address(BLOCKED_HOST, 6));
	block_domain("\7example\3com", 13, 1);
	block_domain("\5alone\7example\3net", 19, 0);
}

void policy_forget(void)
{
	static const char *const names[] = {
		"conntrack",  "conntrack_half_open", "conntrack_asked", "conntrack_slots", "conntrack_counts",
		"fragmented", "fw_neighbours",       "rate_limiter",    "fw_cpu",          "dns_queries",
	};
	unsigned i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (host_map_named(names[i]))
			host_map_clear(host_map_named(names[i]));
}

static unsigned entries(const char *name)
{
	return host_map_named(name) ? host_map_count(host_map_named(name)) : 0;
}

unsigned policy_connections(void)
{
	return entries("conntrack") + entries("conntrack_half_open") + entries("conntrack_asked");
}

void policy_set_cgroup(__u32 container)
{
	static const char *const names[] = { "cgroup_in", "cgroup_out", "cgroup_queries", "cgroup_connect_ipv4",
					     "cgroup_connect_ipv6" };
	const struct fw_cgroup cgroup = { .container = container };
	const __u32 zero = 0;
	unsigned i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		host_map_update(host_map(names[i], BPF_MAP_TYPE_ARRAY, sizeof(zero), sizeof(cgroup), 1), &zero, &cgroup,
				BPF_ANY);
}
