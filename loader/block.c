/* SPDX-License-Identifier: GPL-2.0 */
/* block, unblock, blocked */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/blocklist.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/json.h"
#include "loader/lines.h"

static int take_word(const char *word, void *context, struct error *err)
{
	struct prefix prefix;
	int code = prefix_parse(word, &prefix, err);

	if (!code && prefix_list_add(context, &prefix))
		code = error_set(err, -ENOMEM, "no memory for so many prefixes");
	return code;
}

/* PREFIX... or -f FILE */
static int take_words(const char *command, char **words, struct prefix_list *list, struct error *err)
{
	int code = 0;

	if (!words[0]) {
		usage_error(err, "%s: nothing is named: write PREFIX... or -f FILE", command);
		return -EINVAL;
	}
	if (!strcmp(words[0], "-f")) {
		if (words[1] && !words[2])
			return lines_read(words[1], take_word, list, err);
		usage_error(err, "%s: -f takes one file and nothing else: write -f FILE, - for standard input",
			    command);
		return -EINVAL;
	}
	for (; !code && *words; words++)
		code = take_word(*words, list, err);
	return code;
}

static void report(const struct options *options, const char *key, const char *dry, size_t n)
{
	struct json json;

	if (options->json) {
		json_begin(&json, stdout);
		json_object(&json);
		json_member_unsigned(&json, key, n);
		json_end_object(&json);
		json_finish(&json);
	} else if (options->dry_run && !options->quiet) {
		printf("would %s %zu\n", dry, n);
	}
}

static int change(const struct options *options, struct prefix_list *list,
		  int (*carry_out)(struct firewall *, const struct prefix_list *, struct error *),
		  int (*prepare)(struct firewall *, struct prefix_list *, struct error *), struct error *err)
{
	struct firewall fw;
	int code = firewall_open(&fw, options, options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, err), end;

	if (code)
		return code;
	if (prepare)
		code = prepare(&fw, list, err);
	if (!code && !options->dry_run) {
		code = policy_change_begin(&fw, err);
		if (!code) {
			code = carry_out(&fw, list, err);
			end = policy_change_end(&fw, err);
			code = code ? code : end;
		}
	}
	firewall_close(&fw);
	return code;
}

int block_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct prefix_list list = { 0 };
	int code = take_words("block", words, &list, err), status;

	(void)n_words;
	if (code) {
		prefix_list_free(&list);
		return code == -EINVAL ? EXIT_USAGE : exit_status_of(code);
	}
	code = change(options, &list, blocklist_add, NULL, err);
	if (!code)
		report(options, "blocked", "block", list.n);
	status = code == -E2BIG ? EXIT_USAGE : exit_status_of(code);
	prefix_list_free(&list);
	return status;
}

static int check_there(struct firewall *fw, struct prefix_list *list, struct error *err)
{
	char room[PREFIX_TEXT_MAX];
	size_t i;

	for (i = 0; i < list->n; i++)
		if (!blocklist_has(fw, &list->item[i]))
			return error_set(err, -ENOENT, "%s: it is not blocked: see `bulkhead blocked`",
					 prefix_print(&list->item[i], room));
	return 0;
}

/* All that is there when the change begins. */
static int take_all(struct firewall *fw, struct prefix_list *list, struct error *err)
{
	int code = blocklist_read(fw, list);

	return code ? error_set(err, code, "the blocklist cannot be read: %s", strerror(-code)) : 0;
}

int unblock_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct prefix_list list = { 0 };
	int code;

	if (n_words == 1 && !strcmp(words[0], "all")) {
		code = change(options, &list, blocklist_remove, take_all, err);
	} else {
		code = take_words("unblock", words, &list, err);
		if (code) {
			prefix_list_free(&list);
			return code == -EINVAL ? EXIT_USAGE : exit_status_of(code);
		}
		code = change(options, &list, blocklist_remove, check_there, err);
	}
	if (!code)
		report(options, "unblocked", "unblock", list.n);
	prefix_list_free(&list);
	return exit_status_of(code);
}

static void print_list(const struct options *options, const struct prefix_list *list)
{
	char room[PREFIX_TEXT_MAX];
	struct json json;
	size_t i;

	if (!options->json) {
		for (i = 0; i < list->n; i++)
			printf("%s\n", prefix_print(&list->item[i], room));
		return;
	}
	json_begin(&json, stdout);
	json_array(&json);
	for (i = 0; i < list->n; i++) {
		json_object(&json);
		json_member(&json, "prefix", prefix_print(&list->item[i], room));
		json_end_object(&json);
	}
	json_end_array(&json);
	json_finish(&json);
}

int blocked_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct prefix_list list;
	struct firewall fw;
	int code;

	(void)words;
	if (n_words)
		return usage_error(err, "blocked: it takes no words");
	code = firewall_open(&fw, options, FIREWALL_READ, err);
	if (code)
		return exit_status_of(code);
	code = blocklist_read(&fw, &list);
	if (code)
		error_set(err, code, "the blocklist cannot be read: %s", strerror(-code));
	else
		print_list(options, &list);
	if (!code)
		prefix_list_free(&list);
	firewall_close(&fw);
	return exit_status_of(code);
}
