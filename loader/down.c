/* SPDX-License-Identifier: GPL-2.0 */
/* down: nothing of bulkhead's is left in the kernel. */
#include <errno.h>
#include <stdio.h>

#include "loader/attach.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/json.h"
#include "loader/pins.h"
#include "loader/report.h"

static void report(const struct options *options, const char *word)
{
	struct json json;

	if (options->json) {
		json_begin(&json, stdout);
		json_object(&json);
		json_key(&json, "up");
		json_bool(&json, pins_are_there(options));
		json_end_object(&json);
		json_finish(&json);
	} else if (!options->quiet) {
		printf("%s\n", word);
	}
}

/* The programs first, then what they read; their records go with the maps, so that `down` can be tried again. */
static int take_down(const struct options *options, struct error *err)
{
	struct firewall fw;
	int code = firewall_open(&fw, options, FIREWALL_REMOVE, err);

	if (code)
		return code;
	/* One that is killed before the maps have gone is taken back by the next change. */
	if (fw.config.abi == FW_ABI_VERSION)
		code = policy_change_begin(&fw, err);
	if (!code && fw.map_fd[MAP_ATTACHMENTS] >= 0)
		code = detach_all(&fw, err);
	if (fw.map_fd[MAP_ATTACHMENTS] == -EPROTO)
		report_remark(options, "another version's record of attachments cannot be read: links go, but what was "
				       "attached without one stays: see `tc filter show` and `ip link show`");
	if (!code)
		code = pins_remove(options, err);
	firewall_close(&fw);
	return code;
}

int down_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct error why = { 0 };
	int code;

	(void)words;
	if (n_words)
		return usage_error(err, "down: it takes no words");
	if (options->dry_run) {
		report(options, "would be down");
		return EXIT_DONE;
	}
	code = take_down(options, &why);
	if (code == -ENOENT) {
		report(options, "down (it was not up)");
		return EXIT_DONE;
	}
	if (code) {
		*err = why;
		return exit_status_of(code);
	}
	report(options, "down");
	return EXIT_DONE;
}
