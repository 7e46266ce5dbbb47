/* SPDX-License-Identifier: GPL-2.0 */
/* allow, deny, revoke, rules */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/container.h"
#include "loader/json.h"
#include "loader/rule_tables.h"
#include "loader/statement.h"
#include "loader/words.h"
#include "syscalls/bpf.h"

static int parse(char **words, struct fw_statement *statement, struct error *err)
{
	if (!words[0]) {
		usage_error(err, "rule: the container's name is missing: NAME in|out PROTO [from|to PREFIX|any] [port "
				 "N[-M]]");
		return -EINVAL;
	}
	return container_check_name(words[0], err) ? -EINVAL : statement_parse(words + 1, statement, err);
}

static void report(const struct options *options, const char *word, const char *name,
		   const struct fw_statement *statement)
{
	char room[STATEMENT_TEXT_MAX];
	struct json json;

	if (options->json) {
		json_begin(&json, stdout);
		json_object(&json);
		json_member(&json, "container", name);
		statement_json(&json, statement);
		json_end_object(&json);
		json_finish(&json);
	} else if (options->dry_run && !options->quiet) {
		printf("would %s %s %s\n", word, name, statement_text(statement, room));
	}
}

/* A name that was only made for this rule goes again where the rule could not be made. */
static void forget_if_unused(struct firewall *fw, const char *name, const struct fw_container *record)
{
	struct error ignored = { 0 };

	if (!record->attached && !container_stays(record) && !rules_count(fw, record->id))
		container_remove(fw, name, record, &ignored);
}

static int add(struct firewall *fw, const char *name, struct fw_statement *statement, struct error *err)
{
	struct fw_container record;
	int code = container_ensure(fw, name, &record, err), end;

	if (code)
		return code;
	statement->rules = FW_RULES(record.id, firewall_side(fw));
	code = policy_change_begin(fw, err);
	if (code)
		return code;
	code = rules_add(fw, statement, err);
	end = policy_change_end(fw, err);
	if (code)
		forget_if_unused(fw, name, &record);
	return code ? code : end;
}

static int add_rule(const struct options *options, __u8 action, char **words, struct error *err)
{
	struct fw_statement statement;
	struct firewall fw;
	int code;

	if (parse(words, &statement, err))
		return EXIT_USAGE;
	statement.action = action;
	code = firewall_open(&fw, options, options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, err);
	if (code)
		return exit_status_of(code);
	if (!options->dry_run)
		code = add(&fw, words[0], &statement, err);
	firewall_close(&fw);
	if (!code)
		report(options, action_print(action), words[0], &statement);
	return exit_status_of(code);
}

int allow_run(const struct options *options, int n_words, char **words, struct error *err)
{
	(void)n_words;
	return add_rule(options, FW_PASS, words, err);
}

int deny_run(const struct options *options, int n_words, char **words, struct error *err)
{
	(void)n_words;
	return add_rule(options, FW_DROP, words, err);
}

#define REVOKED(action) (1 << (action))

static const __u8 actions[] = { FW_PASS, FW_DROP };

/* The words do not say whether it was allow or deny: where both stand, both go. Gives which there were, or -errno. */
static int remove_both(struct firewall *fw, struct fw_statement *statement, struct error *err)
{
	struct fw_statement_info info;
	int removed = 0, code = 0;
	__u8 found = FW_PASS;
	unsigned i;

	for (i = 0; code >= 0 && i < 2; i++) {
		statement->action = actions[i];
		if (sys_bpf_map_lookup(fw->map_fd[MAP_RULE_STATEMENTS], statement, &info))
			continue;
		if (!fw->options->dry_run)
			code = rules_remove(fw, statement, err);
		found = actions[i];
		removed |= REVOKED(actions[i]);
	}
	statement->action = found;
	return code < 0 ? code : removed;
}

static int revoke(struct firewall *fw, const char *name, struct fw_statement *statement, int *revoked,
		  struct error *err)
{
	struct fw_container record;
	char room[STATEMENT_TEXT_MAX];
	int code = container_find(fw, name, &record, err), removed, end = 0;

	if (code)
		return code;
	statement->rules = FW_RULES(record.id, firewall_side(fw));
	if (!fw->options->dry_run)
		code = policy_change_begin(fw, err);
	if (code)
		return code;
	removed = remove_both(fw, statement, err);
	if (!fw->options->dry_run)
		end = policy_change_end(fw, err);
	if (removed < 0)
		return removed;
	*revoked = removed;
	if (!removed)
		return error_set(err, -ENOENT, "%s %s: there is no such rule: see `bulkhead rules %s`", name,
				 statement_text(statement, room), name);
	if (!fw->options->dry_run)
		forget_if_unused(fw, name, &record);
	return end;
}

static void report_revoked(const struct options *options, const char *name, const struct fw_statement *statement,
			   int revoked)
{
	char room[STATEMENT_TEXT_MAX];
	struct json json;
	unsigned i;

	if (options->json) {
		json_begin(&json, stdout);
		json_object(&json);
		json_member(&json, "container", name);
		statement_json(&json, statement);
		json_key(&json, "revoked");
		json_array(&json);
		for (i = 0; i < 2; i++)
			if (revoked & REVOKED(actions[i]))
				json_string(&json, action_print(actions[i]));
		json_end_array(&json);
		json_end_object(&json);
		json_finish(&json);
		return;
	}
	for (i = 0; i < 2 && !options->quiet; i++)
		if (revoked & REVOKED(actions[i]))
			printf("%s %s %s %s\n", options->dry_run ? "would revoke" : "revoked", action_print(actions[i]),
			       name, statement_text(statement, room));
}

int revoke_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct fw_statement statement;
	struct firewall fw;
	int code, revoked = 0;

	(void)n_words;
	if (parse(words, &statement, err))
		return EXIT_USAGE;
	code = firewall_open(&fw, options, options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, err);
	if (code)
		return exit_status_of(code);
	code = revoke(&fw, words[0], &statement, &revoked, err);
	firewall_close(&fw);
	if (!code)
		report_revoked(options, words[0], &statement, revoked);
	return exit_status_of(code);
}

/* ---- rules [NAME] ---- */

struct listing {
	struct firewall *fw;
	struct json *json; /* NULL: for people */
};

static void print_one(struct listing *listing, const char *name, const struct rule *rule)
{
	const struct fw_statement *statement = &rule->statement;
	char room[STATEMENT_TEXT_MAX];

	if (!listing->json) {
		printf("%s %s %s\n", action_print(statement->action), name, statement_text(statement, room));
		return;
	}
	json_object(listing->json);
	json_member_unsigned(listing->json, "rule", rule->number);
	json_member(listing->json, "container", name);
	statement_json(listing->json, statement);
	json_end_object(listing->json);
}

static int print_container(const char *name, const struct fw_container *record, void *context)
{
	struct listing *listing = context;
	struct rule *rules = NULL;
	size_t n = 0, i;
	int code = rules_read(listing->fw, record->id, &rules, &n);

	if (!code && n)
		qsort(rules, n, sizeof(*rules), statement_compare); /* which comes first in it */
	for (i = 0; !code && i < n; i++)
		print_one(listing, name, &rules[i]);
	free(rules);
	return code;
}

static int list_rules(struct listing *listing, const char *only, struct error *err)
{
	struct fw_container record;
	int code;

	if (only) {
		code = container_find(listing->fw, only, &record, err);
		return code ? code : print_container(only, &record, listing);
	}
	return container_each(listing->fw, print_container, listing);
}

int rules_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct listing listing = { 0 };
	struct fw_container record;
	struct firewall fw;
	struct json json;
	int code;

	if (n_words > 1)
		return usage_error(err, "rules: at most one container's name: rules [NAME]");
	if (n_words && container_check_name(words[0], err))
		return EXIT_USAGE;
	code = firewall_open(&fw, options, FIREWALL_READ, err);
	if (code)
		return exit_status_of(code);
	listing.fw = &fw;
	code = n_words ? container_find(&fw, words[0], &record, err) : 0;
	if (!code && options->json) {
		listing.json = &json;
		json_begin(&json, stdout);
		json_array(&json);
	}
	if (!code)
		code = list_rules(&listing, words[0], err);
	if (listing.json) {
		json_end_array(&json);
		json_finish(&json);
	}
	firewall_close(&fw);
	if (code)
		error_set(err, code, "the rules cannot be read: %s", strerror(-code));
	return exit_status_of(code);
}
