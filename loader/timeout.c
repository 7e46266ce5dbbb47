/* SPDX-License-Identifier: GPL-2.0 */
/* timeout [NAME SECONDS|default]...: how long an idle connection is tracked. */
#include <stdio.h>
#include <string.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/firewall.h"
#include "loader/json.h"
#include "loader/timeouts.h"
#include "loader/words.h"

int timeout_parse(char **words, enum fw_timeout *out, __u32 *out_seconds, struct error *err)
{
	enum fw_timeout timeout = timeout_named(words[0]);
	char shown[WORD_SHOWN_MAX];
	__u64 seconds;

	if (timeout == FW_TIMEOUT_N)
		return usage_error(err,
				   "timeout: %s: there is none of that name: use syn, established, closing, udp, "
				   "unreplied, icmp, other or fragment",
				   word_shown(words[0], shown));
	if (!words[1])
		return usage_error(err, "timeout: %s: the seconds are missing: write timeout %s SECONDS", words[0],
				   words[0]);
	if (!strcmp(words[1], "default"))
		seconds = timeout_default(timeout);
	else if (word_number(words[1], TIMEOUT_SECONDS_MAX, &seconds) || !seconds)
		return usage_error(err, "timeout: %s %s: use seconds, 1 to %d, or default", words[0],
				   word_shown(words[1], shown), TIMEOUT_SECONDS_MAX);
	*out = timeout;
	*out_seconds = (__u32)seconds;
	return EXIT_DONE;
}

static int take_pairs(char **words, struct fw_config *config, struct error *err)
{
	enum fw_timeout timeout;
	__u32 seconds;
	int status = EXIT_DONE;

	for (; !status && *words; words += 2) {
		status = timeout_parse(words, &timeout, &seconds, err);
		if (!status)
			timeout_set(config, timeout, seconds);
	}
	return status;
}

static void report(const struct options *options, const struct fw_config *config, bool changed)
{
	enum fw_timeout timeout;
	struct json json;

	if (options->json) {
		json_begin(&json, stdout);
		timeouts_json(&json, config);
		json_finish(&json);
	} else if (!changed) {
		for (timeout = 0; timeout < FW_TIMEOUT_N; timeout++)
			printf("%-11s %llu\n", timeout_name(timeout),
			       (unsigned long long)timeout_seconds(config, timeout));
	}
}

int timeout_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct fw_config checked;
	struct firewall fw;
	bool changes = n_words && !options->dry_run;
	int status = take_pairs(words, &checked, err), code;

	if (status)
		return status;
	code = firewall_open(&fw, options, changes ? FIREWALL_CHANGE : FIREWALL_READ, err);
	if (code)
		return exit_status_of(code);
	take_pairs(words, &fw.config, err);
	if (changes)
		code = firewall_write_config(&fw, err);
	if (!code)
		report(options, &fw.config, n_words);
	firewall_close(&fw);
	return exit_status_of(code);
}
