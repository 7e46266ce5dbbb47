/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/port_set.h"

#include <errno.h>
#include <stdlib.h>

#include "bpf/fw_abi.h"
#include "loader/array.h"

#define PORTS 65536u

static int compare_edges(const void *left, const void *right)
{
	__u32 a = *(const __u32 *)left, b = *(const __u32 *)right;

	return (a > b) - (a < b);
}

/* The ports at which what is said may change, sorted, each once, ended by PORTS. */
static size_t edges_of(const struct port_rule *rules, size_t n, __u32 *edges)
{
	size_t i, n_edges = 0, kept = 0;

	for (i = 0; i < n; i++) {
		edges[n_edges++] = rules[i].low;
		edges[n_edges++] = rules[i].high + 1u;
	}
	qsort(edges, n_edges, sizeof(*edges), compare_edges);
	for (i = 0; i < n_edges; i++)
		if (!kept || edges[kept - 1] != edges[i])
			edges[kept++] = edges[i];
	return kept;
}

/* The rule that holds at a port: a deny if there is one. */
static const struct port_rule *rule_at(const struct port_rule *rules, size_t n, __u32 port)
{
	const struct port_rule *found = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (port < rules[i].low || port > rules[i].high)
			continue;
		if (rules[i].match == FW_MATCH_DENY)
			return &rules[i];
		found = found ? found : &rules[i];
	}
	return found;
}

struct builder {
	struct port_prefix *item;
	size_t n, room;
};

static int add(struct builder *builder, __u32 port, unsigned length, const struct port_rule *rule)
{
	void *grown = array_room(builder->item, builder->n, &builder->room, sizeof(*builder->item));
	if (!grown)
		return -ENOMEM;
	builder->item = grown;
	builder->item[builder->n++] = (struct port_prefix) { (__u16)port, (__u8)length, rule->match, rule->rule };
	return 0;
}

/* A range as aligned powers of two. */
static int add_range(struct builder *builder, __u32 low, __u32 end, const struct port_rule *rule)
{
	while (low < end) {
		unsigned length = 0;

		while (low & ((PORTS >> length) - 1) || low + (PORTS >> length) > end)
			length++;
		if (add(builder, low, length, rule))
			return -ENOMEM;
		low += PORTS >> length;
	}
	return 0;
}

/* Rules that hold for neighbouring ranges and say the same in the same words are one range. */
static int build(struct builder *builder, const struct port_rule *rules, size_t n, const __u32 *edges, size_t n_edges)
{
	size_t i = 0;

	while (i + 1 < n_edges) {
		const struct port_rule *rule = rule_at(rules, n, edges[i]);
		size_t j = i + 1;

		while (j + 1 < n_edges && rule_at(rules, n, edges[j]) == rule)
			j++;
		if (rule && add_range(builder, edges[i], edges[j], rule))
			return -ENOMEM;
		i = j;
	}
	return 0;
}

int port_set_make(const struct port_rule *rules, size_t n, struct port_prefix **out, size_t *n_out)
{
	struct builder builder = { 0 };
	__u32 *edges = malloc((2 * n + 1) * sizeof(*edges));
	int code;

	*out = NULL;
	*n_out = 0;
	if (!edges)
		return -ENOMEM;
	code = build(&builder, rules, n, edges, edges_of(rules, n, edges));
	free(edges);
	if (code) {
		free(builder.item);
		return code;
	}
	*out = builder.item;
	*n_out = builder.n;
	return 0;
}
