/* SPDX-License-Identifier: GPL-2.0 */
/* default NAME deny|allow */
#include <stdio.h>
#include <string.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/container.h"
#include "loader/json.h"
#include "loader/words.h"

static int change(struct firewall *fw, const char *name, __u8 action, struct error *err)
{
	struct fw_container record;
	int code = container_find(fw, name, &record, err), end;

	if (code || fw->options->dry_run)
		return code;
	code = policy_change_begin(fw, err);
	if (code)
		return code;
	record.default_action = action;
	record.default_stays = 1;
	code = container_save(fw, name, &record, err);
	end = policy_change_end(fw, err);
	return code ? code : end;
}

static void report(const struct options *options, char **words)
{
	struct json json;

	if (!options->json)
		return;
	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "container", words[0]);
	json_member(&json, "default", words[1]);
	json_end_object(&json);
	json_finish(&json);
}

int default_action_run(const struct options *options, int n_words, char **words, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	struct firewall fw;
	__u8 action;
	int code;

	if (n_words != 2)
		return usage_error(err, "default: a name and what to do are needed: write default NAME deny|allow");
	if (container_check_name(words[0], err))
		return EXIT_USAGE;
	if (!word_action(words[1], &action))
		return usage_error(err, "default: %s: no such default: write deny or allow",
				   word_shown(words[1], shown));
	code = firewall_open(&fw, options, options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, err);
	if (code)
		return exit_status_of(code);
	code = change(&fw, words[0], action, err);
	firewall_close(&fw);
	if (!code)
		report(options, words);
	return exit_status_of(code);
}
