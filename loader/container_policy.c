/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/container_policy.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/container.h"
#include "loader/policy.h"
#include "loader/policy_file.h"
#include "loader/policy_force.h"
#include "loader/rule_tables.h"
#include "loader/words.h"

/* ---- lines ---- */

int container_policy_path(const char *dir, const char *name, char path[CONTAINER_POLICY_PATH_MAX], struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	const char *part = name;

	for (; part; part = strchr(part, '/'), part += part != NULL)
		if (!*part || *part == '.' || *part == '/')
			return error_set(
				err, -EINVAL,
				"policy file %s: no part of the name may be empty or begin with a dot: name one "
				"below %.200s",
				word_shown(name, shown), dir);
	if (snprintf(path, CONTAINER_POLICY_PATH_MAX, "%s/%s", dir, name) >= CONTAINER_POLICY_PATH_MAX)
		return error_set(err, -EINVAL, "policy file %s: the name is too long", word_shown(name, shown));
	return 0;
}

/* What comes with a container is said by no file that rules it. */
static int add_source(struct policy *policy, const struct policy_source *source, struct error *err)
{
	struct error first = { 0 };
	int code = policy_source_read(source, policy, policy_file_first, &first, err);
	struct policy_settings *settings = policy_settings(policy, source->container);

	if (first.code && err)
		*err = first;
	if (settings)
		settings->said = false;
	return code;
}

int container_policy_add_file(struct policy *policy, const char *container, const char *path, struct error *err)
{
	const struct policy_source source = { .name = path, .container = container };

	return add_source(policy, &source, err);
}

int container_policy_add_text(struct policy *policy, const char *container, const char *label, const char *text,
			      struct error *err)
{
	const struct policy_source source = { .name = label, .text = text, .container = container };

	return add_source(policy, &source, err);
}

/* ---- what is in force ---- */

static int add_others(struct policy *to, const struct policy *from, const char *container)
{
	const struct policy_settings *settings = from->containers.item;
	const struct policy_rule *rule = from->rules.item;
	size_t i;
	int code = 0;

	for (i = 0; !code && i < from->containers.n; i++)
		if (strcmp(settings[i].name, container))
			code = policy_take_settings(to, &settings[i]);
	for (i = 0; !code && i < from->rules.n; i++)
		if (strcmp(rule[i].name, container))
			code = policy_add_rule(to, rule[i].name, &rule[i].statement, rule[i].number);
	return code;
}

static int read_in_force(struct firewall *fw, struct policy *out, struct error *err)
{
	int code = policy_new(out);

	return code ? error_set(err, code, "no memory for the policy") : policy_read_containers(fw, out, err);
}

int container_policy_in_force(struct firewall *fw, const char *container, struct policy *policy, struct error *err)
{
	struct policy all;
	int code = read_in_force(fw, &all, err);

	if (!code && policy_take_container(policy, &all, container))
		code = error_set(err, -ENOMEM, "no memory for the policy");
	policy_free(&all);
	return code;
}

static int is_change(char sign, const char *line, void *context)
{
	(void)sign, (void)line, (void)context;
	return 1;
}

static int make_next(const struct policy *from, const char *container, const struct policy *policy, struct policy *out)
{
	int code = policy_new(out);

	out->all = from->all;
	if (!code)
		code = add_others(out, from, container);
	if (!code && policy)
		code = policy_take_container(out, policy, container);
	if (!code)
		policy_sort(out);
	return code;
}

/* ---- of one that no packet is judged by yet, or any more: without the others ---- */

static void take_settings(struct fw_container *record, const struct policy_settings *own)
{
	if (own) {
		record->limit = own->limit;
		record->quota = own->quota;
		record->default_action = own->default_action;
	}
	record->default_stays = 1;
	record->limits_stay = 1;
}

static int remove_rules(struct firewall *fw, const struct fw_container *record, struct error *err)
{
	struct rule *rules;
	size_t n, i;
	int code = rules_read(fw, record->id, &rules, &n);

	if (code)
		return error_set(err, code, "the rules cannot be read: %s", strerror(-code));
	for (i = 0; !code && i < n; i++)
		code = rules_remove(fw, &rules[i].statement, err);
	free(rules);
	return code;
}

static int add_rules(struct firewall *fw, const char *container, const struct fw_container *record,
		     const struct policy *policy, struct error *err)
{
	size_t n, i;
	const struct policy_rule *rule = policy_rules_of(policy, container, &n);
	struct fw_statement statement;
	int code = container_save(fw, container, record, err);

	for (i = 0; !code && i < n; i++) {
		statement = rule[i].statement;
		statement.rules = FW_RULES(record->id, firewall_side(fw));
		code = rules_add(fw, &statement, err);
	}
	return code;
}

/* What was there before, without rules, is there again where this fails. */
static int put_alone(struct firewall *fw, const char *container, const struct fw_container *before,
		     const struct policy *policy, struct error *err)
{
	struct fw_container record = *before;
	int code = policy_change_begin(fw, err), end;

	if (code)
		return code;
	take_settings(&record, policy_settings_of(policy, container));
	code = add_rules(fw, container, &record, policy, err);
	if (code) {
		remove_rules(fw, before, NULL);
		container_save(fw, container, before, NULL);
	}
	end = policy_change_end(fw, err);
	return code ? code : end;
}

static int remove_alone(struct firewall *fw, const char *container, const struct fw_container *record,
			struct error *err)
{
	int code = policy_change_begin(fw, err), end;

	if (code)
		return code;
	code = remove_rules(fw, record, err);
	if (!code)
		code = container_remove(fw, container, record, err);
	end = policy_change_end(fw, err);
	return code ? code : end;
}

/* ---- of one among others, in one step ---- */

static int put_among(struct firewall *fw, const char *container, const struct policy *policy, struct error *err)
{
	struct policy from, to = { 0 };
	int code = read_in_force(fw, &from, err);

	if (!code && make_next(&from, container, policy, &to))
		code = error_set(err, -ENOMEM, "no memory for the policy");
	if (!code && policy_compare(&from, &to, is_change, NULL))
		code = policy_switch(fw, &from, &to, 0, err);
	policy_free(&from);
	policy_free(&to);
	return code;
}

/* Where there is no room for its rules, a switch makes some. */
int container_policy_put(struct firewall *fw, const char *container, const struct policy *policy, struct error *err)
{
	struct fw_container record;
	struct error why = { 0 };
	int code = container_find(fw, container, &record, NULL);

	if (code && (code != -ENOENT || !policy))
		return code == -ENOENT ? 0 : error_set(err, code, "%s: its record cannot be read", container);
	if (!code && !policy && !record.attached)
		return remove_alone(fw, container, &record, err);
	if (!code && policy && !record.attached && !rules_count(fw, record.id)) {
		code = put_alone(fw, container, &record, policy, &why);
		if (code != -E2BIG)
			return code ? error_set(err, code, "%s", why.text) : 0;
	}
	return put_among(fw, container, policy, err);
}
