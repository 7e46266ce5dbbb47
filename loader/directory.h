/* SPDX-License-Identifier: GPL-2.0 */
/* What is in a directory. */
#ifndef LOADER_DIRECTORY_H
#define LOADER_DIRECTORY_H

#include <stdbool.h>

/* Whether there is anything in it: what is mounted over cannot be seen any more. false: it cannot be read, too. */
bool directory_has_entries(const char *path);

/*
 * The names of the directories in one that is named as for openat(2): each ended by a zero, then an empty one. The
 * caller frees them. 0 or -errno.
 */
int directory_below(int at, const char *path, char **names);

#endif
