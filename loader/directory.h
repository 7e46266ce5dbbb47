/* SPDX-License-Identifier: GPL-2.0 */
/* Directories that something is mounted on. */
#ifndef LOADER_DIRECTORY_H
#define LOADER_DIRECTORY_H

#include <stdbool.h>

/* Whether there is anything in it: what is mounted over cannot be seen any more. false: it cannot be read, too. */
bool directory_has_entries(const char *path);

#endif
