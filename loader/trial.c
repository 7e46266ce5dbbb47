/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "loader/clock.h"
#include "loader/conntrack.h"
#include "loader/cpus.h"
#include "loader/event_print.h"
#include "loader/host_features.h"
#include "loader/kernel_map.h"
#include "loader/programs.h"
#include "loader/stats.h"
#include "syscalls/bpf.h"

#define LRU_ENTRIES 4096 /* of each table that evicts */
#define IFINDEX 1        /* the device that packets of a test run have: loopback */
#define SEEN_MAX 65536
#define SEEN "seen"

struct trial_programs {
	__u32 hooks, container;
	struct program_set set;
};

/* ---- maps ---- */

/* What programs only read, and the loader alone writes. A map that is not here is the trial's own. */
static const enum fw_map shared[] = {
	MAP_BLOCKED_IPS,     MAP_BLOCKED_IPS6, MAP_BLOCKED_PREFIXES, MAP_BLOCKED_LENGTHS, MAP_BLOCKED_LINES,
	MAP_CONTAINER_ADDRS, MAP_FW_RULES,     MAP_EGRESS_ALLOWLIST, MAP_FW_PORTS,        MAP_BLOCKED_DOMAINS,
};

static int shared_map(const struct trial *trial, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(shared) / sizeof(*shared); i++)
		if (!strcmp(firewall_map_name(shared[i]), name))
			return trial->fw->map_fd[shared[i]];
	return -ENOENT;
}

static int make_map(const struct map_plan *map, struct error *err)
{
	struct map_plan small = *map;

	if (map->type == BPF_MAP_TYPE_LRU_HASH && map->max_entries > LRU_ENTRIES)
		small.max_entries = LRU_ENTRIES;
	return kernel_map_make(&small, 0, err);
}

static int duplicate(const struct map_plan *map, int fd, struct error *err)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	return own < 0 ? error_set(err, -errno, "map %s: %s", map->spec->name, strerror(errno)) : own;
}

static int share(const struct map_plan *map, int fd, struct error *err)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	int code = sys_bpf_info(fd, &info, &size);

	code = code ? error_set(err, code, "map %s: it cannot be asked about: %s", map->spec->name, strerror(-code))
		    : map_check_read(map, &info, err);
	return code ? code : duplicate(map, fd, err);
}

static int trial_map(const struct map_plan *map, void *context, struct error *err)
{
	struct trial *trial = context;
	int fd = shared_map(trial, map->spec->name), code;

	if (fd >= 0)
		return share(map, fd, err);
	fd = map_set_find(&trial->maps, map->spec->name);
	if (fd >= 0)
		return duplicate(map, fd, err);
	fd = make_map(map, err);
	if (fd < 0 || map->type == BPF_MAP_TYPE_CGROUP_STORAGE) /* which before 5.9 belongs to one program */
		return fd;
	code = map_set_put(&trial->maps, map->spec->name, fd, false);
	return code ? error_set(err, code, "map %s: there are more than %d maps", map->spec->name, MAP_SET_MAX)
		    : duplicate(map, fd, err);
}

static void find_own(struct trial *trial)
{
	int map;

	for (map = 0; map < MAP_N; map++)
		trial->own.map_fd[map] = map_set_find(&trial->maps, firewall_map_name(map));
}

/* Flows that were met: what the programs have forgotten of one since is not given to them again. */
static int make_seen(struct trial *trial, struct error *err)
{
	const struct bpf_map_create_args args = {
		.type = BPF_MAP_TYPE_HASH,
		.key_size = sizeof(struct five_tuple),
		.value_size = 1,
		.max_entries = SEEN_MAX,
		.flags = BPF_F_NO_PREALLOC,
		.name = SEEN,
	};
	int fd;

	kernel_memory_unlock();
	fd = sys_bpf_map_create(&args);
	return fd < 0 ? error_set(err, fd, "map " SEEN ": it cannot be made: %s", strerror(-fd))
		      : map_set_put(&trial->maps, SEEN, fd, false);
}

/* ---- programs ---- */

/* What is loaded together. The rate limiter stands in two of them. */
#define UPLINK_HOOKS (HOOK_BIT(HOOK_XDP) | HOOK_BIT(HOOK_UPLINK_RATE_LIMIT))
#define CGROUP_HOOKS (HOOK_BIT(HOOK_CGROUP_INGRESS) | HOOK_BIT(HOOK_CGROUP_EGRESS) | HOOK_BIT(HOOK_CGROUP_DNS))

static int programs_of(const struct trial *trial, enum hook hook, __u32 container)
{
	bool of_cgroup = HOOK_BIT(hook) & CGROUP_HOOKS;
	unsigned i;

	for (i = 0; i < trial->n_programs; i++)
		if ((trial->programs[i].hooks & HOOK_BIT(hook)) &&
		    (!of_cgroup || trial->programs[i].container == container))
			return program_find(&trial->programs[i].set, hook);
	return -ENOENT;
}

static int load(struct trial *trial, __u32 hooks, __u32 container, struct error *err)
{
	struct trial_programs *grown = realloc(trial->programs, (trial->n_programs + 1) * sizeof(*grown));
	const struct program_wish wish = {
		.source = trial_map,
		.context = trial,
		.policy = trial->fw->config.specialised | POLICY_IS_TRIED,
		.container = container,
		.hooks = hooks,
	};
	int code;

	if (!grown)
		return error_set(err, -ENOMEM, "no memory for the programs");
	trial->programs = grown;
	grown += trial->n_programs;
	code = programs_load_some(&wish, &grown->set, err);
	if (code)
		return code;
	grown->hooks = hooks;
	grown->container = container;
	trial->n_programs++;
	find_own(trial);
	return trial->events.room ? 0 : event_source_open_own(&trial->events, &trial->own, err);
}

int trial_prepare(struct trial *trial, __u32 hooks, __u32 container, struct error *err)
{
	__u32 missing = 0, of_cgroup;
	unsigned hook;
	int code = 0;

	for (hook = 1; hook < HOOK_N; hook++)
		if ((hooks & HOOK_BIT(hook)) && programs_of(trial, hook, container) < 0)
			missing |= HOOK_BIT(hook);
	of_cgroup = missing & CGROUP_HOOKS;
	if (missing & ~CGROUP_HOOKS)
		code = load(trial, missing & ~CGROUP_HOOKS, 0, err);
	if (!code && of_cgroup)
		code = load(trial, of_cgroup, container, err);
	return code;
}

int trial_open(struct trial *trial, struct firewall *fw, struct error *err)
{
	memset(trial, 0, sizeof(*trial));
	trial->fw = fw;
	trial->events.lock_fd = -1;
	map_set_begin(&trial->maps, fw->options);
	find_own(trial);
	if (!host_has(FEATURE_TEST_RUN))
		return error_set(err, -EOPNOTSUPP,
				 "why: this kernel runs no program on demand (test_run, Linux 4.12): see what "
				 "`bulkhead rules` and `bulkhead events` say");
	trial->room = percpu_room(sizeof(struct pkt_stats));
	return trial->room ? make_seen(trial, err) : error_set(err, -ENOMEM, "no memory for counters");
}

void trial_close(struct trial *trial)
{
	while (trial->n_programs)
		programs_close(&trial->programs[--trial->n_programs].set);
	free(trial->programs);
	if (trial->events.room)
		event_source_close(&trial->events);
	map_set_close(&trial->maps);
	free(trial->room);
}

/* ---- what a packet meets ---- */

static const enum fw_map tracked[] = { MAP_CONNTRACK, MAP_CONNTRACK_HALF_OPEN, MAP_CONNTRACK_ASKED };
#define N_TRACKED (sizeof(tracked) / sizeof(*tracked))

static void bring(struct trial *trial, enum fw_map map, const void *key)
{
	union {
		struct fw_connection connection;
		struct fw_bucket bucket;
		__u64 neighbour;
	} value;

	if (trial->own.map_fd[map] >= 0 && !sys_bpf_map_lookup(trial->fw->map_fd[map], key, &value))
		sys_bpf_map_update(trial->own.map_fd[map], key, &value, BPF_NOEXIST);
}

static void bring_connection(struct trial *trial, const struct five_tuple *tuple)
{
	__u8 one = 1;
	size_t i;

	if (sys_bpf_map_update(map_set_find(&trial->maps, SEEN), tuple, &one, BPF_NOEXIST))
		return;
	for (i = 0; i < N_TRACKED; i++)
		bring(trial, tracked[i], tuple);
}

static void bring_bucket(struct trial *trial, __u32 container, const struct flow *flow)
{
	struct fw_bucket_key key = { .container = container, .family = flow->family };

	memcpy(key.addr, flow->src, 8); /* IPv6: the /64 */
	bring(trial, MAP_RATE_LIMITER, &key);
}

/* Without a device of its own, so that loopback, which a test run's packets have, is not the container's own. */
static void bring_policy(struct trial *trial, __u32 container)
{
	struct container_policy policy;
	struct fw_facts facts;
	__u32 zero = 0, ifindex = IFINDEX, key = FW_RULES(container, firewall_side(trial->fw));

	if (!sys_bpf_map_lookup(trial->fw->map_fd[MAP_CONFIG], &zero, &trial->own.config)) {
		trial->own.config.events_per_second = ~0u;
		sys_bpf_map_update(trial->own.map_fd[MAP_CONFIG], &zero, &trial->own.config, BPF_ANY);
	}
	sys_bpf_map_delete(trial->own.map_fd[MAP_CONTAINER_DEVS], &ifindex);
	if (!container)
		return;
	sys_bpf_map_update(trial->own.map_fd[MAP_CONTAINER_DEVS], &ifindex, &container, BPF_ANY);
	if (!sys_bpf_map_lookup(trial->fw->map_fd[MAP_CONTAINER_FACTS], &container, &facts)) {
		facts.has_device = 0;
		sys_bpf_map_update(trial->own.map_fd[MAP_CONTAINER_FACTS], &container, &facts, BPF_ANY);
	}
	if (!sys_bpf_map_lookup(trial->fw->map_fd[MAP_CONTAINER_POLICIES], &key, &policy)) {
		policy.has_device = 0;
		sys_bpf_map_update(trial->own.map_fd[MAP_CONTAINER_POLICIES], &key, &policy, BPF_ANY);
	}
}

void trial_meet(struct trial *trial, __u32 container, enum fw_direction direction, const struct flow *flow,
		const struct flow *quoted)
{
	struct fw_neighbour neighbour = { .container = container };
	struct five_tuple tuple;
	unsigned layer;

	bring_policy(trial, container);
	bring_bucket(trial, container, flow);
	for (layer = FW_LAYER_TC; container && layer <= FW_LAYER_CGROUP; layer++) {
		/* What an error quotes went the other way. */
		tuple = quoted->family ? flow_tuple(quoted, container, layer, !direction)
				       : flow_tuple(flow, container, layer, direction);
		bring_connection(trial, &tuple);
	}
	memcpy(neighbour.addr, flow->dst, sizeof(neighbour.addr));
	if (flow->family == FW_IPV6)
		bring(trial, MAP_FW_NEIGHBOURS, &neighbour);
}

bool trial_find(const struct trial *trial, const struct five_tuple *tuple, bool live, struct fw_connection *out)
{
	const struct firewall *fw = live ? trial->fw : &trial->own;
	struct tracked found = { .tuple = *tuple };
	size_t i;

	for (i = 0; i < N_TRACKED; i++) {
		if (fw->map_fd[tracked[i]] < 0 || sys_bpf_map_lookup(fw->map_fd[tracked[i]], tuple, &found.connection))
			continue;
		*out = found.connection;
		return connection_left_ns(&trial->fw->config, &found, clock_now_ns()) >= 0;
	}
	return false;
}

/* ---- running ---- */

static int take_event(const void *bytes, size_t size, void *context)
{
	struct trial_answer *answer = context;
	struct fw_event event;

	if (event_from_record(bytes, size, &event))
		return 0;
	answer->rule = event.rule;
	answer->domain_length = event.domain_length;
	memcpy(answer->domain, event.domain, event.domain_length);
	return 0;
}

static void stats_clear(struct trial *trial, __u32 container)
{
	memset(trial->room, 0, cpus_bound() * sizeof(struct pkt_stats));
	sys_bpf_map_update(trial->own.map_fd[container ? MAP_PKT_STATS : MAP_UPLINK_STATS], &container, trial->room,
			   BPF_ANY);
}

/* Why: from the counters, which each program has, and what an event adds to that. */
static void take_reason(struct trial *trial, __u32 container, struct trial_answer *out)
{
	struct pkt_stats stats;
	__u8 reason;

	stats_sum(&trial->own, container, trial->room, &stats);
	for (reason = 0; reason < FW_REASON_N; reason++)
		if (stats.drops[reason])
			out->reason = reason;
	event_source_read(&trial->events, take_event, out);
}

static bool is_pass(enum hook hook, __u32 retval)
{
	if (hook == HOOK_XDP)
		return retval == XDP_PASS;
	return retval == (HOOK_BIT(hook) & CGROUP_HOOKS ? 1 : (__u32)-1);
}

int trial_run(struct trial *trial, enum hook hook, __u32 container, struct view frame, struct trial_answer *out,
	      struct error *err)
{
	struct bpf_test_run_args args = {
		.data_in = frame.data,
		.data_in_size = (__u32)frame.size,
		.repeat = 1,
	};
	__u32 counted = HOOK_BIT(hook) & UPLINK_HOOKS ? 0 : container;
	int code;

	memset(out, 0, sizeof(*out));
	stats_clear(trial, counted);
	code = sys_bpf_prog_test_run(programs_of(trial, hook, container), &args);
	if (code == -EINVAL)
		return -EMSGSIZE;
	if (code)
		return error_set(err, code, "%s: it cannot be tried: %s", hook_program(hook), strerror(-code));
	out->dropped = !is_pass(hook, args.retval);
	if (out->dropped)
		take_reason(trial, counted, out);
	return 0;
}
