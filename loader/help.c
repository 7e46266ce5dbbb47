/* SPDX-License-Identifier: GPL-2.0 */
/* help [COMMAND], version */
#include <stdio.h>
#include <string.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/json.h"

#ifndef BULKHEAD_VERSION
#define BULKHEAD_VERSION "0.1.0"
#endif

static void print_all(void)
{
	const struct command *command;

	printf("bulkhead " BULKHEAD_VERSION ": a container firewall in one static binary\n\n"
	       "usage: bulkhead [-j|--json] [-q|--quiet] [-n|--dry-run] [--bpffs DIR] COMMAND\n\n");
	for (command = commands; command->name; command++)
		printf("  %-10s %s\n", command->name, command->summary);
	printf("\n`bulkhead help COMMAND` tells more of each.\n"
	       "Exit status: 0 done, 1 refused, 2 wrong words, 3 not there, 4 this kernel lacks it.\n");
}

static int print_one(const char *name, struct error *err)
{
	const struct command *command;

	for (command = commands; command->name; command++) {
		if (strcmp(command->name, name))
			continue;
		printf("bulkhead %s %s\n\n%s.\n\n%s", command->name, command->synopsis, command->summary,
		       command->details);
		return EXIT_DONE;
	}
	return usage_error(err, "help %.40s: there is no such command: see `bulkhead help`", name);
}

int help_run(const struct options *options, int n_words, char **words, struct error *err)
{
	(void)options;
	if (n_words > 1)
		return usage_error(err, "help: it takes the name of one command");
	if (n_words)
		return print_one(words[0], err);
	print_all();
	return EXIT_DONE;
}

int version_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct json json;

	(void)words;
	if (n_words)
		return usage_error(err, "version: it takes no words");
	if (!options->json) {
		printf("bulkhead " BULKHEAD_VERSION "\n");
		return EXIT_DONE;
	}
	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "version", BULKHEAD_VERSION);
	json_end_object(&json);
	json_finish(&json);
	return EXIT_DONE;
}
