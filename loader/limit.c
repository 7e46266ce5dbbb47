/* SPDX-License-Identifier: GPL-2.0 */
/* limit [[NAME] rate N burst N|off] */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/container.h"
#include "loader/json.h"
#include "loader/limits.h"
#include "loader/words.h"

#define BURST_MAX 1000000ULL

static int take_number(const char *what, char **words, __u64 max, __u64 *out, struct error *err)
{
	char shown[WORD_SHOWN_MAX];

	if (!words[0] || strcmp(words[0], what))
		return usage_error(err, "limit: %s is missing: write limit [NAME] rate N burst N, or limit [NAME] off",
				   what);
	if (!words[1])
		return usage_error(err, "limit: %s: the number is missing: write %s N", what, what);
	if (word_number(words[1], max, out) || !*out)
		return usage_error(err, "limit: %s %s: use a number of 1 to %llu", what, word_shown(words[1], shown),
				   (unsigned long long)max);
	return 0;
}

static bool is_off(char **words)
{
	return words[0] && !strcmp(words[0], "off");
}

int limit_parse(char **words, struct limit_words *wanted, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	int status;

	memset(wanted, 0, sizeof(*wanted));
	if (words[0] && strcmp(words[0], "rate") && (words[1] || !is_off(words))) {
		wanted->name = *words++;
		if (container_check_name(wanted->name, err))
			return EXIT_USAGE;
	}
	if (is_off(words))
		return words[1] ? usage_error(err, "limit: %s: nothing follows off: leave it out",
					      word_shown(words[1], shown))
				: 0;
	status = take_number("rate", words, LIMIT_RATE_MAX, &wanted->rate, err);
	if (!status)
		status = take_number("burst", words + 2, BURST_MAX, &wanted->burst, err);
	if (!status && words[4])
		status = usage_error(
			err, "limit: %s: not understood here: write limit [NAME] rate N burst N, or limit [NAME] off",
			word_shown(words[4], shown));
	return status;
}

static int change(struct firewall *fw, const struct limit_words *wanted, struct error *err)
{
	struct fw_container record;
	struct fw_limit limit;
	int code = wanted->name ? container_find(fw, wanted->name, &record, err) : 0, end;

	if (code || fw->options->dry_run)
		return code;
	limit_set(&limit, wanted->rate, (__u32)wanted->burst);
	if (!wanted->name) {
		fw->config.limit = limit;
		return firewall_write_config(fw, err);
	}
	record.limit = limit;
	code = policy_change_begin(fw, err);
	if (code)
		return code;
	code = container_save(fw, wanted->name, &record, err);
	end = policy_change_end(fw, err);
	return code ? code : end;
}

static void one_json(struct json *json, const char *name, const struct fw_limit *limit)
{
	json_object(json);
	json_member(json, "container", name);
	limit_json(json, limit);
	json_end_object(json);
}

static void report(const struct options *options, const struct limit_words *wanted)
{
	struct fw_limit limit;
	struct json json;

	if (!options->json)
		return;
	limit_set(&limit, wanted->rate, (__u32)wanted->burst);
	json_begin(&json, stdout);
	one_json(&json, wanted->name ? wanted->name : "", &limit);
	json_finish(&json);
}

/* Those in force, as the commands that would set them; `json` NULL: for people. */
static void print_one(struct json *json, const char *name, const struct fw_limit *limit)
{
	char room[LIMIT_TEXT_MAX];

	if (json)
		one_json(json, name, limit);
	else
		printf("limit%s%s %s\n", *name ? " " : "", name, limit_print(limit, room));
}

static int print_own(const char *name, const struct fw_container *record, void *context)
{
	if (record->limit.burst)
		print_one(context, name, &record->limit);
	return 0;
}

static int print_all(const struct options *options, struct error *err)
{
	struct json json, *to = options->json ? &json : NULL;
	struct firewall fw;
	int code = firewall_open(&fw, options, FIREWALL_READ, err);

	if (code)
		return exit_status_of(code);
	if (to) {
		json_begin(to, stdout);
		json_array(to);
	}
	print_one(to, "", &fw.config.limit);
	code = container_each(&fw, print_own, to);
	if (to) {
		json_end_array(to);
		json_finish(to);
	}
	firewall_close(&fw);
	if (code)
		error_set(err, code, "the containers cannot be read: %s", strerror(-code));
	return exit_status_of(code);
}

int limit_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct limit_words wanted;
	struct firewall fw;
	int code;

	if (!n_words)
		return print_all(options, err);
	if (limit_parse(words, &wanted, err))
		return EXIT_USAGE;
	code = firewall_open(&fw, options, options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, err);
	if (code)
		return exit_status_of(code);
	code = change(&fw, &wanted, err);
	firewall_close(&fw);
	if (!code)
		report(options, &wanted);
	return exit_status_of(code);
}
