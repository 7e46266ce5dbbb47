/* SPDX-License-Identifier: GPL-2.0 */
/* The options before the command, the table, and the only place that prints an error. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/json.h"

static int usage(FILE *out)
{
	const struct command *command;

	fprintf(out, "usage: bulkhead [-j|--json] [-q|--quiet] [-n|--dry-run] [--bpffs DIR] COMMAND\n\n");
	for (command = commands; command->name; command++)
		fprintf(out, "  %-10s %s\n", command->name, command->summary);
	fprintf(out, "\n`bulkhead help COMMAND` tells more of each.\n");
	return EXIT_USAGE;
}

static void print_error_json(const struct error *err, int status)
{
	struct json json;

	json_begin(&json, stderr);
	json_object(&json);
	json_member(&json, "error", err->text);
	json_key(&json, "code");
	json_number(&json, err->code);
	json_key(&json, "exit");
	json_number(&json, status);
	json_end_object(&json);
	json_finish(&json);
}

static void print_error(const struct options *options, const struct error *err, int status)
{
	if (!err->code)
		return;
	if (options->json)
		print_error_json(err, status);
	else
		fprintf(stderr, "bulkhead: %s\n", err->text);
}

/* How many letters two words differ by, at most `most`: one word's changes into the other. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[32], i, j, n = (unsigned)strlen(b);

	if (n >= 31 || strlen(a) >= 31)
		return 99;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		unsigned corner = row[0];

		row[0] = i;
		for (j = 1; j <= n; j++) {
			unsigned change = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			row[j] = row[j] + 1 < row[j - 1] + 1 ? row[j] + 1 : row[j - 1] + 1;
			row[j] = change < row[j] ? change : row[j];
		}
	}
	return row[n];
}

static const char *nearest(const char *word)
{
	const struct command *command, *best = NULL;
	unsigned least = 3;

	for (command = commands; command->name; command++)
		if (distance(word, command->name) < least) {
			least = distance(word, command->name);
			best = command;
		}
	return best ? best->name : NULL;
}

static int unknown(const char *word, struct error *err)
{
	const char *meant = nearest(word);

	if (meant)
		return usage_error(err, "%.40s: there is no such command: did you mean `%s`?", word, meant);
	return usage_error(err, "%.40s: there is no such command: see `bulkhead help`", word);
}

/* Reads the options; gives the index of the command's word, or a status: *status >= 0. */
static int take_options(int n, char **words, struct options *options, int *status, struct error *err)
{
	int i;

	for (i = 1; i < n && words[i][0] == '-'; i++) {
		const char *word = words[i];

		if (!strcmp(word, "-j") || !strcmp(word, "--json"))
			options->json = true;
		else if (!strcmp(word, "-q") || !strcmp(word, "--quiet"))
			options->quiet = true;
		else if (!strcmp(word, "-n") || !strcmp(word, "--dry-run"))
			options->dry_run = true;
		else if (!strcmp(word, "--bpffs") && i + 1 < n)
			options->bpffs = words[++i];
		else if (!strcmp(word, "-h") || !strcmp(word, "--help"))
			return *status = help_run(options, 0, words + n, err), i;
		else if (!strcmp(word, "-V") || !strcmp(word, "--version"))
			return *status = version_run(options, 0, words + n, err), i;
		else
			return *status = usage_error(err, "%.40s: there is no such option: see `bulkhead help`", word),
			       i;
	}
	return i;
}

static int run(const struct options *options, int n, char **words, struct error *err)
{
	const struct command *command;

	for (command = commands; command->name; command++)
		if (!strcmp(command->name, words[0]))
			return command->run(options, n - 1, words + 1, err);
	return unknown(words[0], err);
}

/* A reader that has gone is its own decision; any other failed write is told. */
static int finish_output(int status, struct error *err)
{
	int failed = fflush(stdout) || ferror(stdout) ? errno : 0;

	if (!failed || status != EXIT_DONE || failed == EPIPE)
		return status;
	error_set(err, -failed, "standard output cannot be written: %s", strerror(failed));
	return EXIT_REFUSED;
}

int main(int n, char **words)
{
	struct options options = { .bpffs = "/sys/fs/bpf" };
	struct error err = { 0 };
	int status = -1, first;

	signal(SIGPIPE, SIG_IGN);
	first = take_options(n, words, &options, &status, &err);
	if (status < 0 && first >= n)
		return usage(stderr);
	if (status < 0)
		status = run(&options, n - first, words + first, &err);
	status = finish_output(status, &err);
	print_error(&options, &err, status);
	return status;
}
