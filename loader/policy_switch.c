/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From one policy to another in one step. The new one is written to the side that no program reads; what only grows
 * (maps, the code of the programs, lists of prefix lengths to look for) grows before. Then the generation changes.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/clock.h"
#include "loader/container.h"
#include "loader/domain_table.h"
#include "loader/limits.h"
#include "loader/map_walk.h"
#include "loader/policy.h"
#include "loader/policy_force.h"
#include "loader/progress.h"
#include "loader/reload.h"
#include "loader/report.h"
#include "loader/rule_tables.h"
#include "loader/statement.h"
#include "loader/timeouts.h"
#include "syscalls/membarrier.h"

/* ---- names ---- */

static int ensure(struct firewall *fw, const char *name, struct error *err)
{
	struct fw_container record;

	return container_ensure(fw, name, &record, err);
}

/* A record for each name of the policy; those that are new are nobody's yet. */
static int ensure_names(struct firewall *fw, const struct policy *to, struct error *err)
{
	const struct policy_settings *settings = to->containers.item;
	const struct policy_rule *rule = to->rules.item;
	size_t i;
	int code = 0;

	for (i = 0; !code && i < to->containers.n; i++)
		code = ensure(fw, settings[i].name, err);
	for (i = 0; !code && i < to->rules.n; i++)
		if (!i || rule[i].name != rule[i - 1].name)
			code = ensure(fw, rule[i].name, err);
	return code;
}

/* ---- the other side's rules ---- */

struct writing {
	struct firewall *fw;
	const struct policy *from, *to;
	struct rules_writing rules;
	struct error *err;
};

/* The rules of a container as they are to be written; those that are in force keep their numbers. Both are sorted. */
static struct rule *rules_of(const struct writing *writing, const char *name, __u32 id, size_t *n)
{
	size_t n_before, at = 0, i;
	const struct policy_rule *to = policy_rules_of(writing->to, name, n);
	const struct policy_rule *before = policy_rules_of(writing->from, name, &n_before);
	struct rule *rules = malloc((*n + 1) * sizeof(*rules));

	for (i = 0; rules && i < *n; i++) {
		int order = 1;

		while (at < n_before && order > 0) {
			order = statement_compare(&to[i].statement, &before[at].statement);
			at += order > 0;
		}
		rules[i].statement = to[i].statement;
		rules[i].statement.rules = FW_RULES(id, firewall_side(writing->fw));
		rules[i].number = order ? 0 : before[at].number;
	}
	return rules;
}

static int write_container(const char *name, const struct fw_container *record, void *context)
{
	static const struct policy_settings none;
	struct writing *writing = context;
	const struct policy_settings *own = policy_settings_of(writing->to, name);
	struct container_policy policy;
	size_t n;
	struct rule *rules = rules_of(writing, name, record->id, &n);
	int code;

	if (!rules)
		return error_set(writing->err, -ENOMEM, "no memory for %zu rules", n);
	own = own ? own : &none;
	container_make_policy(writing->fw, record, &policy);
	policy.limit = own->limit;
	policy.quota = own->quota;
	policy.default_action = own->default_action;
	policy.ruled = own->ruled || own->denies;
	code = rules_write(&writing->rules, rules, n, &policy, writing->err);
	free(rules);
	return code;
}

static int write_containers(struct firewall *fw, const struct policy *from, const struct policy *to, struct error *err)
{
	struct writing writing = { .fw = fw, .from = from, .to = to, .err = err };

	rules_writing_begin(&writing.rules, fw);
	return rules_writing_end(&writing.rules, container_each(fw, write_container, &writing), err);
}

/* ---- blocked addresses and names ---- */

struct difference {
	struct block_keys added, removed;
};

static int compare_blocked(const struct prefix_list *from, const struct prefix_list *to, struct difference *out)
{
	size_t a = 0, b = 0;
	int code = 0;

	while (!code && (a < from->n || b < to->n)) {
		int order = a == from->n ? 1 : b == to->n ? -1 : prefix_compare(&from->item[a], &to->item[b]);

		if (order < 0)
			code = block_keys_add(&out->removed, &from->item[a]);
		else if (order > 0)
			code = block_keys_add(&out->added, &to->item[b]);
		a += order <= 0;
		b += order >= 0;
	}
	return code;
}

static int write_blocked(struct firewall *fw, struct difference *difference, struct error *err)
{
	int code = block_keys_count(&difference->added) ? blocklist_add(fw, &difference->added, FW_FOREVER, err) : 0;

	if (!code) {
		code = blocklist_leave(fw, &difference->removed);
		if (code)
			error_set(err, code, "the blocklist cannot be written: %s", strerror(-code));
	}
	return code;
}

static int write_domains(struct firewall *fw, const struct policy *from, const struct policy *to, struct error *err)
{
	const char *const *a = from->domains.item, *const *b = to->domains.item;
	size_t n_a = from->domains.n, n_b = to->domains.n;
	struct domain domain;
	int code = 0;

	while (!code && (n_a || n_b)) {
		int order = !n_a ? 1 : !n_b ? -1 : strcmp(*a, *b);

		code = order ? domain_parse(order < 0 ? *a : *b, &domain, err) : 0;
		if (!code && order < 0)
			code = domain_unblock(fw, &domain, err);
		if (!code && order > 0)
			code = domain_block(fw, &domain, err);
		if (order <= 0)
			a++, n_a--;
		if (order >= 0)
			b++, n_b--;
		progress_step(fw->progress);
	}
	return code;
}

/* ---- the step ---- */

static void keep_settings(struct fw_config *config)
{
	config->limit_before = config->limit;
	config->quota_before = config->quota;
	memcpy(config->timeout_before_ns, config->timeout_ns, sizeof(config->timeout_ns));
}

static void take_settings(struct fw_config *config, const struct policy_settings *all)
{
	enum fw_timeout i;

	limit_set(&config->limit, LIMIT_RATE_FIRST, LIMIT_BURST_FIRST);
	if (all->limit.burst)
		config->limit = all->limit;
	config->quota = all->quota ? all->quota : room_quota(all->room[ROOM_CONNECTIONS]);
	for (i = 0; i < FW_TIMEOUT_N; i++)
		timeout_set(config, i, all->timeout_s[i] ? all->timeout_s[i] : timeout_default(i));
}

static void turn(struct fw_config *config)
{
	config->generation = (config->generation + FW_GENERATION_STEP) ^ FW_SIDES;
}

/* The programs without code that no policy needs any more. */
static int unspecialise(struct firewall *fw, struct error *err)
{
	return firewall_unspecialise(fw, fw->config.specialised & ~policy_needs(fw), err);
}

static void want(struct firewall *fw, __u32 entries[MAP_N], enum fw_map map, size_t more)
{
	if (more)
		entries[map] = (__u32)(map_count(fw->map_fd[map]) + more);
}

/* Room for both sides: each rule has a node for either family, and some ports. Once, for all parts. */
static int prepare(struct firewall *fw, const struct policy *to, const struct block_keys *added, struct error *err)
{
	const struct policy_rule *rule = to->rules.item;
	__u32 entries[MAP_N] = { 0 }, nodes[2] = { 0 };
	size_t i;

	for (i = 0; i < to->rules.n; i++)
		nodes[rule[i].statement.direction] += rule[i].statement.family ? 1 : 2;
	want(fw, entries, MAP_RULE_STATEMENTS, to->rules.n);
	want(fw, entries, MAP_FW_RULES, nodes[FW_IN]);
	want(fw, entries, MAP_EGRESS_ALLOWLIST, nodes[FW_OUT]);
	want(fw, entries, MAP_FW_PORTS, 4 * to->rules.n);
	want(fw, entries, MAP_BLOCKED_DOMAINS, to->domains.n);
	blocklist_room(fw, added, FW_FOREVER, entries);
	return firewall_prepare(fw, entries, blocklist_needs(added) | (to->domains.n ? POLICY_BLOCKS_DOMAINS : 0), err);
}

static int change_rooms(struct firewall *fw, const struct policy_settings *all, struct error *err)
{
	__u32 sizes[ROOM_N];
	unsigned i;

	for (i = 0; i < ROOM_N; i++)
		sizes[i] = all->room[i] ? all->room[i] : room_first((enum room)i);
	return rooms_change(fw, sizes, err);
}

static int write_all(struct firewall *fw, const struct policy *from, const struct policy *to, struct error *err)
{
	struct difference difference = { 0 };
	struct progress progress;
	int code = change_rooms(fw, &to->all, err);

	if (!code)
		code = ensure_names(fw, to, err);
	progress_begin(&progress, fw->options, to->rules.n + to->blocked.n + to->domains.n);
	fw->progress = &progress;
	if (!code && compare_blocked(&from->blocked, &to->blocked, &difference))
		code = error_set(err, -ENOMEM, "no memory for so many prefixes");
	if (!code)
		code = prepare(fw, to, &difference.added, err);
	fw->other_side = true;
	if (!code)
		code = write_containers(fw, from, to, err);
	if (!code)
		code = write_blocked(fw, &difference, err);
	if (!code)
		code = write_domains(fw, from, to, err);
	fw->other_side = false;
	fw->progress = NULL;
	progress_end(&progress);
	block_keys_free(&difference.added);
	block_keys_free(&difference.removed);
	return code;
}

/* No program runs any more that took the other side for the one in force. */
static void wait_for_programs(void)
{
	const struct timespec enough = { .tv_nsec = 100000000 };

	if (sys_membarrier())
		nanosleep(&enough, NULL);
}

/* Behind the step, which cannot fail any more. */
static int settle_behind(struct firewall *fw, struct error *err)
{
	struct error why = { 0 };
	int code = firewall_write_config(fw, err);

	if (code)
		return code;
	wait_for_programs();
	if (policy_settle(fw, true, &why))
		report_remark(fw->options,
			      "the policy is in force, but what the one before it left cannot be removed: %s: the next "
			      "command that changes something tries again",
			      why.text);
	return 0;
}

int policy_switch(struct firewall *fw, const struct policy *from, const struct policy *to, __u32 wait_s,
		  struct error *err)
{
	struct error ignored = { 0 };
	int code;

	fw->config.two_sided = 1;
	code = firewall_write_config(fw, err);
	if (code)
		return code;
	code = write_all(fw, from, to, err);
	if (code) {
		policy_settle(fw, false, &ignored);
		return code;
	}
	keep_settings(&fw->config);
	take_settings(&fw->config, &to->all);
	fw->config.confirm_until_ns = wait_s ? clock_now_ns() + wait_s * NS_PER_SECOND : 0;
	turn(&fw->config);
	return wait_s ? firewall_write_config(fw, err) : settle_behind(fw, err);
}

__u64 policy_seconds_left(const struct fw_config *config)
{
	__u64 now = clock_now_ns();

	return now < config->confirm_until_ns ? (config->confirm_until_ns - now) / NS_PER_SECOND + 1 : 0;
}

int policy_confirm(struct firewall *fw, struct error *err)
{
	fw->config.confirm_until_ns = 0;
	return settle_behind(fw, err);
}

int policy_go_back(struct firewall *fw, struct error *err)
{
	fw->config.limit = fw->config.limit_before;
	fw->config.quota = fw->config.quota_before;
	memcpy(fw->config.timeout_ns, fw->config.timeout_before_ns, sizeof(fw->config.timeout_ns));
	fw->config.confirm_until_ns = 0;
	turn(&fw->config);
	return settle_behind(fw, err);
}

/* ---- behind it ---- */

struct settling {
	struct firewall *fw;
	__u32 *rules; /* for rules_have */
	size_t n;
	struct error *err;
};

/* A name that nothing is said of any more goes, where it is not attached. */
static int settle_container(const char *name, const struct fw_container *record, void *context)
{
	const struct settling *settling = context;
	struct fw_container now;
	int code = container_settle(settling->fw, name, record, settling->err);

	if (!code)
		code = container_find(settling->fw, name, &now, settling->err);
	if (code || now.attached || now.brought || container_stays(&now) ||
	    rules_have(settling->rules, settling->n, FW_RULES(now.id, firewall_side(settling->fw))))
		return code;
	return container_remove(settling->fw, name, &now, settling->err);
}

static int settle_all(struct settling *settling, bool is_whole)
{
	struct firewall *fw = settling->fw;
	int code = rules_settle(fw, is_whole, &settling->rules, &settling->n, settling->err);

	if (!code)
		code = blocklist_settle(fw, settling->err);
	if (!code && domain_table_settle(fw))
		code = error_set(settling->err, -EIO, "the blocked domains cannot be written");
	return code ? code : container_each(fw, settle_container, settling);
}

int policy_settle(struct firewall *fw, bool is_whole, struct error *err)
{
	struct settling settling = { .fw = fw, .err = err };
	int code = firewall_write_config(fw, err);

	if (!code)
		code = settle_all(&settling, is_whole);
	free(settling.rules);
	if (code)
		return code;
	fw->config.two_sided = 0;
	code = firewall_write_config(fw, err);
	return code ? code : unspecialise(fw, err);
}
