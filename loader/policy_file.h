/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Policy files: command lines without `bulkhead` (allow, deny, default, block, dns block, limit, quota, room, timeout),
 * comments behind #, `define NAME = WORD...` whose words stand for $NAME from there on, and `include GLOB`, which is
 * beside the file that says it. A directory is its files that are named *.policy and do not begin with a dot, one
 * behind the other in the order of their names' bytes; one that has none is wrong.
 */
#ifndef LOADER_POLICY_FILE_H
#define LOADER_POLICY_FILE_H

#include "elf/error.h"

struct policy;

/*
 * Reads the file or directory, - for standard input, and all it includes into `out`, which is new. Calls wrong for each
 * error, with FILE:LINE:COLUMN and what is expected, and reads on. 0; -EINVAL: there was one; else a sentence in err.
 */
int policy_file_read(const char *name, struct policy *out, void (*wrong)(const struct error *, void *), void *context,
		     struct error *err);

/* A `wrong` that keeps the first, in a struct error without a code yet. */
void policy_file_first(const struct error *wrong, void *first);

/* Where lines come from. */
struct policy_source {
	const char *name;      /* a file; or what errors call the text */
	const char *text;      /* the lines themselves, which include nothing; NULL: they are the file's */
	const char *container; /* whose they are: they leave its name out, or have @ there; NULL: they name theirs */
};

/* The same of a source. A container's lines are allow, deny, default, limit, quota, define and include. */
int policy_source_read(const struct policy_source *source, struct policy *out,
		       void (*wrong)(const struct error *, void *), void *context, struct error *err);

/* Calls visit with the paths that lead to its files: itself, and of a directory the pattern of their names too. */
void policy_file_paths(const char *name, void (*visit)(const char *path, void *context), void *context);

#endif
