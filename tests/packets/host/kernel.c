/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's part: contexts, the helpers that need no map's type, tail calls. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/packets/host/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/mman.h>
#include <unistd.h>
#include "tests/packets/host/machine.h"

#define ETH_HLEN 14
#define JIFFY_NS 4000000
#define TAIL_CALLS_MAX 33

int xdp_firewall(struct xdp_md *xdp);
host_skb_program rate_limit, dns_filter, tc_ingress, tc_egress, cgroup_ingress, cgroup_dns, cgroup_egress;
int cgroup_connect4(struct bpf_sock_addr *ctx);
int cgroup_connect6(struct bpf_sock_addr *ctx);

static struct {
	struct __sk_buff skb;
	const __u8 *data; /* of the skb */
	host_skb_program *next;
	jmp_buf start;
	unsigned tail_calls;
	struct fw_event event;
	__u64 now_ns;
	__u32 random;
	void *reserved; /* an event that is being written */
	__u64 reserved_size;
} machine = { .random = 1 };

/* ---- constants ---- */

#define CONSTANTS_MAX 32

static struct {
	const char *name;
	__u64 value;
} constants[CONSTANTS_MAX];

static __u64 *constant(const char *name)
{
	unsigned i;

	for (i = 0; i < CONSTANTS_MAX; i++) {
		if (!constants[i].name)
			constants[i].name = name;
		if (!strcmp(constants[i].name, name))
			return &constants[i].value;
	}
	abort();
}

const __u64 *host_constant(const char *name)
{
	return constant(name);
}

void host_constant_set(const char *name, __u64 value)
{
	*constant(name) = value;
}

/* ---- helpers ---- */

__u64 bpf_ktime_get_ns(void)
{
	struct timespec now;

	if (machine.now_ns)
		return machine.now_ns;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (__u64)now.tv_sec * 1000000000 + (__u64)now.tv_nsec;
}

__u64 bpf_jiffies64(void)
{
	return bpf_ktime_get_ns() / JIFFY_NS;
}

void host_clock_set(__u64 now_ns)
{
	machine.now_ns = now_ns;
}

/* xorshift: the same numbers again after each setting. */
__u32 bpf_get_prandom_u32(void)
{
	machine.random ^= machine.random << 13;
	machine.random ^= machine.random >> 17;
	machine.random ^= machine.random << 5;
	return machine.random;
}

void host_random_set(__u32 seed)
{
	machine.random = seed ? seed : 1;
}

/* The verifier refuses a size of 0; what cannot be read whole is zeroed. */
long bpf_skb_load_bytes(const void *skb, __u32 offset, void *to, __u32 size)
{
	if (skb != &machine.skb || !size)
		abort();
	if (offset > INT_MAX || offset > machine.skb.len || size > machine.skb.len - offset) {
		memset(to, 0, size);
		return -EFAULT;
	}
	memcpy(to, machine.data + offset, size);
	return 0;
}

long bpf_ringbuf_output(void *map, void *data, __u64 size, __u64 flags)
{
	if (!map || flags || size > sizeof(machine.event) || size < FW_EVENT_SHORT)
		abort();
	memset(&machine.event, 0, sizeof(machine.event));
	memcpy(&machine.event, data, size);
	return 0;
}

/* In memory of its own size; what is not written is seen to be. */
void *bpf_ringbuf_reserve(void *map, __u64 size, __u64 flags)
{
	if (!map || flags || machine.reserved || size > sizeof(machine.event))
		abort();
	machine.reserved = malloc(size);
	machine.reserved_size = size;
	if (!machine.reserved)
		abort();
	return memset(machine.reserved, 0xee, size);
}

void bpf_ringbuf_submit(void *data, __u64 flags)
{
	if (!data || data != machine.reserved)
		abort();
	machine.reserved = NULL;
	bpf_ringbuf_output(data, data, machine.reserved_size, flags);
	free(data);
}

long bpf_perf_event_output(void *ctx, void *map, __u64 flags, void *data, __u64 size)
{
	if (!ctx || flags != BPF_F_CURRENT_CPU)
		abort();
	return bpf_ringbuf_output(map, data, size, 0);
}

const struct fw_event *host_event(void)
{
	return &machine.event;
}

void *host_storage(const char *name, __u32 value_size)
{
	__u32 zero = 0;

	return host_map_lookup(host_map(name, BPF_MAP_TYPE_ARRAY, sizeof(zero), value_size, 1), &zero);
}

void host_tail_call(struct __sk_buff *skb, host_skb_program *const *programs, __u32 n, __u32 index)
{
	if (skb != &machine.skb)
		abort();
	if (index >= n || !programs[index] || machine.tail_calls == TAIL_CALLS_MAX)
		return;
	machine.tail_calls++;
	machine.next = programs[index];
	longjmp(machine.start, 1);
}

/* ---- running ---- */

static __u32 run_skb(host_skb_program *program)
{
	machine.tail_calls = 0;
	machine.next = program;
	(void)setjmp(machine.start);
	return (__u32)machine.next(&machine.skb);
}

/* As eth_type_trans: a number below 0x600 is a length, and tells two protocols apart by what follows. */
static __u16 protocol_be(const __u8 *frame, unsigned size)
{
	__u16 type_be;

	memcpy(&type_be, frame + 12, sizeof(type_be));
	if (frame[12] >= 6)
		return type_be;
	return htons(size >= ETH_HLEN + 2 && frame[14] == 0xff && frame[15] == 0xff ? 0x0001 : 0x0004);
}

/* Below 4 GiB, since the contexts have addresses of 32 bits, and with a page behind it that cannot be read. */
static __u8 *room_end(void)
{
	static __u8 *room;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = FRAME_MAX + page;

	if (room)
		return room + size;
	room = mmap((void *)0x20000000UL, size + page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (room == MAP_FAILED || mprotect(room + size, page, PROT_NONE)) {
		perror("a page below 4 GiB");
		abort();
	}
	return room + size;
}

/* Where it ends nothing more can be read, or a byte behind, as it begins on an even address. */
static __u8 *place_frame(const __u8 *frame, unsigned size)
{
	return memcpy(room_end() - size - (size & 1), frame, size);
}

static __u32 run_on_skb(const struct host_run *run)
{
	static host_skb_program *const programs[PROGRAM_N] = {
		[RATE_LIMIT] = rate_limit,       [DNS_FILTER] = dns_filter,         [TC_INGRESS] = tc_ingress,
		[TC_EGRESS] = tc_egress,         [CGROUP_INGRESS] = cgroup_ingress, [CGROUP_DNS] = cgroup_dns,
		[CGROUP_EGRESS] = cgroup_egress,
	};
	unsigned hidden = run->program >= CGROUP_INGRESS ? ETH_HLEN : 0;
	const __u8 *data = place_frame(run->frame, run->size) + hidden;

	machine.skb = (struct __sk_buff) {
		.len = run->size - hidden,
		.data = (__u32)(size_t)data,
		.data_end = (__u32)(size_t)data + run->size - hidden,
		.ifindex = run->ifindex,
		.gso_size = run->gso_size,
		.protocol = protocol_be(run->frame, run->size),
	};
	machine.data = data;
	return run_skb(programs[run->program]);
}

static __u32 run_on_xdp(const struct host_run *run)
{
	__u8 *data = place_frame(run->frame, run->size);
	struct xdp_md xdp = {
		.data = (__u32)(size_t)data,
		.data_end = (__u32)(size_t)data + run->size,
		.ingress_ifindex = run->ifindex,
	};

	return (__u32)xdp_firewall(&xdp);
}

/* The counters as they are, whose have to be there. */
static struct pkt_stats stats_of(__u32 container)
{
	struct host_map *map = host_map_named(container ? "pkt_stats" : "uplink_stats");
	const struct pkt_stats *stats = map ? host_map_lookup(map, &container) : NULL;

	if (!stats)
		abort();
	return *stats;
}

struct outcome host_run(const struct host_run *run)
{
	struct pkt_stats before = stats_of(run->container), after;
	struct outcome outcome = { 0 };

	if (run->size < ETH_HLEN || run->size > FRAME_MAX)
		abort();
	machine.event.reason = FW_REASON_NONE;
	outcome.retval = run->program == XDP_FIREWALL ? run_on_xdp(run) : run_on_skb(run);
	if (machine.reserved)
		abort();
	after = stats_of(run->container);
	outcome_set(&outcome, run->program, &before, &after);
	return outcome;
}

struct outcome host_connect(const struct host_connect *connect)
{
	struct pkt_stats before = stats_of(connect->container), after;
	struct bpf_sock_addr ctx = { .user_port = connect->port_be, .protocol = connect->protocol };
	struct outcome outcome = { 0 };

	if (connect->family == FW_IPV4)
		memcpy(&ctx.user_ip4, connect->addr, 4);
	else
		memcpy(ctx.user_ip6, connect->addr, 16);
	machine.event.reason = FW_REASON_NONE;
	outcome.retval = (__u32)(connect->family == FW_IPV4 ? cgroup_connect4(&ctx) : cgroup_connect6(&ctx));
	after = stats_of(connect->container);
	outcome_set(&outcome, CGROUP_EGRESS, &before, &after);
	return outcome;
}
