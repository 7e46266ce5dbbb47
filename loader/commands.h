/* SPDX-License-Identifier: GPL-2.0 */
/* What runs behind each name of the table: see loader/command.h for what they take and give. */
#ifndef LOADER_COMMANDS_H
#define LOADER_COMMANDS_H

#include "loader/command.h"

#define COMMAND(name) int name##_run(const struct options *options, int n_words, char **words, struct error *err)
COMMAND(up);
COMMAND(down);
COMMAND(status);
COMMAND(probe);
COMMAND(version);
COMMAND(help);
COMMAND(completion);
COMMAND(batch);
COMMAND(attach);
COMMAND(detach);
COMMAND(list);
COMMAND(gc);
COMMAND(block);
COMMAND(unblock);
COMMAND(blocked);
COMMAND(allow);
COMMAND(deny);
COMMAND(revoke);
COMMAND(rules);
COMMAND(limit);
COMMAND(timeout);
COMMAND(quota);
COMMAND(room);
COMMAND(dns);
COMMAND(domains);
COMMAND(apply);
COMMAND(check);
COMMAND(confirm);
COMMAND(export);
COMMAND(default_action);
COMMAND(events);
COMMAND(stats);
COMMAND(conntrack);
COMMAND(flush);
COMMAND(why);
COMMAND(object);
COMMAND(load);
COMMAND(cni);
COMMAND(oci_hook);
#undef COMMAND

/* The command of that name, NULL: none. */
const struct command *command_find(const char *name);

/* The sentence for a word that is no command, with the nearest one; gives EXIT_USAGE. */
int command_unknown(const char *word, struct error *err);

/*
 * Behind the sentence about a wrong word among a command's: the word that may have been meant, where the synopsis has
 * one there and the sentence is about that word.
 */
void command_suggest(const struct command *command, char **words, unsigned n, struct error *err);

#endif
