/* SPDX-License-Identifier: GPL-2.0 */
#include <string.h>

#include "loader/command.h"
#include "loader/conntrack.h"
#include "loader/json.h"

static int print_count(const struct options *options, int count)
{
	struct json json;

	if (options->json) {
		json_begin(&json, stdout);
		json_object(&json);
		json_member_unsigned(&json, "flushed", (__u64)count);
		json_end_object(&json);
		return json_finish(&json);
	}
	if (!options->quiet)
		printf("%s%d tracked connection%s\n", options->dry_run ? "would forget " : "forgot ", count,
		       count == 1 ? "" : "s");
	return 0;
}

int flush_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct firewall fw;
	int code;

	if (n_words != 1 || strcmp(words[0], "conntrack"))
		return usage_error(err, "flush %.40s: say what to flush: bulkhead flush conntrack",
				   n_words ? words[0] : "");
	code = firewall_open(&fw, options, options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, err);
	if (code)
		return exit_status_of(code);
	code = conntrack_flush(&fw, err);
	if (code >= 0)
		code = print_count(options, code);
	firewall_close(&fw);
	return exit_status_of(code);
}
