/* SPDX-License-Identifier: GPL-2.0 */
/* From a word to its command, or to the command that was meant. */
#include <string.h>

#include "loader/commands.h"
#include "loader/words.h"

#define LETTERS_MAX 31
#define FAR 99

const struct command *command_find(const char *name)
{
	const struct command *command;

	for (command = commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/* In how many letters two words differ: put in, left out or changed (Levenshtein), a row of the table at a time. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[LETTERS_MAX + 1], i, j, corner, above;

	if (strlen(a) > LETTERS_MAX || strlen(b) > LETTERS_MAX)
		return FAR;
	for (j = 0; j <= strlen(b); j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		corner = row[0];
		row[0] = i;
		for (j = 1; b[j - 1]; j++) {
			above = row[j];
			row[j] = least(above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[strlen(b)];
}

int command_unknown(const char *word, struct error *err)
{
	const struct command *command, *meant = NULL;
	char shown[WORD_SHOWN_MAX];
	unsigned nearest = 3;

	for (command = commands; command->name; command++) {
		if (distance(word, command->name) >= nearest)
			continue;
		nearest = distance(word, command->name);
		meant = command;
	}
	if (meant)
		return usage_error(err, "%s: there is no such command: did you mean `%s`?", word_shown(word, shown),
				   meant->name);
	return usage_error(err, "%s: there is no such command: see `bulkhead help`", word_shown(word, shown));
}
