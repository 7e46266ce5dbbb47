/* SPDX-License-Identifier: GPL-2.0 */
/* The usage, from the table of commands. */
#ifndef LOADER_HELP_H
#define LOADER_HELP_H

struct error;
struct options;

/* No command was given: the usage on standard error, and EXIT_USAGE. */
int help_missing_command(const struct options *options, struct error *err);

#endif
