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

static enum fw_map map_of(__u8 direction)
{
	return direction == FW_OUT ? MAP_EGRESS_ALLOWLIST : MAP_FW_RULES;
}

static int table_of(const struct firewall *fw, __u8 direction)
{
	return fw->map_fd[map_of(direction)];
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

static int order_of(__u64 a, __u64 b)
{
	return (a > b) - (a < b);
}

/* Much as statement_compare has them, so that what is in that order is sorted soon. */
static int compare_nodes(const void *left, const void *right)
{
	const struct node *a = left, *b = right;
	int order = order_of(a->key.rules, b->key.rules);

	order = order ? order : a->direction - b->direction;
	order = order ? order : a->key.family - b->key.family;
	order = order ? order : order_of(a->key.high, b->key.high);
	order = order ? order : order_of(a->key.low, b->key.low);
	return order ? order : a->key.length - b->key.length;
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

/* What is gathered for one node. */
struct gathered {
	struct rule_ports *rules; /* room for all rules */
	size_t n;
	struct fw_prefix_rules out;
};

/* A rule under a node that it is of. */
struct entry {
	struct node node;
	const struct rule *rule;
};

/* Those of one node stay in the order in which they came: qsort does not see to that. */
static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = compare_nodes(&a->node, &b->node);

	return order ? order : (a->rule > b->rule) - (a->rule < b->rule);
}

/* Each rule under its node of each family, sorted; to be freed. NULL: no memory. */
static struct entry *entries_of(const struct rule *all, size_t n_all, size_t *n)
{
	struct entry *entries = malloc((2 * n_all + 1) * sizeof(*entries));
	static const __u8 families[] = { FW_IPV4, FW_IPV6 };
	size_t i, f;

	*n = 0;
	for (i = 0; entries && i < n_all; i++)
		for (f = 0; f < 2; f++)
			if (node_of(&all[i].statement, families[f], &entries[*n].node))
				entries[(*n)++].rule = &all[i];
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

static void gather_one(const struct rule *rule, __u8 family, struct gathered *gathered)
{
	const struct fw_statement *statement = &rule->statement;
	int proto = proto_of(statement, family);

	if (proto >= 0) {
		gathered->rules[gathered->n++] = (struct rule_ports) {
			(__u8)proto,
			{ statement->port_low, statement->port_high, match_of(statement), rule->number },
		};
		return;
	}
	gathered->out.any_match |= match_of(statement);
	if (!gathered->out.any_rule || match_of(statement) == FW_MATCH_DENY)
		gathered->out.any_rule = rule->number;
}

/* From the first entry that is not before the node; gives the one behind its last. */
static size_t gather(const struct node *node, const struct entry *entries, size_t n, size_t i,
		     struct gathered *gathered)
{
	memset(&gathered->out, 0, sizeof(gathered->out));
	gathered->n = 0;
	for (; i < n && !compare_nodes(&entries[i].node, node); i++)
		gather_one(entries[i].rule, node->key.family, gathered);
	return i;
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
static int lists_make(struct container_policy *policy, const struct rule *all, size_t n_all, struct error *err)
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
			if (node_of(&all[i].statement, families[f], &node))
				code = list_add(list_of(policy, &node), node.key.length);
	return code ? error_set(err, -E2BIG, "more than %d different prefix lengths in one direction: use fewer",
				FW_LENGTHS_MAX)
		    : 0;
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

static int set_add(struct sets *sets, const struct fw_prefix_rules *rules)
{
	void *grown;

	if (!rules->port_set)
		return 0;
	grown = array_room(sets->item, sets->n, &sets->room, sizeof(*sets->item));
	if (!grown)
		return -ENOMEM;
	sets->item = grown;
	sets->item[sets->n++] = rules->port_set;
	return 0;
}

static int take_set(const void *key, const void *rules, void *context)
{
	(void)key;
	return set_add(context, rules);
}

/* In one walk, however many there are. */
static int sweep_ports(struct firewall *fw)
{
	struct sets named = { 0 };
	int code = map_walk(fw->map_fd[MAP_FW_RULES], take_set, &named);

	if (!code)
		code = map_walk(fw->map_fd[MAP_EGRESS_ALLOWLIST], take_set, &named);
	if (!code)
		code = rule_ports_drop_others(fw, named.item, named.n);
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

/* Sorted, each once. */
static size_t sort_nodes(struct node *nodes, size_t n)
{
	size_t i, kept = 0;

	if (n)
		qsort(nodes, n, sizeof(*nodes), compare_nodes);
	for (i = 0; i < n; i++)
		if (!kept || compare_nodes(&nodes[kept - 1], &nodes[i]))
			nodes[kept++] = nodes[i];
	return kept;
}

static size_t add_nodes(const struct fw_statement *statement, struct node *out, size_t n)
{
	n += node_of(statement, FW_IPV4, &out[n]);
	return n + node_of(statement, FW_IPV6, &out[n]);
}

static int rebuild_nodes(struct firewall *fw, const struct rule *changed, size_t n_changed, const struct rule *all,
			 size_t n_all, enum port_room room)
{
	struct gathered gathered = {
		.rules = malloc((n_all + 1) * sizeof(*gathered.rules)),
	};
	struct node *nodes = malloc((2 * n_changed + 1) * sizeof(*nodes));
	size_t n_nodes = 0, n_entries, i;
	struct entry *entries = entries_of(all, n_all, &n_entries);
	int code = gathered.rules && nodes && entries ? 0 : -ENOMEM;

	for (i = 0; !code && i < n_changed; i++)
		n_nodes = add_nodes(&changed[i].statement, nodes, n_nodes);
	if (!code)
		n_nodes = sort_nodes(nodes, n_nodes);
	for (i = 0; !code && i < n_nodes; i++) {
		gather(&nodes[i], entries, n_entries, first_entry(entries, n_entries, &nodes[i]), &gathered);
		code = write_node(fw, &nodes[i], &gathered, room);
	}
	free(entries);
	free(nodes);
	free(gathered.rules);
	return code;
}

int rule_nodes_failed(int code, struct error *err)
{
	if (is_full(code))
		return error_set(err, -E2BIG, "the rules' tables are full: revoke some");
	return error_set(err, code, "the rules' tables cannot be written: %s", strerror(-code));
}

/* A longer list takes force after its nodes are there, a shorter one is only less to look up: nodes come first. */
int rule_nodes_rebuild(struct firewall *fw, const struct rule *changed, size_t n_changed, const struct rule *all,
		       size_t n_all, enum port_room room, struct error *err)
{
	struct container_policy policy;
	__u32 key = changed[0].statement.rules;
	int code = policy_read_of(fw, key, &policy, err);

	if (!code)
		code = lists_make(&policy, all, n_all, err);
	if (!code)
		code = firewall_prepare(fw, NULL, container_policy_needs(&policy), err);
	if (code)
		return code;
	code = rebuild_nodes(fw, changed, n_changed, all, n_all, room);
	if (!code)
		code = sys_bpf_map_update(fw->map_fd[MAP_CONTAINER_POLICIES], &key, &policy, BPF_ANY);
	return code ? rule_nodes_failed(code, err) : 0;
}

void rule_nodes_begin(struct map_batch *batch, struct firewall *fw, __u8 direction)
{
	map_batch_begin(batch, fw, map_of(direction), sizeof(struct fw_prefix), sizeof(struct fw_prefix_rules));
}

static int add_all_nodes(struct map_batch *ports, struct map_batch nodes[2], const struct rule *all, size_t n_all)
{
	struct gathered gathered = {
		.rules = malloc((n_all + 1) * sizeof(*gathered.rules)),
	};
	size_t n, i = 0;
	struct entry *entries = entries_of(all, n_all, &n);
	int code = gathered.rules && entries ? 0 : -ENOMEM;

	while (!code && i < n) {
		const struct node *node = &entries[i].node;

		i = gather(node, entries, n, i, &gathered);
		code = rule_ports_add(ports, gathered.rules, gathered.n, &gathered.out.port_set);
		if (!code)
			code = map_batch_add(&nodes[node->direction], &node->key, &gathered.out);
	}
	free(entries);
	free(gathered.rules);
	return code;
}

int rule_nodes_add(struct map_batch *ports, struct map_batch nodes[2], const struct rule *all, size_t n_all,
		   struct container_policy *policy, struct error *err)
{
	int code = lists_make(policy, all, n_all, err);

	if (!code)
		code = firewall_prepare(ports->fw, NULL, container_policy_needs(policy), err);
	if (code)
		return code;
	code = add_all_nodes(ports, nodes, all, n_all);
	return code ? rule_nodes_failed(code, err) : 0;
}

/* ---- after a switch, or a command that was killed ---- */

/* Of those that stay, the sets of ports are kept in mind. */
struct dropping {
	__u8 direction;
	__u32 side;
	const struct node *nodes; /* of the side, those that stay */
	size_t n;
	struct sets named;
	bool left; /* sets of ports that no node names */
	int code;
};

static bool stays(const struct dropping *dropping, const struct fw_prefix *key)
{
	struct node wanted = { 0 };

	if (key->rules % FW_SIDES != dropping->side)
		return true;
	if (!dropping->n)
		return false;
	wanted.key = *key;
	wanted.direction = dropping->direction;
	return bsearch(&wanted, dropping->nodes, dropping->n, sizeof(wanted), compare_nodes) != NULL;
}

static enum map_edit drop_node(const void *key, void *rules, void *context)
{
	struct dropping *dropping = context;
	int code;

	if (!stays(dropping, key)) {
		dropping->left |= ((const struct fw_prefix_rules *)rules)->port_set != 0;
		return MAP_REMOVE;
	}
	code = set_add(&dropping->named, rules);
	dropping->code = dropping->code ? dropping->code : code;
	return MAP_KEEP;
}

/* The ports go last: one that a node names is never away. */
static int drop_nodes(struct firewall *fw, struct dropping *dropping, struct error *err)
{
	int code = 0;

	for (dropping->direction = FW_IN; !code && dropping->direction <= FW_OUT; dropping->direction++) {
		code = map_edit(table_of(fw, dropping->direction), drop_node, dropping);
		code = code ? code : dropping->code;
	}
	if (!code && dropping->left)
		code = rule_ports_drop_others(fw, dropping->named.item, dropping->named.n);
	free(dropping->named.item);
	return code ? error_set(err, code, "what is left of rules cannot be removed: %s", strerror(-code)) : 0;
}

int rule_nodes_drop_orphans(struct firewall *fw, const struct rule *all, size_t n_all, struct error *err)
{
	struct node *nodes = malloc((2 * n_all + 1) * sizeof(*nodes));
	struct dropping dropping = { .side = firewall_side(fw), .nodes = nodes, .left = true };
	size_t i;
	int code;

	if (!nodes)
		return error_set(err, -ENOMEM, "no memory for the rules");
	for (i = 0; i < n_all; i++)
		dropping.n = add_nodes(&all[i].statement, nodes, dropping.n);
	dropping.n = sort_nodes(nodes, dropping.n);
	code = drop_nodes(fw, &dropping, err);
	free(nodes);
	return code;
}

int rule_nodes_drop_other_side(struct firewall *fw, bool is_whole, struct error *err)
{
	struct dropping dropping = { .side = !FW_SIDE(fw->config.generation), .left = !is_whole };

	return drop_nodes(fw, &dropping, err);
}
