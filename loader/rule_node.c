/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/rule_node.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "loader/address.h"
#include "loader/array.h"
#include "loader/map_walk.h"
#include "loader/rule_ports.h"
#include "syscalls/bpf.h"

#define PROTO_ICMP 1
#define PROTO_ICMPV6 58

/* Which node: the prefix's key and the direction. */
struct node {
	struct fw_prefix key;
	__u8 direction;
};

static int table_of(const struct firewall *fw, __u8 direction)
{
	return fw->map_fd[direction == FW_OUT ? MAP_EGRESS_ALLOWLIST : MAP_FW_RULES];
}

/* The node of a statement in one family; false: the statement is of the other. */
static bool node_of(const struct fw_statement *statement, __u8 family, struct node *out)
{
	struct prefix prefix = { .family = family };

	if (statement->family && statement->family != family)
		return false;
	if (statement->family) {
		prefix.length = statement->length;
		memcpy(prefix.addr, statement->addr, sizeof(prefix.addr));
	}
	memset(out, 0, sizeof(*out));
	out->key = prefix_key(statement->rules, &prefix);
	out->direction = statement->direction;
	return true;
}

static int compare_nodes(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct node));
}

/* The protocol number that a statement means in a family; -1: every one. */
static int proto_of(const struct fw_statement *statement, __u8 family)
{
	if (statement->proto == FW_PROTO_ANY)
		return -1;
	if (statement->proto == FW_PROTO_ICMP_BOTH)
		return family == FW_IPV4 ? PROTO_ICMP : PROTO_ICMPV6;
	return statement->proto;
}

static __u8 match_of(const struct fw_statement *statement)
{
	return statement->action == FW_PASS ? FW_MATCH_ALLOW : FW_MATCH_DENY;
}

static __u32 rule_number(struct firewall *fw, const struct fw_statement *statement)
{
	struct fw_statement_info info = { 0 };

	sys_bpf_map_lookup(fw->map_fd[MAP_RULE_STATEMENTS], statement, &info);
	return info.rule;
}

/* What is gathered for one node. */
struct gathered {
	struct rule_ports *rules; /* room for all statements */
	size_t n;
	struct fw_prefix_rules out;
};

/* A statement under a node that it is of. */
struct entry {
	struct node node;
	const struct fw_statement *statement;
};

static int compare_entries(const void *left, const void *right)
{
	return compare_nodes(&((const struct entry *)left)->node, &((const struct entry *)right)->node);
}

/* Each statement under its node of each family, sorted; to be freed. NULL: no memory. */
static struct entry *entries_of(const struct fw_statement *all, size_t n_all, size_t *n)
{
	struct entry *entries = malloc((2 * n_all + 1) * sizeof(*entries));
	static const __u8 families[] = { FW_IPV4, FW_IPV6 };
	size_t i, f;

	*n = 0;
	for (i = 0; entries && i < n_all; i++)
		for (f = 0; f < 2; f++)
			if (node_of(&all[i], families[f], &entries[*n].node))
				entries[(*n)++].statement = &all[i];
	if (entries && *n)
		qsort(entries, *n, sizeof(*entries), compare_entries);
	return entries;
}

/* The first that is not before the node. */
static size_t first_entry(const struct entry *entries, size_t n, const struct node *node)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_nodes(&entries[middle].node, node) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void gather_one(struct firewall *fw, const struct fw_statement *statement, __u8 family,
		       struct gathered *gathered)
{
	int proto = proto_of(statement, family);

	if (proto >= 0) {
		gathered->rules[gathered->n++] = (struct rule_ports) {
			(__u8)proto,
			{ statement->port_low, statement->port_high, match_of(statement), rule_number(fw, statement) },
		};
		return;
	}
	gathered->out.any_match |= match_of(statement);
	if (!gathered->out.any_rule || match_of(statement) == FW_MATCH_DENY)
		gathered->out.any_rule = rule_number(fw, statement);
}

static void gather(struct firewall *fw, const struct node *node, const struct entry *entries, size_t n,
		   struct gathered *gathered)
{
	size_t i;

	memset(&gathered->out, 0, sizeof(gathered->out));
	gathered->n = 0;
	for (i = first_entry(entries, n, node); i < n && !compare_nodes(&entries[i].node, node); i++)
		gather_one(fw, entries[i].statement, node->key.family, gathered);
}

/* ---- the lists of prefix lengths ---- */

static struct fw_lengths *list_of(struct container_policy *policy, const struct node *node)
{
	if (node->direction == FW_OUT)
		return node->key.family == FW_IPV4 ? &policy->out4 : &policy->out6;
	return node->key.family == FW_IPV4 ? &policy->in4 : &policy->in6;
}

static bool list_has(const struct fw_lengths *list, __u8 length)
{
	return memchr(list->length, length, sizeof(list->length)) != NULL;
}

static int list_add(struct fw_lengths *list, __u8 length)
{
	__u8 *end = memchr(list->length, FW_LENGTH_END, sizeof(list->length));

	if (list_has(list, length))
		return 0;
	if (!end)
		return -E2BIG;
	*end = length;
	return 0;
}

static void list_clear(struct fw_lengths *list)
{
	memset(list, 0, sizeof(*list));
	memset(list->length, FW_LENGTH_END, sizeof(list->length));
}

/* The lists as the statements have them: what is not in use any more is not looked up any more. */
static int lists_make(struct container_policy *policy, const struct fw_statement *all, size_t n_all)
{
	static const __u8 families[] = { FW_IPV4, FW_IPV6 };
	struct node node;
	size_t i, f;
	int code = 0;

	list_clear(&policy->in4);
	list_clear(&policy->in6);
	list_clear(&policy->out4);
	list_clear(&policy->out6);
	for (i = 0; !code && i < n_all; i++)
		for (f = 0; !code && f < 2; f++)
			if (node_of(&all[i], families[f], &node))
				code = list_add(list_of(policy, &node), node.key.length);
	return code;
}

static int policy_read_of(struct firewall *fw, __u32 rules, struct container_policy *policy, struct error *err)
{
	int code = sys_bpf_map_lookup(fw->map_fd[MAP_CONTAINER_POLICIES], &rules, policy);

	if (code)
		error_set(err, code, "the container's policy cannot be read: %s", strerror(-code));
	return code;
}

/* ---- ports that no node names ---- */

struct sets {
	__u32 *item;
	size_t n, room;
};

static int take_set(const void *key, const void *value, void *context)
{
	const struct fw_prefix_rules *rules = value;
	struct sets *sets = context;
	void *grown;

	(void)key;
	if (!rules->port_set)
		return 0;
	grown = array_room(sets->item, sets->n, &sets->room, sizeof(*sets->item));
	if (!grown)
		return -ENOMEM;
	sets->item = grown;
	sets->item[sets->n++] = rules->port_set;
	return 0;
}

/* In one walk, however many there are. */
static int sweep_ports(struct firewall *fw)
{
	struct sets named = { 0 };
	int code = map_walk(fw->map_fd[MAP_FW_RULES], take_set, &named);

	if (!code)
		code = map_walk(fw->map_fd[MAP_EGRESS_ALLOWLIST], take_set, &named);
	if (!code)
		rule_ports_drop_others(fw, named.item, named.n);
	free(named.item);
	return code;
}

/* ---- nodes ---- */

static bool is_full(int code)
{
	return code == -E2BIG || code == -ENOSPC; /* a hash, a trie */
}

/* The old ports give way; without them the node would allow too much or too little, so that it denies meanwhile. */
static int make_room(struct firewall *fw, int table, const struct node *node, struct fw_prefix_rules *old)
{
	struct fw_prefix_rules closed = { .any_rule = old->any_rule, .any_match = FW_MATCH_DENY };
	int code = sys_bpf_map_update(table, &node->key, &closed, BPF_EXIST);

	if (code)
		return code;
	rule_ports_drop(fw, old->port_set);
	old->port_set = 0;
	return 0;
}

static int write_node_ports(struct firewall *fw, int table, const struct node *node, struct gathered *gathered,
			    struct fw_prefix_rules *old, enum port_room room)
{
	int code = rule_ports_write(fw, gathered->rules, gathered->n, &gathered->out.port_set);

	if (is_full(code) && room == PORT_ROOM_SWEPT) {
		code = sweep_ports(fw);
		code = code ? code : rule_ports_write(fw, gathered->rules, gathered->n, &gathered->out.port_set);
	}
	if (!is_full(code) || room == PORT_ROOM_NEEDED || !old->port_set)
		return code;
	rule_ports_drop(fw, gathered->out.port_set);
	code = make_room(fw, table, node, old);
	return code ? code : rule_ports_write(fw, gathered->rules, gathered->n, &gathered->out.port_set);
}

static int write_node(struct firewall *fw, const struct node *node, struct gathered *gathered, enum port_room room)
{
	struct fw_prefix_rules old = { 0 };
	int table = table_of(fw, node->direction), code;
	bool was_there = !sys_bpf_map_lookup(table, &node->key, &old);

	code = write_node_ports(fw, table, node, gathered, &old, room);
	if (!code && (gathered->n || gathered->out.any_match))
		code = sys_bpf_map_update(table, &node->key, &gathered->out, BPF_ANY);
	else if (!code && was_there)
		code = sys_bpf_map_delete(table, &node->key);
	if (code && gathered->out.port_set)
		rule_ports_drop(fw, gathered->out.port_set);
	if (!code && was_there && old.port_set && room != PORT_ROOM_SWEPT)
		rule_ports_drop(fw, old.port_set);
	return code;
}

static size_t nodes_of(const struct fw_statement *statements, size_t n, struct node *out)
{
	size_t i, n_nodes = 0, kept = 0;

	for (i = 0; i < n; i++) {
		n_nodes += node_of(&statements[i], FW_IPV4, &out[n_nodes]);
		n_nodes += node_of(&statements[i], FW_IPV6, &out[n_nodes]);
	}
	if (n_nodes)
		qsort(out, n_nodes, sizeof(*out), compare_nodes);
	for (i = 0; i < n_nodes; i++)
		if (!kept || compare_nodes(&out[kept - 1], &out[i]))
			out[kept++] = out[i];
	return kept;
}

static int rebuild_nodes(struct firewall *fw, const struct fw_statement *changed, size_t n_changed,
			 const struct fw_statement *all, size_t n_all, enum port_room room)
{
	struct gathered gathered = {
		.rules = malloc((n_all + 1) * sizeof(*gathered.rules)),
	};
	struct node *nodes = malloc((2 * n_changed + 1) * sizeof(*nodes));
	size_t n_nodes, n_entries, i;
	struct entry *entries = entries_of(all, n_all, &n_entries);
	int code = gathered.rules && nodes && entries ? 0 : -ENOMEM;

	n_nodes = code ? 0 : nodes_of(changed, n_changed, nodes);
	for (i = 0; !code && i < n_nodes; i++) {
		gather(fw, &nodes[i], entries, n_entries, &gathered);
		code = write_node(fw, &nodes[i], &gathered, room);
	}
	free(entries);
	free(nodes);
	free(gathered.rules);
	return code;
}

/* A longer list takes force after its nodes are there, a shorter one is only less to look up: nodes come first. */
int rule_nodes_rebuild(struct firewall *fw, const struct fw_statement *changed, size_t n_changed,
		       const struct fw_statement *all, size_t n_all, enum port_room room, struct error *err)
{
	struct container_policy policy;
	__u32 key = changed[0].rules;
	int code = policy_read_of(fw, key, &policy, err);

	if (code)
		return code;
	if (lists_make(&policy, all, n_all))
		return error_set(err, -E2BIG, "more than %d different prefix lengths in one direction: use fewer",
				 FW_LENGTHS_MAX);
	code = firewall_prepare(fw, NULL, container_policy_needs(&policy), err);
	if (code)
		return code;
	code = rebuild_nodes(fw, changed, n_changed, all, n_all, room);
	if (!code)
		code = sys_bpf_map_update(fw->map_fd[MAP_CONTAINER_POLICIES], &key, &policy, BPF_ANY);
	if (is_full(code))
		return error_set(err, -E2BIG, "the rules' tables are full: revoke some");
	if (code)
		return error_set(err, code, "the rules' tables cannot be written: %s", strerror(-code));
	return 0;
}

/* ---- after a command that was killed ---- */

static bool stands_behind(const struct node *nodes, size_t n, const struct fw_prefix *key, __u8 direction)
{
	struct node wanted = { 0 };

	wanted.key = *key;
	wanted.direction = direction;
	return bsearch(&wanted, nodes, n, sizeof(*nodes), compare_nodes) != NULL;
}

struct orphans {
	__u8 direction;
	const struct node *nodes; /* those that stay */
	size_t n;
	__u32 side;
	bool both_sides;
};

static enum map_edit drop_orphan(const void *key, void *rules, void *context)
{
	const struct orphans *orphans = context;

	(void)rules;
	if ((orphans->both_sides || ((const struct fw_prefix *)key)->rules % FW_SIDES == orphans->side) &&
	    !stands_behind(orphans->nodes, orphans->n, key, orphans->direction))
		return MAP_REMOVE;
	return MAP_KEEP;
}

int rule_nodes_drop_orphans(struct firewall *fw, const struct fw_statement *all, size_t n_all, bool both_sides,
			    struct error *err)
{
	struct node *nodes = malloc((2 * n_all + 1) * sizeof(*nodes));
	size_t n = nodes ? nodes_of(all, n_all, nodes) : 0;
	struct orphans orphans = { FW_IN, nodes, n, firewall_side(fw), both_sides };
	int code = nodes ? 0 : -ENOMEM;

	for (; !code && orphans.direction <= FW_OUT; orphans.direction++)
		code = map_edit(table_of(fw, orphans.direction), drop_orphan, &orphans);
	if (!code)
		code = sweep_ports(fw);
	free(nodes);
	return code ? error_set(err, code, "what is left of rules cannot be removed: %s", strerror(-code)) : 0;
}
