/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/rule_tables.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "loader/address.h"
#include "loader/array.h"
#include "loader/map_walk.h"
#include "loader/port_set.h"
#include "loader/progress.h"
#include "loader/rule_node.h"
#include "loader/rule_ports.h"
#include "syscalls/bpf.h"

struct rule_list {
	struct rule *item;
	size_t n, room;
};

static int append(struct rule_list *list, const struct fw_statement *statement, __u32 number)
{
	void *grown = array_room(list->item, list->n, &list->room, sizeof(*list->item));
	if (!grown)
		return -ENOMEM;
	list->item = grown;
	list->item[list->n++] = (struct rule) { *statement, number };
	return 0;
}

struct reading {
	struct rule_list list;
	__u32 container, side;
};

static int take_statement(const void *key, const void *info, void *context)
{
	struct reading *reading = context;
	__u32 rules = ((const struct fw_statement *)key)->rules;

	if (rules % FW_SIDES != reading->side || (reading->container && rules / FW_SIDES != reading->container))
		return 0;
	return append(&reading->list, key, ((const struct fw_statement_info *)info)->rule);
}

int rules_read(struct firewall *fw, __u32 container, struct rule **out, size_t *n)
{
	struct reading reading = { .container = container, .side = firewall_side(fw) };
	int code = map_walk(fw->map_fd[MAP_RULE_STATEMENTS], take_statement, &reading);

	*out = reading.list.item;
	*n = reading.list.n;
	return code;
}

size_t rules_count(struct firewall *fw, __u32 container)
{
	struct rule *list;
	size_t n = 0;

	if (rules_read(fw, container, &list, &n))
		n = 1;
	free(list);
	return n;
}

/* 0 is no rule's. */
static __u32 next_number(struct fw_config *config)
{
	if (!config->next_rule)
		config->next_rule = 1;
	return config->next_rule++;
}

static int statement_write(struct firewall *fw, const struct fw_statement *statement, struct error *err)
{
	struct fw_statement_info info = { .rule = next_number(&fw->config) };
	int code = firewall_write_config(fw, err);

	if (code)
		return code;
	code = sys_bpf_map_update(fw->map_fd[MAP_RULE_STATEMENTS], statement, &info, BPF_NOEXIST);
	if (code == -EEXIST)
		return 0;
	if (code == -E2BIG)
		return error_set(err, code,
				 "there is no room for more rules: revoke some, or put a policy in force with "
				 "`apply`, for which it grows");
	if (code)
		return error_set(err, code, "a rule cannot be written: %s", strerror(-code));
	return 0;
}

static int is_written(struct firewall *fw, const struct fw_statement *statement)
{
	struct fw_statement_info info;

	return !sys_bpf_map_lookup(fw->map_fd[MAP_RULE_STATEMENTS], statement, &info);
}

/* Rebuilds the nodes that the statement touches from all the rules of its container. */
static int rebuild(struct firewall *fw, const struct fw_statement *changed, enum port_room room, struct error *err)
{
	const struct rule rule = { .statement = *changed };
	struct rule *all = NULL;
	size_t n_all = 0;
	int code = rules_read(fw, changed->rules / FW_SIDES, &all, &n_all);

	if (code)
		error_set(err, code, "the rules cannot be read: %s", strerror(-code));
	else
		code = rule_nodes_rebuild(fw, &rule, 1, all, n_all, room, err);
	free(all);
	return code;
}

int rules_add(struct firewall *fw, const struct fw_statement *statement, struct error *err)
{
	int code;

	if (is_written(fw, statement))
		return 0;
	code = statement_write(fw, statement, err);
	if (code)
		return code;
	code = rebuild(fw, statement, PORT_ROOM_NEEDED, err);
	if (code) {
		sys_bpf_map_delete(fw->map_fd[MAP_RULE_STATEMENTS], statement);
		rebuild(fw, statement, PORT_ROOM_MADE, NULL);
	}
	return code;
}

int rules_remove(struct firewall *fw, const struct fw_statement *statement, struct error *err)
{
	struct fw_statement_info info = { 0 };
	int code = sys_bpf_map_lookup(fw->map_fd[MAP_RULE_STATEMENTS], statement, &info);

	if (!code)
		code = sys_bpf_map_delete(fw->map_fd[MAP_RULE_STATEMENTS], statement);
	if (code == -ENOENT)
		return code;
	if (code)
		return error_set(err, code, "a rule cannot be removed: %s", strerror(-code));
	code = rebuild(fw, statement, PORT_ROOM_MADE, err);
	if (code) {
		sys_bpf_map_update(fw->map_fd[MAP_RULE_STATEMENTS], statement, &info, BPF_ANY);
		rebuild(fw, statement, PORT_ROOM_MADE, NULL);
	}
	return code;
}

static int compare_containers(const void *left, const void *right)
{
	__u32 a = ((const struct rule *)left)->statement.rules, b = ((const struct rule *)right)->statement.rules;

	return (a > b) - (a < b);
}

int rules_rebuild_all(struct firewall *fw, struct error *err)
{
	struct rule *all = NULL;
	size_t n = 0, i, end;
	int code = rules_read(fw, 0, &all, &n);

	if (!code && n)
		qsort(all, n, sizeof(*all), compare_containers);
	if (!code)
		code = rule_nodes_drop_orphans(fw, all, n, err);
	for (i = 0; !code && i < n; i = end) {
		for (end = i; end < n && all[end].statement.rules == all[i].statement.rules; end++)
			;
		code = rule_nodes_rebuild(fw, all + i, end - i, all + i, end - i, PORT_ROOM_SWEPT, err);
	}
	if (!code)
		code = rule_nodes_drop_orphans(fw, all, n, err);
	free(all);
	return code;
}

/* ---- sides ---- */

void rules_writing_begin(struct rules_writing *writing, struct firewall *fw)
{
	writing->fw = fw;
	map_batch_begin(&writing->statements, fw, MAP_RULE_STATEMENTS, sizeof(struct fw_statement),
			sizeof(struct fw_statement_info));
	rule_ports_begin(&writing->ports, fw);
	rule_nodes_begin(&writing->nodes[FW_IN], fw, FW_IN);
	rule_nodes_begin(&writing->nodes[FW_OUT], fw, FW_OUT);
	map_batch_begin(&writing->policies, fw, MAP_CONTAINER_POLICIES, sizeof(__u32), sizeof(struct container_policy));
}

/* A number for each that has none. */
static int add_statements(struct rules_writing *writing, struct rule *rules, size_t n)
{
	struct fw_config *config = &writing->fw->config;
	struct fw_statement_info info = { 0 };
	size_t i;
	int code = 0;

	for (i = 0; !code && i < n; i++) {
		if (!rules[i].number)
			rules[i].number = next_number(config);
		info.rule = rules[i].number;
		code = map_batch_add(&writing->statements, &rules[i].statement, &info);
		progress_step(writing->fw->progress);
	}
	return code;
}

static int writing_failed(int code, struct error *err)
{
	return error_set(err, code, "the rules cannot be written: %s", strerror(-code));
}

int rules_write(struct rules_writing *writing, struct rule *rules, size_t n, struct container_policy *policy,
		struct error *err)
{
	int code = add_statements(writing, rules, n);

	if (code)
		return writing_failed(code, err);
	code = n ? rule_nodes_add(&writing->ports, writing->nodes, rules, n, policy, err) : 0;
	if (code)
		return code;
	code = map_batch_add(&writing->policies, &policy->rules, policy);
	return code ? writing_failed(code, err) : 0;
}

int rules_writing_end(struct rules_writing *writing, int code, struct error *err)
{
	struct map_batch *read[] = { &writing->ports, &writing->nodes[FW_IN], &writing->nodes[FW_OUT] };
	unsigned i;

	if (!code) {
		code = map_batch_send(&writing->statements);
		code = code ? code : map_batch_send(&writing->policies);
		code = code ? writing_failed(code, err) : 0;
	}
	for (i = 0; i < sizeof(read) / sizeof(*read); i++) {
		if (!code) {
			code = map_batch_send(read[i]);
			code = code ? rule_nodes_failed(code, err) : 0;
		}
		map_batch_free(read[i]);
	}
	map_batch_free(&writing->statements);
	map_batch_free(&writing->policies);
	return code;
}

/* Of the side in force. */
struct kept {
	const struct firewall *fw;
	__u32 *rules; /* FW_RULES of those that have any, some of them twice */
	size_t n, room;
	int code;
};

static enum map_edit drop_other_side(const void *key, void *info, void *context)
{
	__u32 rules = ((const struct fw_statement *)key)->rules, *grown;
	struct kept *kept = context;

	(void)info;
	if (rules % FW_SIDES != FW_SIDE(kept->fw->config.generation))
		return MAP_REMOVE;
	if (kept->n && kept->rules[kept->n - 1] == rules)
		return MAP_KEEP;
	grown = array_room(kept->rules, kept->n, &kept->room, sizeof(*grown));
	if (!grown) {
		kept->code = -ENOMEM;
		return MAP_KEEP;
	}
	kept->rules = grown;
	kept->rules[kept->n++] = rules;
	return MAP_KEEP;
}

int rules_settle(struct firewall *fw, bool is_whole, __u32 **out, size_t *n, struct error *err)
{
	struct kept kept = { .fw = fw };
	int code = map_edit(fw->map_fd[MAP_RULE_STATEMENTS], drop_other_side, &kept);

	code = code ? code : kept.code;
	*out = kept.rules;
	*n = kept.n;
	if (code)
		return error_set(err, code, "the rules cannot be read: %s", strerror(-code));
	if (*n)
		qsort(*out, *n, sizeof(**out), compare_u32);
	return rule_nodes_drop_other_side(fw, is_whole, err);
}

bool rules_have(const __u32 *sorted, size_t n, __u32 rules)
{
	return n && bsearch(&rules, sorted, n, sizeof(rules), compare_u32);
}
