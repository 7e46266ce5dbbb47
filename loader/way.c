/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/way.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/event_print.h"
#include "loader/programs.h"
#include "syscalls/bpf.h"

#define NOBODY ((size_t)-1)

/* ---- who is guarded, and where ---- */

static int add_guarded(const char *name, const struct fw_container *record, void *context)
{
	struct ways *ways = context;
	struct guarded *grown;

	bool is_asked = ways->only && !strcmp(name, ways->only);

	if (!is_asked && !record->attached)
		return 0;
	grown = realloc(ways->guarded, (ways->n + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	ways->guarded = grown;
	if (is_asked)
		ways->asked = ways->n;
	grown += ways->n++;
	memset(grown, 0, sizeof(*grown));
	snprintf(grown->name, sizeof(grown->name), "%s", name);
	grown->record = *record;
	return 0;
}

static int add_hook(const struct fw_attachment_key *key, const struct fw_attachment *record, void *context)
{
	struct ways *ways = context;
	size_t i;

	if (!record->container)
		ways->uplink_hooks |= HOOK_BIT(key->hook);
	for (i = 0; i < ways->n; i++)
		if (ways->guarded[i].record.id == record->container)
			ways->guarded[i].hooks |= HOOK_BIT(key->hook);
	return 0;
}

static int find_guarded(struct ways *ways, struct error *err)
{
	struct fw_container record;
	int code = ways->only ? container_find(&ways->fw, ways->only, &record, err) : 0;

	ways->asked = NOBODY;
	if (!code)
		code = container_each(&ways->fw, add_guarded, ways);
	if (!code && ways->only && ways->asked == NOBODY)
		code = -ENOENT; /* it went meanwhile */
	if (!code)
		code = attachments_each(&ways->fw, add_hook, ways);
	return code ? error_set(err, code, "the containers cannot be read: %s", strerror(-code)) : 0;
}

static bool owns(const struct guarded *guarded, __u8 family, const __u8 addr[16])
{
	unsigned i;

	for (i = 0; i < guarded->record.n_addrs; i++)
		if (guarded->record.addrs[i].family == family && !memcmp(guarded->record.addrs[i].addr, addr, 16))
			return true;
	return false;
}

static const struct guarded *owner_of(const struct ways *ways, __u8 family, const __u8 addr[16])
{
	size_t i;

	for (i = 0; i < ways->n; i++)
		if (owns(&ways->guarded[i], family, addr))
			return &ways->guarded[i];
	return NULL;
}

const struct guarded *ways_owner(const struct ways *ways, __u8 family, const __u8 addr[16])
{
	const struct guarded *owner = owner_of(ways, family, addr);

	return ways->only && owner != ways->guarded + ways->asked ? NULL : owner;
}

/* ---- a packet's way ---- */

static const enum hook ways_of[2][5] = {
	[FW_IN] = { HOOK_TC_EGRESS, HOOK_CGROUP_INGRESS },
	[FW_OUT] = { HOOK_CGROUP_DNS, HOOK_CGROUP_EGRESS, HOOK_TC_RATE_LIMIT, HOOK_TC_DNS, HOOK_TC_INGRESS },
};
static const enum hook uplink_way[5] = { HOOK_XDP, HOOK_UPLINK_RATE_LIMIT };

static bool is_loopback(__u8 family, const __u8 addr[16])
{
	static const __u8 loopback6[16] = { [15] = 1 };

	return family == FW_IPV4 ? addr[0] == 127 : !memcmp(addr, loopback6, sizeof(loopback6));
}

/* Of a container that has a network of its own. */
static bool stays_inside(const struct guarded *guarded, const struct flow *flow)
{
	return guarded->record.n_devs &&
	       (is_loopback(flow->family, flow->src) || is_loopback(flow->family, flow->dst) ||
		(owns(guarded, flow->family, flow->src) && owns(guarded, flow->family, flow->dst)));
}

/* Whoever is neither the host itself nor behind a container's device. What cannot be told is taken for outside. */
static bool comes_by_uplink(struct ways *ways, const struct flow *flow)
{
	__u32 container, ifindex;
	int device = 0;

	if (owner_of(ways, flow->family, flow->src))
		return false;
	if (netlink_route_device(&ways->netlink, flow->family, flow->src, &device))
		return true;
	ifindex = (__u32)device;
	return device != 1 && sys_bpf_map_lookup(ways->fw.map_fd[MAP_CONTAINER_DEVS], &ifindex, &container);
}

/* Programs that look for blocked names do nothing where there are none. */
static __u32 hooks_met(const struct ways *ways, const enum hook way[5], __u32 attached)
{
	__u32 met = 0, dns = HOOK_BIT(HOOK_TC_DNS) | HOOK_BIT(HOOK_CGROUP_DNS);
	unsigned i;

	for (i = 0; i < 5; i++)
		met |= HOOK_BIT(way[i]) & attached;
	return ways->fw.config.specialised & POLICY_BLOCKS_DOMAINS ? met : met & ~dns;
}

/* Along a way, up to the first that drops it: 1. 0: none does. -errno. */
static int go(struct ways *ways, const struct question *question, const enum hook way[5], __u32 hooks,
	      struct verdict *out, struct error *err)
{
	const struct asked *asked = &question->asked;
	__u32 container = way == uplink_way ? 0 : asked->record->id;
	struct trial_answer answer;
	unsigned i;
	int code;

	for (i = 0; i < 5; i++) {
		if (!way[i] || !(hooks & HOOK_BIT(way[i])))
			continue;
		code = trial_run(&ways->trial, way[i], container, question->frame, &answer, err);
		if (code)
			return code;
		if (answer.dropped) {
			verdict_drop(&ways->fw, asked, way[i], &answer, out);
			return 1;
		}
	}
	return 0;
}

static int go_by_uplink(struct ways *ways, const struct question *question, struct verdict *out, struct error *err)
{
	const struct asked *asked = &question->asked;
	__u32 hooks = hooks_met(ways, uplink_way, ways->uplink_hooks);
	int code;

	if (asked->direction != FW_IN || !hooks || !comes_by_uplink(ways, &asked->flow))
		return 0;
	code = trial_prepare(&ways->trial, hooks, 0, err);
	if (code)
		return code;
	trial_meet(&ways->trial, 0, FW_IN, &asked->flow, &question->quoted);
	return go(ways, question, uplink_way, hooks, out, err);
}

static void explain_pass(struct ways *ways, const struct question *question, const struct five_tuple *tuple,
			 bool tracked, struct verdict *out)
{
	const struct asked *asked = &question->asked;
	struct fw_connection connection;

	if (tuple->layer == FW_LAYER_CGROUP && asked->direction == FW_IN && !tracked)
		verdict_plain(out, "pass", NULL, "at a cgroup no rule is asked for what comes in");
	else if (trial_find(&ways->trial, tuple, false, &connection))
		verdict_pass(&ways->fw, asked, event_layer(tuple->layer), &connection, tracked, out);
	else
		verdict_plain(out, "pass", NULL, "it needs no rule");
}

static int go_by_container(struct ways *ways, const struct question *question, __u32 hooks, struct verdict *out,
			   struct error *err)
{
	const __u32 tc = HOOK_BIT(HOOK_TC_INGRESS) | HOOK_BIT(HOOK_TC_EGRESS);
	const struct asked *asked = &question->asked;
	const struct flow *opened = question->quoted.family ? &question->quoted : &asked->flow;
	enum fw_direction direction = question->quoted.family ? !asked->direction : asked->direction;
	struct five_tuple tuple = flow_tuple(opened, asked->record->id, hooks & tc ? FW_LAYER_TC : FW_LAYER_CGROUP,
					     direction);
	struct fw_connection connection;
	bool tracked;
	int code = trial_prepare(&ways->trial, hooks, asked->record->id, err);

	if (code)
		return code;
	trial_meet(&ways->trial, asked->record->id, asked->direction, &asked->flow, &question->quoted);
	tracked = trial_find(&ways->trial, &tuple, false, &connection);
	code = go(ways, question, ways_of[asked->direction], hooks, out, err);
	if (!code)
		explain_pass(ways, question, &tuple, tracked, out);
	return code;
}

int ways_try(struct ways *ways, const struct guarded *guarded, enum fw_direction direction, struct question *question,
	     struct verdict *out, struct error *err)
{
	__u32 hooks = hooks_met(ways, ways_of[direction], guarded->hooks);
	int code;

	question->asked.name = guarded->name;
	question->asked.record = &guarded->record;
	question->asked.direction = direction;

	if (stays_inside(guarded, &question->asked.flow)) {
		verdict_plain(out, "pass", "inside", "it stays in the container, where nobody looks");
		return 0;
	}
	code = go_by_uplink(ways, question, out, err);
	if (!code && hooks)
		code = go_by_container(ways, question, hooks, out, err);
	else if (!code)
		verdict_plain(out, "pass", "unguarded", "the container is not attached: nobody looks");
	if (code == -EMSGSIZE) {
		verdict_plain(out, "skip", NULL, "the kernel tries no packet of that size");
		code = 0;
	}
	return code < 0 ? code : 0;
}

/* ---- all of it ---- */

int ways_open(struct ways *ways, const struct options *options, const char *only, struct error *err)
{
	int code;

	memset(ways, 0, sizeof(*ways));
	ways->only = only;
	ways->netlink.fd = -1;
	code = firewall_open(&ways->fw, options, FIREWALL_READ, err);
	if (code)
		return code;
	code = find_guarded(ways, err);
	if (netlink_open(&ways->netlink))
		ways->netlink.fd = -1;
	if (!code)
		code = trial_open(&ways->trial, &ways->fw, err);
	if (code)
		ways_close(ways);
	return code;
}

void ways_close(struct ways *ways)
{
	trial_close(&ways->trial);
	if (ways->netlink.fd >= 0)
		netlink_close(&ways->netlink);
	free(ways->guarded);
	firewall_close(&ways->fw);
}
