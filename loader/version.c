/* SPDX-License-Identifier: GPL-2.0 */
/* version: the binary's own. */
#include <stdio.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/json.h"

int version_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct json json;

	(void)words;
	if (n_words)
		return usage_error(err, "version: it takes no words");
	if (!options->json) {
		puts("bulkhead " BULKHEAD_VERSION);
		return EXIT_DONE;
	}
	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "version", BULKHEAD_VERSION);
	json_end_object(&json);
	json_finish(&json);
	return EXIT_DONE;
}
