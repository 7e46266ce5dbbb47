/* SPDX-License-Identifier: GPL-2.0 */
/* A policy in order, its lines, and the lines by which two differ. */
#include "loader/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/limits.h"
#include "loader/statement.h"
#include "loader/timeouts.h"
#include "loader/words.h"

#define LINE_TEXT_MAX (STATEMENT_TEXT_MAX + FW_NAME_MAX + 300)

typedef int (*comparison)(const void *, const void *);

static int compare_rules(const void *left, const void *right)
{
	const struct policy_rule *a = left, *b = right;
	int order = a->name == b->name ? 0 : strcmp(a->name, b->name);

	return order ? order : statement_compare(&a->statement, &b->statement);
}

static int compare_texts(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(((const struct policy_settings *)left)->name, ((const struct policy_settings *)right)->name);
}

static void sort(void *items, size_t *n, size_t size, comparison compare)
{
	char *item = items;
	size_t i, kept = 0;

	if (*n)
		qsort(items, *n, size, compare);
	for (i = 0; i < *n; i++) {
		if (kept && !compare(item + (kept - 1) * size, item + i * size))
			continue;
		if (kept < i)
			memcpy(item + kept * size, item + i * size, size);
		kept++;
	}
	*n = kept;
}

static bool has_settings(const struct policy_settings *settings)
{
	return settings->limit.burst || settings->quota || settings->default_action;
}

/* What is as it is at first is not kept. */
static void forget_first(struct policy_settings *all)
{
	enum fw_timeout i;
	enum room room;

	if (limit_rate(&all->limit) == LIMIT_RATE_FIRST && all->limit.burst == LIMIT_BURST_FIRST)
		memset(&all->limit, 0, sizeof(all->limit));
	for (room = 0; room < ROOM_N; room++)
		if (all->room[room] == room_first(room))
			all->room[room] = 0;
	if (all->quota == room_quota(all->room[ROOM_CONNECTIONS]))
		all->quota = 0;
	for (i = 0; i < FW_TIMEOUT_N; i++)
		if (all->timeout_s[i] == timeout_default(i))
			all->timeout_s[i] = 0;
}

void policy_sort(struct policy *policy)
{
	struct policy_settings *item = policy->containers.item;
	size_t i, n, kept = 0;

	forget_first(&policy->all);
	for (i = 0; i < policy->containers.n; i++)
		if (has_settings(&item[i]) || item[i].said || item[i].ruled)
			item[kept++] = item[i];
	policy->containers.n = kept;
	sort(item, &policy->containers.n, sizeof(*item), compare_names);
	sort(policy->rules.item, &policy->rules.n, sizeof(struct policy_rule), compare_rules);
	for (i = 0; i < policy->containers.n; i++)
		item[i].denies = !has_settings(&item[i]) && !policy_rules_of(policy, item[i].name, &n);
	sort(policy->domains.item, &policy->domains.n, sizeof(char *), compare_texts);
	sort(policy->blocked.item, &policy->blocked.n, sizeof(struct prefix), prefix_compare);
}

const struct policy_settings *policy_settings_of(const struct policy *policy, const char *name)
{
	const struct policy_settings wanted = { .name = name };

	if (!policy->containers.n)
		return NULL;
	return bsearch(&wanted, policy->containers.item, policy->containers.n, sizeof(wanted), compare_names);
}

/* Where the rules of a name begin: the first that is not before it. */
static size_t first_rule(const struct policy *policy, const char *name, int beyond)
{
	const struct policy_rule *rule = policy->rules.item;
	size_t low = 0, high = policy->rules.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(rule[middle].name, name) < beyond)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct policy_rule *policy_rules_of(const struct policy *policy, const char *name, size_t *n)
{
	size_t first = first_rule(policy, name, 0), behind = first_rule(policy, name, 1);

	*n = behind - first;
	return *n ? (const struct policy_rule *)policy->rules.item + first : NULL;
}

int policy_take_container(struct policy *policy, const struct policy *from, const char *name)
{
	const struct policy_settings *settings = policy_settings_of(from, name);
	size_t n, i;
	const struct policy_rule *rule = policy_rules_of(from, name, &n);
	int code = settings ? policy_take_settings(policy, settings) : 0;

	for (i = 0; !code && i < n; i++)
		code = policy_add_rule(policy, name, &rule[i].statement, rule[i].number);
	return code;
}

bool policy_says(const struct policy *policy, const char *name)
{
	size_t n;

	return policy_settings_of(policy, name) || policy_rules_of(policy, name, &n);
}

/* ---- lines ---- */

typedef void (*line_writer)(const void *item, char line[LINE_TEXT_MAX]);

static void write_rule(const void *item, char line[LINE_TEXT_MAX])
{
	const struct policy_rule *rule = item;
	char room[STATEMENT_TEXT_MAX];

	snprintf(line, LINE_TEXT_MAX, "%s %s %s", action_print(rule->statement.action), rule->name,
		 statement_text(&rule->statement, room));
}

static void write_domain(const void *item, char line[LINE_TEXT_MAX])
{
	snprintf(line, LINE_TEXT_MAX, "dns block %s", *(const char *const *)item);
}

static void write_prefix(const void *item, char line[LINE_TEXT_MAX])
{
	char room[PREFIX_TEXT_MAX];

	snprintf(line, LINE_TEXT_MAX, "block %s", prefix_print(item, room));
}

/* ---- differences ---- */

struct differences {
	policy_visit visit;
	void *context;
	bool without_lines; /* the visit does not look at them */
};

static int tell(const struct differences *to, char sign, const void *item, line_writer write)
{
	char line[LINE_TEXT_MAX];

	if (!to->without_lines)
		write(item, line);
	return to->visit(sign, line, to->context);
}

/* Both are sorted and have nothing twice. */
static int compare_lists(const void *from, size_t n_from, const void *to, size_t n_to, size_t size, comparison compare,
			 line_writer write, const struct differences *differences)
{
	const char *a = from, *b = to;
	int code = 0;

	while (!code && (n_from || n_to)) {
		int order = !n_from ? 1 : !n_to ? -1 : compare(a, b);

		if (order < 0)
			code = tell(differences, '-', a, write);
		else if (order > 0)
			code = tell(differences, '+', b, write);
		if (order <= 0)
			a += size, n_from--;
		if (order >= 0)
			b += size, n_to--;
	}
	return code;
}

static void write_limit(const struct policy_settings *settings, char line[LINE_TEXT_MAX])
{
	char room[LIMIT_TEXT_MAX];

	snprintf(line, LINE_TEXT_MAX, "limit%s%s %s", settings->name ? " " : "", settings->name ? settings->name : "",
		 limit_print(&settings->limit, room));
}

static void write_quota(const struct policy_settings *settings, char line[LINE_TEXT_MAX])
{
	snprintf(line, LINE_TEXT_MAX, "quota%s%s %u", settings->name ? " " : "", settings->name ? settings->name : "",
		 settings->quota);
}

static void write_default(const struct policy_settings *settings, char line[LINE_TEXT_MAX])
{
	snprintf(line, LINE_TEXT_MAX, "default %s allow", settings->name);
}

static void write_deny(const struct policy_settings *settings, char line[LINE_TEXT_MAX])
{
	snprintf(line, LINE_TEXT_MAX, "default %s deny", settings->name);
}

static int tell_setting(const struct differences *to, const struct policy_settings *from_one,
			const struct policy_settings *to_one, bool from_has, bool to_has, bool same,
			void (*write)(const struct policy_settings *, char *))
{
	char line[LINE_TEXT_MAX];
	int code = 0;

	if (from_has && !(to_has && same)) {
		write(from_one, line);
		code = to->visit('-', line, to->context);
	}
	if (!code && to_has && !(from_has && same)) {
		write(to_one, line);
		code = to->visit('+', line, to->context);
	}
	return code;
}

static int compare_rooms(const struct policy_settings *from, const struct policy_settings *to,
			 const struct differences *differences)
{
	char line[LINE_TEXT_MAX];
	enum room i;
	int code = 0;

	for (i = 0; !code && i < ROOM_N; i++) {
		if (from->room[i] == to->room[i])
			continue;
		if (from->room[i]) {
			snprintf(line, sizeof(line), "room %s %u", room_name(i), from->room[i]);
			code = differences->visit('-', line, differences->context);
		}
		if (!code && to->room[i]) {
			snprintf(line, sizeof(line), "room %s %u", room_name(i), to->room[i]);
			code = differences->visit('+', line, differences->context);
		}
	}
	return code;
}

static int compare_timeouts(const struct policy_settings *from, const struct policy_settings *to,
			    const struct differences *differences)
{
	char line[LINE_TEXT_MAX];
	enum fw_timeout i;
	int code = 0;

	for (i = 0; !code && i < FW_TIMEOUT_N; i++) {
		if (from->timeout_s[i] == to->timeout_s[i])
			continue;
		if (from->timeout_s[i]) {
			snprintf(line, sizeof(line), "timeout %s %u", timeout_name(i), from->timeout_s[i]);
			code = differences->visit('-', line, differences->context);
		}
		if (!code && to->timeout_s[i]) {
			snprintf(line, sizeof(line), "timeout %s %u", timeout_name(i), to->timeout_s[i]);
			code = differences->visit('+', line, differences->context);
		}
	}
	return code;
}

static int compare_settings(const struct policy_settings *from, const struct policy_settings *to,
			    const struct differences *differences)
{
	int code = tell_setting(differences, from, to, from->default_action, to->default_action, true, write_default);

	if (!code)
		code = tell_setting(differences, from, to, from->denies, to->denies, true, write_deny);
	if (!code)
		code = tell_setting(differences, from, to, from->limit.burst, to->limit.burst,
				    !memcmp(&from->limit, &to->limit, sizeof(from->limit)), write_limit);
	if (!code)
		code = tell_setting(differences, from, to, from->quota, to->quota, from->quota == to->quota,
				    write_quota);
	if (!code)
		code = compare_rooms(from, to, differences);
	return code ? code : compare_timeouts(from, to, differences);
}

static int compare_containers(const struct policy *from, const struct policy *to, const struct differences *differences)
{
	static const struct policy_settings none;
	const struct policy_settings *a = from->containers.item, *b = to->containers.item;
	size_t n_a = from->containers.n, n_b = to->containers.n;
	int code = 0;

	while (!code && (n_a || n_b)) {
		int order = !n_a ? 1 : !n_b ? -1 : strcmp(a->name, b->name);

		code = compare_settings(order <= 0 ? a : &none, order >= 0 ? b : &none, differences);
		if (order <= 0)
			a++, n_a--;
		if (order >= 0)
			b++, n_b--;
	}
	return code;
}

static int compare_all(const struct policy *from, const struct policy *to, const struct differences *differences)
{
	int code = compare_settings(&from->all, &to->all, differences);

	if (!code)
		code = compare_containers(from, to, differences);
	if (!code)
		code = compare_lists(from->rules.item, from->rules.n, to->rules.item, to->rules.n,
				     sizeof(struct policy_rule), compare_rules, write_rule, differences);
	if (!code)
		code = compare_lists(from->blocked.item, from->blocked.n, to->blocked.item, to->blocked.n,
				     sizeof(struct prefix), prefix_compare, write_prefix, differences);
	if (!code)
		code = compare_lists(from->domains.item, from->domains.n, to->domains.item, to->domains.n,
				     sizeof(char *), compare_texts, write_domain, differences);
	return code;
}

int policy_compare(const struct policy *from, const struct policy *to, policy_visit visit, void *context)
{
	static const struct policy nothing;
	const struct differences differences = { visit, context, false };

	return compare_all(from ? from : &nothing, to, &differences);
}

static int count(char sign, const char *line, void *context)
{
	struct policy_difference *difference = context;

	(void)line;
	difference->added += sign == '+';
	difference->removed += sign == '-';
	return 0;
}

struct policy_difference policy_difference(const struct policy *from, const struct policy *to)
{
	struct policy_difference difference = { 0 };
	const struct differences differences = { count, &difference, true };

	compare_all(from, to, &differences);
	return difference;
}
