/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/invocation.h"

#include <stdbool.h>
#include <string.h>

#include "loader/batch.h"
#include "loader/commands.h"
#include "loader/help.h"
#include "loader/host_features.h"
#include "loader/words.h"

#define BPFFS_LENGTH_MAX 200 /* pins' names come behind it */

/* The words before the command; `command` is left at it, or at the end. */
struct line {
	struct options *options;
	char **command;
	bool wants_help, wants_version;
};

static int take_letters(struct line *line, const char *letters, struct error *err)
{
	for (; *letters; letters++) {
		if (*letters == 'j')
			line->options->json = true;
		else if (*letters == 'q')
			line->options->quiet = true;
		else if (*letters == 'n')
			line->options->dry_run = true;
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
	line->options->bpffs = dir;
	return 0;
}

static int take_long(struct line *line, char ***words, struct error *err)
{
	const char *word = **words + 2;

	if (!strcmp(word, "json"))
		line->options->json = true;
	else if (!strcmp(word, "quiet"))
		line->options->quiet = true;
	else if (!strcmp(word, "dry-run"))
		line->options->dry_run = true;
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

static unsigned count_words(char **words)
{
	unsigned n = 0;

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

/* The words are not looked at where they are somebody else's, which `completion` is asked about. */
static int run_words(const struct options *options, const struct command *command, char **words, struct error *err)
{
	unsigned n = count_words(words);
	int status;

	if (command->run != completion_run && check_words(words, err))
		return EXIT_USAGE;
	if (options->remarks && batch_check(command, words, err))
		return EXIT_USAGE;
	status = command->run(options, (int)n, words, err);
	if (status == EXIT_USAGE && !err->in_file)
		command_suggest(command, words, n, err);
	return status;
}

static int run_command(const struct line *line, struct error *err)
{
	const struct command *command;

	if (!host_features(err)) /* BULKHEAD_WITHOUT */
		return EXIT_USAGE;
	if (line->wants_version)
		return version_run(line->options, 0, line->command, err);
	if (line->wants_help)
		return help_run(line->options, *line->command ? 1 : 0, line->command, err);
	if (!*line->command)
		return help_missing_command(line->options, err);
	command = command_find(*line->command);
	if (!command)
		return command_unknown(*line->command, err);
	return run_words(line->options, command, line->command + 1, err);
}

int invocation_run(struct options *options, char **words, struct error *err)
{
	struct line line = { .options = options };
	int status = take_options(&line, words, err);

	return status ? status : run_command(&line, err);
}
