/* SPDX-License-Identifier: GPL-2.0 */
/* The files that a pattern stands for. */
#ifndef LOADER_POLICY_INCLUDE_H
#define LOADER_POLICY_INCLUDE_H

#include <stdbool.h>

/* A path that the file `from` names, beside that file unless it begins with a slash; to be freed. NULL: no memory. */
char *path_beside(const char *from, const char *path);

/* Whether the name is one that the pattern stands for: * any bytes, ? one. */
bool include_fits(const char *pattern, const char *name);

/*
 * Calls visit with the path of each file that `pattern` names, beside the file `from`, in the order of names, until it
 * gives other than 0, and gives that. In the last part of the path * stands for any bytes and ? for one, but for a '.'
 * at its beginning. 0 or -errno: a directory, or a path without a pattern, is not there or cannot be read.
 */
int include_each(const char *from, const char *pattern, int (*visit)(const char *path, void *context), void *context);

#endif
