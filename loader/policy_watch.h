/* SPDX-License-Identifier: GPL-2.0 */
/* apply PATH watch: the policy of a file or a directory that something else keeps, followed. */
#ifndef LOADER_POLICY_WATCH_H
#define LOADER_POLICY_WATCH_H

#include "elf/error.h"

struct options;

/*
 * Puts the policy of PATH in force, and each one that stands there later, until SIGINT or SIGTERM; SIGHUP: looks again.
 * One that is wrong leaves the one before it in force. An exit status: EXIT_DONE where the last is in force, EXIT_USAGE
 * where it is wrong, or where PATH is not there at first; EXIT_NOT_FOUND where the firewall is not up, or no longer.
 */
int policy_watch(const struct options *options, const char *path, struct error *err);

#endif
