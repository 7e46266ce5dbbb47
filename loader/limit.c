/* SPDX-License-Identifier: GPL-2.0 */
/* limit [NAME] rate N burst N */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/container.h"
#include "loader/json.h"
#include "loader/words.h"

#define RATE_MAX 1000000000ULL /* a token a nanosecond */
#define BURST_MAX 1000000ULL
#define SECOND_NS 1000000000ULL

struct wanted {
	const char *name; /* NULL: for all that have none of their own */
	__u64 rate, burst;
};

static int take_number(const char *what, char **words, __u64 max, __u64 *out, struct error *err)
{
	char shown[WORD_SHOWN_MAX];

	if (!words[0] || strcmp(words[0], what))
		return usage_error(err, "limit: %s is missing: write limit [NAME] rate N burst N", what);
	if (!words[1])
		return usage_error(err, "limit: %s: the number is missing: write %s N", what, what);
	if (word_number(words[1], max, out) || !*out)
		return usage_error(err, "limit: %s %s: use a number of 1 to %llu", what, word_shown(words[1], shown),
				   (unsigned long long)max);
	return 0;
}

static int parse(char **words, struct wanted *wanted, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	int status;

	if (words[0] && strcmp(words[0], "rate")) {
		wanted->name = *words++;
		if (container_check_name(wanted->name, err))
			return EXIT_USAGE;
	}
	status = take_number("rate", words, RATE_MAX, &wanted->rate, err);
	if (!status)
		status = take_number("burst", words + 2, BURST_MAX, &wanted->burst, err);
	if (!status && words[4])
		status = usage_error(err, "limit: %s: not understood here: write limit [NAME] rate N burst N",
				     word_shown(words[4], shown));
	return status;
}

static int change(struct firewall *fw, const struct wanted *wanted, struct error *err)
{
	struct fw_limit limit = { .ns_per_token = SECOND_NS / wanted->rate, .burst = (__u32)wanted->burst };
	struct fw_container record;
	int code = wanted->name ? container_find(fw, wanted->name, &record, err) : 0;

	if (code || fw->options->dry_run)
		return code;
	if (!wanted->name) {
		fw->config.limit = limit;
		return firewall_write_config(fw, err);
	}
	record.limit = limit;
	return container_save(fw, wanted->name, &record, err);
}

static void report(const struct options *options, const struct wanted *wanted)
{
	struct json json;

	if (!options->json)
		return;
	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "container", wanted->name ? wanted->name : "");
	json_member_unsigned(&json, "rate", wanted->rate);
	json_member_unsigned(&json, "burst", wanted->burst);
	json_end_object(&json);
	json_finish(&json);
}

int limit_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct wanted wanted = { 0 };
	struct firewall fw;
	int code;

	(void)n_words;
	if (parse(words, &wanted, err))
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
