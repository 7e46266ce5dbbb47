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

/* ---- which rule holds between two edges ---- */

struct span {
	const struct port_rule *rule; /* NULL: none yet */
	size_t next;                  /* where to look for one without a rule: itself, or further on */
};

static size_t next_free(struct span *spans, size_t i)
{
	while (spans[i].next != i) {
		spans[i].next = spans[spans[i].next].next;
		i = spans[i].next;
	}
	return i;
}

static size_t edge_at(const __u32 *edges, size_t n, __u32 port)
{
	return (size_t)((const __u32 *)bsearch(&port, edges, n, sizeof(*edges), compare_edges) - edges);
}

/* Gives each rule the spans in its range that no rule before has taken. */
static void take_spans(const struct port_rule *rules, size_t n, int match, const __u32 *edges, size_t n_edges,
		       struct span *spans)
{
	size_t i, at, end;

	for (i = 0; i < n; i++) {
		if (rules[i].match != match)
			continue;
		end = edge_at(edges, n_edges, rules[i].high + 1u);
		for (at = next_free(spans, edge_at(edges, n_edges, rules[i].low)); at < end;
		     at = next_free(spans, at)) {
			spans[at].rule = &rules[i];
			spans[at].next = at + 1;
		}
	}
}

/* A span for each edge, the last without a rule; a deny holds before an allow, and else the first. NULL: no memory. */
static struct span *spans_of(const struct port_rule *rules, size_t n, const __u32 *edges, size_t n_edges)
{
	struct span *spans = calloc(n_edges + 1, sizeof(*spans));
	size_t i;

	for (i = 0; spans && i <= n_edges; i++)
		spans[i].next = i;
	if (spans) {
		take_spans(rules, n, FW_MATCH_DENY, edges, n_edges, spans);
		take_spans(rules, n, FW_MATCH_ALLOW, edges, n_edges, spans);
	}
	return spans;
}

/* ---- ranges as prefixes ---- */

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

/* Neighbouring spans of one rule are one range. */
static int build(struct builder *builder, const struct span *spans, const __u32 *edges, size_t n_edges)
{
	size_t i = 0;

	while (i + 1 < n_edges) {
		const struct port_rule *rule = spans[i].rule;
		size_t j = i + 1;

		while (j + 1 < n_edges && spans[j].rule == rule)
			j++;
		if (rule && add_range(builder, edges[i], edges[j], rule))
			return -ENOMEM;
		i = j;
	}
	return 0;
}

static int build_all(struct builder *builder, const struct port_rule *rules, size_t n)
{
	__u32 *edges = malloc((2 * n + 1) * sizeof(*edges));
	size_t n_edges = edges ? edges_of(rules, n, edges) : 0;
	struct span *spans = edges ? spans_of(rules, n, edges, n_edges) : NULL;
	int code = spans ? build(builder, spans, edges, n_edges) : -ENOMEM;

	free(spans);
	free(edges);
	return code;
}

int port_set_make(const struct port_rule *rules, size_t n, struct port_prefix **out, size_t *n_out)
{
	struct builder builder = { 0 };
	int code = n == 1 ? add_range(&builder, rules->low, rules->high + 1u, rules) : build_all(&builder, rules, n);

	*out = NULL;
	*n_out = 0;
	if (code) {
		free(builder.item);
		return code;
	}
	*out = builder.item;
	*n_out = builder.n;
	return 0;
}
