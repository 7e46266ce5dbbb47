/* SPDX-License-Identifier: GPL-2.0 */
/* help [COMMAND]: all from the table of commands. */
#include "loader/help.h"

#include <stdio.h>
#include <string.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/json.h"

static void print_usage(FILE *out)
{
	fputs("usage: bulkhead [-j|--json] [-q|--quiet] [-n|--dry-run] [--bpffs DIR] COMMAND\n", out);
}

static void print_overview(FILE *out)
{
	const struct command *command;

	print_usage(out);
	fputs("\nA firewall for containers: five eBPF programs and their loader in one file.\n\n", out);
	for (command = commands; *command->name; command++)
		fprintf(out, "  %-10s %s\n", command->name, command->summary);
	fputs("\n"
	      "  -j, --json      standard output is JSON, errors are a JSON object\n"
	      "  -q, --quiet     no progress and no remarks\n"
	      "  -n, --dry-run   check the command, change nothing\n"
	      "  --bpffs DIR     the bpf file system, instead of /sys/fs/bpf\n"
	      "\n"
	      "Exit status: 0 done; 1 the system refused; 2 wrong words or a wrong file, nothing changed;\n"
	      "3 no such object; 4 this kernel lacks a needed feature. `bulkhead help COMMAND` says more.\n",
	      out);
}

static void print_command(const struct command *command)
{
	printf("usage: bulkhead %s%s%s\n\n%s\n", command->name, *command->synopsis ? " " : "", command->synopsis,
	       command->summary);
	if (*command->details)
		printf("\n%s\n", command->details);
}

static void json_command(struct json *json, const struct command *command)
{
	json_object(json);
	json_member(json, "name", command->name);
	json_member(json, "synopsis", command->synopsis);
	json_member(json, "summary", command->summary);
	json_member(json, "details", command->details);
	json_end_object(json);
}

static void print_json(const struct command *only)
{
	const struct command *command;
	struct json json;

	json_begin(&json, stdout);
	if (only) {
		json_command(&json, only);
	} else {
		json_array(&json);
		for (command = commands; *command->name; command++)
			json_command(&json, command);
		json_end_array(&json);
	}
	json_finish(&json);
}

int help_missing_command(const struct options *options, struct error *err)
{
	if (options->json)
		return usage_error(err, "command: it is missing: see `bulkhead help`");
	texts_open();
	print_overview(stderr);
	return EXIT_USAGE;
}

int help_run(const struct options *options, int n_words, char **words, struct error *err)
{
	const struct command *command = n_words ? command_find(words[0]) : NULL;

	if (n_words > 1)
		return usage_error(err, "help: one command at a time: help [COMMAND]");
	if (n_words && !command)
		return command_unknown(words[0], err);
	texts_open();
	if (options->json)
		print_json(command);
	else if (command)
		print_command(command);
	else
		print_overview(stdout);
	return EXIT_DONE;
}
