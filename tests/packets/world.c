/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/packets/world.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mount.h>

#include "loader/attach.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/container.h"
#include "loader/cpus.h"
#include "loader/firewall.h"
#include "loader/pins.h"
#include "loader/programs.h"
#include "loader/stats.h"
#include "syscalls/bpf.h"
#include "tests/packets/devices.h"
#include "tests/packets/packet.h"

#define N_FOR_CGROUPS (PROGRAM_N - CGROUP_INGRESS)

static const char *const box_names[BOX_N] = { "box", "open", "twin" };

static struct {
	char bpffs[64];
	struct options options;
	struct firewall fw;
	int prog_fd[PROGRAM_N];
	int cgroup_fd[BOX_N][N_FOR_CGROUPS]; /* 0: not loaded yet */
	__u32 container[BOX_N];
	__u32 ifindex[BOX_N];
	__u32 uplink;
	void *stats_room;
} world = { .bpffs = "/tmp/bulkhead-packets-XXXXXX" };

/* ---- commands ---- */

static const char *word_meant(const char *word, enum box box, int family)
{
	static const struct {
		const char *name;
		enum host host;
	} hosts[] = { { "PEER", PEER },
		      { "SERVER", SERVER },
		      { "RESOLVER", RESOLVER },
		      { "STRANGER", STRANGER },
		      { "BLOCKED_HOST", BLOCKED_HOST } };
	unsigned i;

	if (!strcmp(word, "BOX"))
		return box_names[box];
	for (i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
		if (!strcmp(word, hosts[i].name))
			return host_address(hosts[i].host, family);
	return word;
}

int world_command(const char *line, enum box box, int family)
{
	char copy[256], *words[16] = { NULL }, *place = NULL, *word;
	struct error err = { 0 };
	const struct command *command;
	int n = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (word = strtok_r(copy, " ", &place); word && n < 15; word = strtok_r(NULL, " ", &place))
		words[n++] = (char *)(size_t)word_meant(word, box, family);
	command = command_find(words[0]);
	if (command && command->run(&world.options, n - 1, words + 1, &err) == EXIT_DONE)
		return 0;
	printf("# %s: %s\n", line, err.text);
	return -1;
}

static int set_policy(const char *const *lines)
{
	int code = 0;

	for (; !code && *lines; lines++)
		code = world_command(*lines, BOX, 4);
	return code;
}

/* ---- the tables of tracked connections ---- */

static const enum fw_map tracked[] = { MAP_CONNTRACK, MAP_CONNTRACK_HALF_OPEN, MAP_CONNTRACK_ASKED };
#define N_TRACKED (sizeof(tracked) / sizeof(*tracked))

/* The key behind is asked for before its predecessor goes: asking from the start each time would be quadratic. */
static void empty(enum fw_map map)
{
	union {
		struct five_tuple tuple;
		struct fw_bucket_key bucket;
		struct fw_query_key query;
	} keys[2];
	int map_fd = world.fw.map_fd[map], at = 0, more = !sys_bpf_map_next_key(map_fd, NULL, &keys[0]);

	for (; more; at = !at) {
		more = !sys_bpf_map_next_key(map_fd, &keys[at], &keys[!at]);
		sys_bpf_map_delete(map_fd, &keys[at]);
	}
}

void world_forget(void)
{
	static const enum fw_map others[] = { MAP_CONNTRACK_SLOTS, MAP_CONNTRACK_COUNTS, MAP_FRAGMENTED,
					      MAP_FW_NEIGHBOURS,   MAP_RATE_LIMITER,     MAP_DNS_QUERIES };
	unsigned i;

	for (i = 0; i < N_TRACKED; i++)
		empty(tracked[i]);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		empty(others[i]);
}

unsigned world_connections(void)
{
	struct five_tuple keys[2];
	unsigned n = 0, i, at;

	for (i = 0; i < N_TRACKED; i++) {
		const void *last = NULL;

		for (at = 0; !sys_bpf_map_next_key(world.fw.map_fd[tracked[i]], last, &keys[at]); at = !at) {
			last = &keys[at];
			n++;
		}
	}
	return n;
}

/* A handful: an entry that is written again may be met again. */
#define AGED_MAX 64

/* Connections and fragmented datagrams begin alike, with the time at which they were seen. */
static void age(enum fw_map map, unsigned seconds)
{
	struct five_tuple keys[AGED_MAX];
	union {
		__u64 seen_ns;
		struct fw_connection connection;
		struct fw_datagram datagram;
	} value;
	int fd = world.fw.map_fd[map];
	unsigned n, i;

	for (n = 0; n < AGED_MAX && !sys_bpf_map_next_key(fd, n ? &keys[n - 1] : NULL, &keys[n]); n++)
		;
	for (i = 0; i < n; i++) {
		if (sys_bpf_map_lookup(fd, &keys[i], &value))
			continue;
		value.seen_ns -= seconds * 1000000000ULL;
		sys_bpf_map_update(fd, &keys[i], &value, BPF_EXIST);
	}
}

void world_age(unsigned seconds)
{
	unsigned i;

	for (i = 0; i < N_TRACKED; i++)
		age(tracked[i], seconds);
	age(MAP_FRAGMENTED, seconds);
}

/* Many at once where the kernel can: a table takes seconds one by one. 0, or -errno of the first that has no room. */
static int put_all(int map_fd, const struct five_tuple *keys, const struct fw_connection *values, __u32 n)
{
	__u32 done = n, i;
	int code = sys_bpf_map_update_batch(map_fd, keys, values, &done, BPF_ANY);

	for (i = 0; code && i < n; i++) {
		code = sys_bpf_map_update(map_fd, &keys[i], &values[i], BPF_ANY);
		if (code)
			return code;
	}
	return code;
}

void world_fill(void)
{
	enum { AT_ONCE = 1024 };
	static struct fw_connection connections[AT_ONCE];
	static struct five_tuple tuples[AT_ONCE];
	__u32 n, i;

	for (n = 0; n <= FW_MAX_CONNECTIONS; n += AT_ONCE) {
		for (i = 0; i < AT_ONCE; i++) {
			__u32 number = n + i;

			connections[i].state = FW_STATE_ESTABLISHED;
			tuples[i].container = 0xfffffff0;
			tuples[i].family = FW_IPV4;
			memcpy(tuples[i].local_addr, &number, sizeof(number));
		}
		if (put_all(world.fw.map_fd[MAP_CONNTRACK], tuples, connections, AT_ONCE))
			return;
	}
}

/* Where a program puts them is up to chance: this is one of the ways. */
static void fill_slots(__u32 container, __u8 layer, __u64 seen_ns)
{
	struct fw_connection connection = {
		.last_seen_ns = seen_ns,
		.generation = world.fw.config.generation,
		.epoch = world.fw.config.epoch,
		.state = FW_STATE_ESTABLISHED,
		.timeout = FW_TIMEOUT_ESTABLISHED,
	};
	struct five_tuple tuple = { .container = container, .layer = layer, .family = FW_IPV4, .proto = TCP };
	struct fw_slot slot = { .container = container, .layer = layer };
	const struct fw_count_key key = { .container = container, .layer = layer, .epoch = connection.epoch };
	struct fw_count count = { 0 };

	for (; slot.index < FW_QUOTA; slot.index++) {
		connection.slot = slot.index;
		memcpy(tuple.local_addr, &slot.index, sizeof(slot.index));
		if (sys_bpf_map_update(world.fw.map_fd[MAP_CONNTRACK], &tuple, &connection, BPF_ANY))
			break;
		sys_bpf_map_update(world.fw.map_fd[MAP_CONNTRACK_SLOTS], &slot, &tuple, BPF_ANY);
	}
	count.established = slot.index;
	sys_bpf_map_update(world.fw.map_fd[MAP_CONNTRACK_COUNTS], &key, &count, BPF_ANY);
}

void world_fill_others(enum box box, unsigned idle_seconds)
{
	struct timespec now;
	__u64 seen_ns;
	__u32 owner;
	int i;

	for (owner = 0; owner < FW_OWNERS; owner++) {
		struct fw_owner one = { world.container[(box + 1 + (owner & 1)) % BOX_N],
					owner & 2 ? FW_LAYER_TC : FW_LAYER_CGROUP };

		sys_bpf_map_update(world.fw.map_fd[MAP_CONNTRACK_OWNERS], &owner, &one, BPF_ANY);
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	seen_ns = ((__u64)now.tv_sec - idle_seconds) * 1000000000ULL;
	for (i = 0; i < BOX_N; i++) {
		if (i == (int)box)
			continue;
		fill_slots(world.container[i], FW_LAYER_TC, seen_ns);
		fill_slots(world.container[i], FW_LAYER_CGROUP, seen_ns);
	}
}

int world_fill_ports(void)
{
	struct fw_port_key key = { .prefixlen = FW_PORT_KEY_BITS, .set_be = { 0xff, 0xff }, .proto = 6 };
	struct fw_port_match match = { .match = FW_MATCH_ALLOW };
	__u32 i;

	for (i = 0; i <= 4 * FW_MAX_RULES; i++) {
		key.set_be[3] = (__u8)(i >> 16);
		memcpy(key.port_be, &i, 2);
		if (sys_bpf_map_update(world.fw.map_fd[MAP_FW_PORTS], &key, &match, BPF_ANY))
			return 0;
	}
	return -1;
}

/* ---- running ---- */

void world_stats(enum box box, struct pkt_stats *out)
{
	__u32 container = box == BOX_N ? 0 : world.container[box];

	stats_sum(&world.fw, container, world.stats_room, out);
}

/* Those for cgroups take a second to load, and longer on an emulated machine, so that is done when the first is run. */
static int cgroup_descriptor(enum box box, enum program program)
{
	static const enum hook hooks[N_FOR_CGROUPS] = { HOOK_CGROUP_INGRESS, HOOK_CGROUP_DNS, HOOK_CGROUP_EGRESS };
	int at = program - CGROUP_INGRESS, *fd = &world.cgroup_fd[box][at];
	struct error err = { 0 };

	if (*fd <= 0)
		*fd = program_for_container(&world.fw, hooks[at], world.container[box], &err);
	if (*fd < 0)
		printf("# %s: %s\n", program_title(program), err.text);
	return *fd;
}

static int descriptor(const struct run *run)
{
	if (run->program >= CGROUP_INGRESS)
		return cgroup_descriptor(run->box, run->program);
	return world.prog_fd[run->program];
}

static void run_frame(const struct run *run, struct outcome *outcome)
{
	struct __sk_buff skb = { .ifindex = world_ifindex(run), .gso_size = run->gso_size };
	struct bpf_test_run_args args = { .data_in = run->frame, .data_in_size = run->size, .repeat = 1 };

	if (run->program != XDP_FIREWALL) {
		args.ctx_in = &skb;
		args.ctx_in_size = sizeof(skb);
	}
	outcome->error = sys_bpf_prog_test_run(descriptor(run), &args);
	outcome->retval = args.retval;
}

const struct firewall *world_firewall(void)
{
	return &world.fw;
}

__u32 world_container(const struct run *run)
{
	return run->uplink || run->program == XDP_FIREWALL ? 0 : world.container[run->box];
}

__u32 world_ifindex(const struct run *run)
{
	return run->uplink ? world.uplink : world.ifindex[run->box];
}

struct outcome world_run(const struct run *run)
{
	enum box box = run->uplink || run->program == XDP_FIREWALL ? BOX_N : run->box;
	struct outcome outcome = { 0 };
	struct pkt_stats before, after;

	world_stats(box, &before);
	run_frame(run, &outcome);
	world_stats(box, &after);
	outcome_set(&outcome, run->program, &before, &after);
	return outcome;
}

/* ---- making it ---- */

static int in_namespaces(void)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    !mkdtemp(world.bpffs) || mount("bpf", world.bpffs, "bpf", 0, NULL)) {
		printf("# namespaces of its own: %s\n", strerror(errno));
		return -1;
	}
	return veth_add("box0", "box1") || veth_add("open0", "open1") || veth_add("twin0", "twin1") ||
	       veth_add("up0", "up1");
}

static const char *const policy[] = {
	"block 203.0.113.0/24 2001:db8:bad::/48 192.0.2.66 2001:db8:66::66",
	"dns block example.com =alone.example.net",
	"allow twin in tcp port 80",
	"deny open in tcp port 22",
	"allow box in tcp port 80",
	"allow box out tcp to 10.0.0.0/8 port 443",
	"allow box out tcp to fd00:10::/32 port 443",
	"allow box out icmp to 10.0.0.0/8",
	"allow box out icmp to fd00:10::/32",
	"allow box out udp to 192.168.7.53 port 53",
	"allow box out tcp to 192.168.7.53 port 53",
	"allow box out udp to fd00:7::53 port 53",
	"allow box out tcp to fd00:7::53 port 53",
	"attach box dev box0 addr 192.168.7.2,fd00:7::2",
	"attach open dev open0 addr 192.168.7.2,fd00:7::2 default allow",
	"attach twin dev twin0 addr 192.168.7.2,fd00:7::2",
	NULL,
};

static int find_containers(struct error *err)
{
	static const char *const devices[BOX_N] = { "box0", "open0", "twin0" };
	struct fw_container record;
	int box, code = 0;

	world.uplink = if_nametoindex("up0");
	for (box = 0; !code && box < BOX_N; box++) {
		world.ifindex[box] = if_nametoindex(devices[box]);
		code = container_find(&world.fw, box_names[box], &record, err);
		world.container[box] = record.id;
	}
	return code;
}

static int find_pinned(struct error *err)
{
	int program;

	for (program = 0; program < CGROUP_INGRESS; program++) {
		world.prog_fd[program] = pin_open(&world.options, "progs", program_title(program));
		if (world.prog_fd[program] < 0)
			return error_set(err, world.prog_fd[program], "%s is not pinned", program_title(program));
	}
	return 0;
}

static void close_programs(int *fd, int n)
{
	while (n--) {
		if (fd[n] > 0)
			close(fd[n]);
		fd[n] = 0;
	}
}

/* Of all that are pinned: another where one of them was loaded again. */
static __u64 ids_of_pinned(void)
{
	struct bpf_prog_info info;
	__u64 ids = 0;
	int program;

	for (program = 0; program < CGROUP_INGRESS; program++) {
		__u32 size = sizeof(info);

		memset(&info, 0, sizeof(info));
		sys_bpf_info(world.prog_fd[program], &info, &size);
		ids = ids * 1000003 + info.id;
	}
	return ids;
}

/* Those for cgroups are kept where nothing else was loaded again. */
int world_renew(void)
{
	struct error err = { 0 };
	__u64 before = ids_of_pinned();
	int code;

	close_programs(world.prog_fd, CGROUP_INGRESS);
	firewall_close(&world.fw);
	code = firewall_open(&world.fw, &world.options, FIREWALL_READ, &err);
	if (!code)
		code = find_pinned(&err);
	if (!code && ids_of_pinned() != before)
		close_programs(world.cgroup_fd[0], BOX_N * N_FOR_CGROUPS);
	if (code)
		printf("# %s\n", err.text);
	return code;
}

int world_follow(void)
{
	struct fw_config config;
	__u32 zero = 0;

	if (sys_bpf_map_lookup(world.fw.map_fd[MAP_CONFIG], &zero, &config))
		return -1;
	if (config.specialised != world.fw.config.specialised)
		return world_renew();
	world.fw.config = config;
	return 0;
}

/* 100 at once and hardly any more, so that a slow machine counts as a fast one does. */
static int limit_bursts(struct error *err)
{
	world.fw.config.limit = (struct fw_limit) { .ns_per_token = 3600000000000ULL, .burst = 100 };
	return firewall_write_config(&world.fw, err);
}

static int world_begin(int (*prepare)(void))
{
	struct error err = { 0 };
	int code;

	if (in_namespaces())
		return -1;
	world.options = (struct options) { .quiet = true, .bpffs = world.bpffs };
	if (world_command("up", BOX, 4) || (prepare && prepare()) || set_policy(policy))
		return -1;
	code = firewall_open(&world.fw, &world.options, FIREWALL_READ, &err);
	if (!code)
		code = limit_bursts(&err);
	if (!code)
		code = find_containers(&err);
	if (!code)
		code = find_pinned(&err);
	world.stats_room = percpu_room(sizeof(struct pkt_stats));
	if (!code && world.stats_room)
		return 0;
	printf("# %s\n", err.text);
	return -1;
}

/* The namespaces go with the process, and all that is in them. */
static void world_end(void)
{
	firewall_close(&world.fw);
	free(world.stats_room);
	umount2(world.bpffs, MNT_DETACH);
	rmdir(world.bpffs);
}

int world_main(const char *what, int (*prepare)(void), int (*run)(void))
{
	int failed;

	if (geteuid() != 0) {
		printf("1..1\nok 1 - %s # SKIP needs root\n", what);
		return 0;
	}
	if (world_begin(prepare)) {
		printf("1..1\nnot ok 1 - the firewall comes up\n");
		return 1;
	}
	failed = run();
	world_end();
	return failed;
}
