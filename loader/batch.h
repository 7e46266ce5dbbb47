/* SPDX-License-Identifier: GPL-2.0 */
/* What a command may not do where another process waits for its answer. */
#ifndef LOADER_BATCH_H
#define LOADER_BATCH_H

#include "loader/command.h"

/* EXIT_USAGE and a sentence for a command that has no end, or that reads standard input; else 0. */
int batch_check(const struct command *command, char **words, struct error *err);

#endif
