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
#include "syscalls/bpf.h"

struct statements {
	struct fw_statement *item;
	size_t n, room;
};

static int append(struct statements *list, const struct fw_statement *statement)
{
	void *grown = array_room(list->item, list->n, &list->room, sizeof(*list->item));
	if (!grown)
		return -ENOMEM;
	list->item = grown;
	list->item[list->n++] = *statement;
	return 0;
}

struct reading {
	struct statements list;
	__u32 container, side;
};

static int take_statement(const void *key, const void *info, void *context)
{
	struct reading *reading = context;
	__u32 rules = ((const struct fw_statement *)key)->rules;

	(void)info;
	if (rules % FW_SIDES != reading->side || (reading->container && rules / FW_SIDES != reading->container))
		return 0;
	return append(&reading->list, key);
}

int rules_read(struct firewall *fw, __u32 container, struct fw_statement **out, size_t *n)
{
	struct reading reading = { .container = container, .side = firewall_side(fw) };
	int code = map_walk(fw->map_fd[MAP_RULE_STATEMENTS], take_statement, &reading);

	*out = reading.list.item;
	*n = reading.list.n;
	return code;
}

size_t rules_count(struct firewall *fw, __u32 container)
{
	struct fw_statement *list;
	size_t n = 0;

	if (rules_read(fw, container, &list, &n))
		n = 1;
	free(list);
	return n;
}

static int statement_write(struct firewall *fw, const struct fw_statement *statement, struct error *err)
{
	struct fw_statement_info info = { .rule = fw->config.next_rule++ };
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

/* Rebuilds the nodes that these statements touch, each once, from all the statements of their container. */
static int rebuild(struct firewall *fw, const struct fw_statement *changed, size_t n, enum port_room room,
		   struct error *err)
{
	struct fw_statement *all = NULL;
	size_t n_all = 0;
	int code;

	if (!n)
		return 0;
	code = rules_read(fw, changed[0].rules / FW_SIDES, &all, &n_all);
	if (code)
		error_set(err, code, "the rules cannot be read: %s", strerror(-code));
	else
		code = rule_nodes_rebuild(fw, changed, n, all, n_all, room, err);
	free(all);
	return code;
}

int rules_add(struct firewall *fw, const struct fw_statement *statements, size_t n, struct error *err)
{
	struct statements fresh = { 0 };
	size_t i, written = 0;
	int code = 0;

	for (i = 0; !code && i < n; i++)
		if (!is_written(fw, &statements[i]))
			code = append(&fresh, &statements[i]);
	for (; !code && written < fresh.n; written++)
		code = statement_write(fw, &fresh.item[written], err);
	if (!code)
		code = rebuild(fw, fresh.item, fresh.n, PORT_ROOM_NEEDED, err);
	if (code) {
		for (i = 0; i < written; i++)
			sys_bpf_map_delete(fw->map_fd[MAP_RULE_STATEMENTS], &fresh.item[i]);
		rebuild(fw, fresh.item, written, PORT_ROOM_MADE, NULL);
		error_set(err, code, "the rules cannot be added: %s", strerror(-code));
	}
	free(fresh.item);
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
	code = rebuild(fw, statement, 1, PORT_ROOM_MADE, err);
	if (code) {
		sys_bpf_map_update(fw->map_fd[MAP_RULE_STATEMENTS], statement, &info, BPF_ANY);
		rebuild(fw, statement, 1, PORT_ROOM_MADE, NULL);
	}
	return code;
}

static int compare_containers(const void *left, const void *right)
{
	__u32 a = ((const struct fw_statement *)left)->rules, b = ((const struct fw_statement *)right)->rules;

	return (a > b) - (a < b);
}

int rules_rebuild_all(struct firewall *fw, struct error *err)
{
	struct fw_statement *all = NULL;
	size_t n = 0, i, end;
	int code = rules_read(fw, 0, &all, &n);

	if (!code && n)
		qsort(all, n, sizeof(*all), compare_containers);
	if (!code)
		code = rule_nodes_drop_orphans(fw, all, n, false, err);
	for (i = 0; !code && i < n; i = end) {
		for (end = i; end < n && all[end].rules == all[i].rules; end++)
			;
		code = rule_nodes_rebuild(fw, all + i, end - i, all + i, end - i, PORT_ROOM_SWEPT, err);
	}
	if (!code)
		code = rule_nodes_drop_orphans(fw, all, n, false, err);
	free(all);
	return code;
}

/* ---- sides ---- */

/* The number of the same rule on the side in force; 0: it has none. */
static __u32 number_in_force(struct firewall *fw, const struct fw_statement *statement)
{
	struct fw_statement same = *statement;
	struct fw_statement_info info;

	same.rules = FW_RULES(statement->rules / FW_SIDES, FW_SIDE(fw->config.generation));
	return sys_bpf_map_lookup(fw->map_fd[MAP_RULE_STATEMENTS], &same, &info) ? 0 : info.rule;
}

static int write_statements(struct firewall *fw, const struct fw_statement *statements, size_t n, __u32 fresh)
{
	struct fw_statement_info info = { 0 };
	size_t i;
	int code = 0;

	for (i = 0; !code && i < n; i++) {
		info.rule = number_in_force(fw, &statements[i]);
		if (!info.rule)
			info.rule = fresh++;
		code = sys_bpf_map_update(fw->map_fd[MAP_RULE_STATEMENTS], &statements[i], &info, BPF_ANY);
		progress_step(fw->progress);
	}
	return code;
}

int rules_write(struct firewall *fw, __u32 container, struct fw_statement *statements, size_t n, struct error *err)
{
	__u32 fresh = fw->config.next_rule;
	size_t i;
	int code;

	for (i = 0; i < n; i++)
		statements[i].rules = FW_RULES(container, firewall_side(fw));
	if (!n)
		return 0;
	fw->config.next_rule += (__u32)n;
	if (fw->config.next_rule < fresh) /* round: 0 is no rule's */
		fw->config.next_rule = fresh = 1;
	code = firewall_write_config(fw, err);
	if (code)
		return code;
	code = write_statements(fw, statements, n, fresh);
	if (code)
		return error_set(err, code, "the rules cannot be written: %s", strerror(-code));
	return rule_nodes_rebuild(fw, statements, n, statements, n, PORT_ROOM_NEEDED, err);
}

static enum map_edit drop_other_side(const void *key, void *info, void *context)
{
	const struct firewall *fw = context;

	(void)info;
	return ((const struct fw_statement *)key)->rules % FW_SIDES == FW_SIDE(fw->config.generation) ? MAP_KEEP
												      : MAP_REMOVE;
}

int rules_settle(struct firewall *fw, struct fw_statement **out, size_t *n, struct error *err)
{
	int code = map_edit(fw->map_fd[MAP_RULE_STATEMENTS], drop_other_side, fw);

	if (!code)
		code = rules_read(fw, 0, out, n);
	if (code)
		return error_set(err, code, "the rules cannot be read: %s", strerror(-code));
	if (*n)
		qsort(*out, *n, sizeof(**out), compare_containers);
	return rule_nodes_drop_orphans(fw, *out, *n, true, err);
}

bool rules_have(const struct fw_statement *sorted, size_t n, __u32 rules)
{
	const struct fw_statement wanted = { .rules = rules };

	return n && bsearch(&wanted, sorted, n, sizeof(wanted), compare_containers);
}
