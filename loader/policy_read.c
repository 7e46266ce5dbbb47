/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/map_walk.h"
#include "loader/policy_force.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/container.h"
#include "loader/domain.h"
#include "loader/domain_table.h"
#include "loader/policy.h"
#include "loader/rule_tables.h"
#include "loader/timeouts.h"
#include "syscalls/bpf.h"

/* ---- containers and their rules ---- */

struct named {
	__u32 rules;
	const char *name;
};

struct reading {
	struct firewall *fw;
	struct policy *policy;
	struct policy_list named; /* of struct named */
};

static int take_container(const char *name, const struct fw_container *record, void *context)
{
	struct reading *reading = context;
	struct policy_settings *settings = policy_settings(reading->policy, name);
	struct container_policy policy;
	struct named *named = settings ? policy_append(&reading->named, sizeof(*named)) : NULL;

	if (!named)
		return -ENOMEM;
	named->rules = FW_RULES(record->id, firewall_side(reading->fw));
	named->name = settings->name;
	if (!container_read_policy(reading->fw, record->id, &policy)) {
		settings->limit = policy.limit;
		settings->quota = policy.quota;
		settings->default_action = policy.default_action;
		settings->ruled = policy.ruled;
	}
	return 0;
}

static int compare_named(const void *left, const void *right)
{
	__u32 a = ((const struct named *)left)->rules, b = ((const struct named *)right)->rules;

	return (a > b) - (a < b);
}

static int take_rules(struct reading *reading)
{
	struct rule *all;
	size_t n, i;
	int code = rules_read(reading->fw, 0, &all, &n);

	if (reading->named.n)
		qsort(reading->named.item, reading->named.n, sizeof(struct named), compare_named);
	for (i = 0; !code && i < n; i++) {
		const struct named wanted = { .rules = all[i].statement.rules }, *found = NULL;

		if (reading->named.n)
			found = bsearch(&wanted, reading->named.item, reading->named.n, sizeof(wanted), compare_named);
		if (found)
			code = policy_add_rule(reading->policy, found->name, &all[i].statement, all[i].number);
	}
	free(all);
	return code;
}

/* ---- what is for all ---- */

static void take_settings(const struct firewall *fw, struct policy_settings *all)
{
	const struct fw_config *config = &fw->config;
	enum fw_timeout i;

	rooms_read(fw, all->room);
	all->limit = config->limit;
	all->quota = config->quota;
	for (i = 0; i < FW_TIMEOUT_N; i++)
		all->timeout_s[i] = (__u32)timeout_seconds(config, i);
}

/* ---- blocked names ---- */

static int take_domain(const void *key, const void *value, void *context)
{
	const struct fw_domain *entry = value;
	const struct reading *reading = context;
	__u32 side = FW_SIDE_BIT(reading->fw->config.generation);
	char room[DOMAIN_TEXT_MAX + 1] = "=";
	int code = 0;

	(void)key;
	domain_text(entry->name, room + 1);
	if (entry->subtree & side)
		code = policy_add_domain(reading->policy, room + 1);
	if (!code && (entry->exact & side))
		code = policy_add_domain(reading->policy, room);
	return code;
}

static int cannot_read(int code, struct error *err)
{
	return error_set(err, code, "the policy in force cannot be read: %s", strerror(-code));
}

int policy_read_containers(struct firewall *fw, struct policy *out, struct error *err)
{
	struct reading reading = { .fw = fw, .policy = out };
	int code = container_each(fw, take_container, &reading);

	if (!code)
		code = take_rules(&reading);
	free(reading.named.item);
	if (code)
		return cannot_read(code, err);
	take_settings(fw, &out->all);
	policy_sort(out);
	return 0;
}

int policy_read(struct firewall *fw, struct policy *out, struct error *err)
{
	struct reading reading = { .fw = fw, .policy = out };
	int code = policy_read_containers(fw, out, err);

	if (code)
		return code;
	code = map_walk(fw->map_fd[MAP_BLOCKED_DOMAINS], take_domain, &reading);
	if (!code)
		code = blocklist_read(fw, BLOCKED_FOR_GOOD, &out->blocked);
	if (code)
		return cannot_read(code, err);
	policy_sort(out);
	return 0;
}
