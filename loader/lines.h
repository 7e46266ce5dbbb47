/* SPDX-License-Identifier: GPL-2.0 */
/* A file with one word a line: # begins a comment, empty lines are left out. */
#ifndef LOADER_LINES_H
#define LOADER_LINES_H

#include <stdio.h>
#include "elf/error.h"

/* Calls take for each word until it gives other than 0; then its sentence gets FILE:LINE:COLUMN in front. */
typedef int (*line_taker)(const char *word, void *context, struct error *err);

/*
 * `name` is a path, or - for standard input. 0; -EINVAL: a line is not one word of at most 4,095 bytes without control
 * characters, or take said so; -errno where it cannot be read.
 */
int lines_read(const char *name, line_taker take, void *context, struct error *err);

#endif
