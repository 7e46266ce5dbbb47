/* SPDX-License-Identifier: GPL-2.0 */
/* From a word to its command, or to the command that was meant. */
#include <stdio.h>
#include <string.h>

#include "loader/commands.h"
#include "loader/nearest.h"
#include "loader/synopsis.h"
#include "loader/words.h"

const struct command *command_find(const char *name)
{
	const struct command *command;

	for (command = commands; *command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

int command_unknown(const char *word, struct error *err)
{
	const struct command *command;
	char shown[WORD_SHOWN_MAX];
	struct nearest nearest;

	nearest_begin(&nearest, word);
	for (command = commands; *command->name; command++)
		nearest_consider(&nearest, command->name, strlen(command->name));
	if (*nearest.word)
		return usage_error(err, "%s: there is no such command: did you mean `%s`?", word_shown(word, shown),
				   nearest.word);
	return usage_error(err, "%s: there is no such command: see `bulkhead help`", word_shown(word, shown));
}

static void consider(const char *token, size_t length, void *context)
{
	if (!synopsis_kind(token, length))
		nearest_consider(context, token, length);
}

void command_suggest(const struct command *command, char **words, unsigned n, struct error *err)
{
	struct nearest nearest;
	size_t end = strlen(err->text);
	unsigned fit;

	texts_open();
	synopsis_walk(command->synopsis, words, n, &fit, NULL, NULL);
	if (fit == n || !*words[fit] || !strstr(err->text, words[fit]))
		return;
	nearest_begin(&nearest, words[fit]);
	synopsis_walk(command->synopsis, words, fit, &fit, consider, &nearest);
	if (*nearest.word)
		snprintf(err->text + end, sizeof(err->text) - end, ": did you mean `%s`?", nearest.word);
}
