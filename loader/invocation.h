/* SPDX-License-Identifier: GPL-2.0 */
/* What a user wrote: options, the command, its words. */
#ifndef LOADER_INVOCATION_H
#define LOADER_INVOCATION_H

#include "loader/command.h"

/*
 * Runs the command of `words`, ended by NULL: those behind the program's name. The options among them are put into
 * `options`, which hold what goes without saying. As a command's run: an enum exit_status, and the sentence in `err`.
 */
int invocation_run(struct options *options, char **words, struct error *err);

#endif
