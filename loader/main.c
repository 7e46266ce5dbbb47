/* SPDX-License-Identifier: GPL-2.0 */
/* What stands before the command, the command's place in the table, and the one place where errors are printed. */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/help.h"
#include "loader/host_features.h"
#include "loader/report.h"
#include "loader/words.h"

#define BPFFS_LENGTH_MAX 200 /* pins' names come behind it */

/* The words before the command; `command` is left at it, or at the end. */
struct line {
	struct options options;
	char **command;
	bool wants_help, wants_version;
};

static int take_letters(struct line *line, const char *letters, struct error *err)
{
	for (; *letters; letters++) {
		if (*letters == 'j')
			line->options.json = true;
		else if (*letters == 'q')
			line->options.quiet = true;
		else if (*letters == 'n')
			line->options.dry_run = true;
		else if (*letters == 'h')
			line->wants_help = true;
		else
			return usage_error(err, "option -%c: there is none: see `bulkhead help`", *letters);
	}
	return 0;
}

static int take_bpffs(struct line *line, const char *dir, struct error *err)
{
	if (!dir || !*dir)
		return usage_error(err, "option --bpffs: the directory is missing: give one, such as " BPFFS_DEFAULT);
	if (strlen(dir) > BPFFS_LENGTH_MAX)
		return usage_error(err, "option --bpffs: the directory's name has over %d bytes: use a shorter one",
				   BPFFS_LENGTH_MAX);
	line->options.bpffs = dir;
	return 0;
}

static int take_long(struct line *line, char ***words, struct error *err)
{
	const char *word = **words + 2;

	if (!strcmp(word, "json"))
		line->options.json = true;
	else if (!strcmp(word, "quiet"))
		line->options.quiet = true;
	else if (!strcmp(word, "dry-run"))
		line->options.dry_run = true;
	else if (!strcmp(word, "help"))
		line->wants_help = true;
	else if (!strcmp(word, "version"))
		line->wants_version = true;
	else if (!strncmp(word, "bpffs=", 6))
		return take_bpffs(line, word + 6, err);
	else if (!strcmp(word, "bpffs"))
		return take_bpffs(line, (*words)[1] ? *++*words : NULL, err);
	else
		return usage_error(err, "option --%.40s: there is none: see `bulkhead help`", word);
	return 0;
}

static int take_options(struct line *line, char **words, struct error *err)
{
	int status = 0;

	for (; !status && *words && **words == '-' && (*words)[1]; words++) {
		if (!strcmp(*words, "--")) {
			words++;
			break;
		}
		status = (*words)[1] == '-' ? take_long(line, &words, err) : take_letters(line, *words + 1, err);
		if (status)
			break;
	}
	line->command = words;
	return status;
}

static int count_words(char **words)
{
	int n = 0;

	while (words[n])
		n++;
	return n;
}

/* No command has options of its own but -f FILE, and - is standard input. */
static int check_words(char **words, struct error *err)
{
	char shown[WORD_SHOWN_MAX];

	for (; *words; words++)
		if (**words == '-' && (*words)[1] && strcmp(*words, "-f"))
			return usage_error(err, "%s: options stand before the command: see `bulkhead help`",
					   word_shown(*words, shown));
	return 0;
}

static int run_command(const struct line *line, struct error *err)
{
	const struct command *command;

	if (!host_features(err)) /* BULKHEAD_WITHOUT */
		return EXIT_USAGE;
	if (line->wants_version)
		return version_run(&line->options, 0, line->command, err);
	if (line->wants_help)
		return help_run(&line->options, *line->command ? 1 : 0, line->command, err);
	if (!*line->command)
		return help_missing_command(&line->options, err);
	command = command_find(*line->command);
	if (!command)
		return command_unknown(*line->command, err);
	if (check_words(line->command + 1, err))
		return EXIT_USAGE;
	return command->run(&line->options, count_words(line->command + 1), line->command + 1, err);
}

/*
 * A standard stream that the caller closed is held by a descriptor that can be neither read nor written, so that no
 * socket or map takes its number and is written to by mistake.
 */
static void hold_standard_streams(void)
{
	int fd;

	do
		fd = open("/", O_PATH);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* What the command wrote has to have arrived; a reader that has gone away wanted no more, and that is no failure. */
static int finish_output(int status, struct error *err)
{
	int failed = fflush(stdout) ? errno : 0;

	if (!failed && ferror(stdout)) /* earlier, and nobody kept the reason */
		failed = write(STDOUT_FILENO, "\n", 1) < 0 ? errno : EIO;
	if (!failed || failed == EPIPE)
		return status;
	if (status == EXIT_DONE) {
		status = EXIT_REFUSED;
		error_set(err, -failed, "standard output: it cannot be written: %s", strerror(failed));
	}
	return status;
}

int main(int argc, char **argv)
{
	struct line line = { .options = { .bpffs = BPFFS_DEFAULT } };
	struct error err = { 0 };
	int status;

	hold_standard_streams();
	setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
	signal(SIGPIPE, SIG_IGN);
	status = take_options(&line, argv + (argc > 0), &err);
	if (!status)
		status = run_command(&line, &err);
	status = finish_output(status, &err);
	if (status != EXIT_DONE)
		report_error(&line.options, &err, status);
	return status;
}
