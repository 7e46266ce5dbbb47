/* SPDX-License-Identifier: GPL-2.0 */
/* The commands as one table: main, help and the completions read it. */
#ifndef LOADER_COMMAND_H
#define LOADER_COMMAND_H

#include <stdbool.h>
#include "elf/error.h"

/* Exit status: the contract with scripts. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,   /* the kernel or the system refused */
	EXIT_USAGE = 2,     /* the command line or a file is wrong; nothing was changed */
	EXIT_NOT_FOUND = 3, /* a container, rule, entry, device, pid or cgroup that is not there */
	EXIT_LACKING = 4,   /* this kernel lacks a needed feature */
};

/* What stands before the command. */
#define BPFFS_DEFAULT "/sys/fs/bpf"
struct json;
struct options {
	bool json, quiet, dry_run;
	const char *bpffs;    /* the bpf file system: BPFFS_DEFAULT */
	struct json *remarks; /* within `batch`: a list that remarks are put into; else NULL */
};

/*
 * One command. `words` are those behind its name, ended by NULL. Gives an enum exit_status; where it is not EXIT_DONE
 * and `err` holds a sentence, main prints it. Output goes to standard output, progress to standard error if a terminal.
 */
struct command {
	char name[12];
	int (*run)(const struct options *options, int n_words, char **words, struct error *err);
	const char *synopsis; /* behind the name: "PREFIX... | -f FILE" */
	const char *summary;  /* one line */
	const char *details;  /* for `help NAME`: paragraphs and examples */
};

extern const struct command commands[]; /* ended by an empty name. texts_open() opens the texts */

/* For a wrong command line: records the sentence with what to do and gives EXIT_USAGE. */
int usage_error(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define usage_error(err, format, ...) usage_error(err, SENTENCE(format), ##__VA_ARGS__)

/*
 * The status for -errno from below: -ENOENT, -ENODEV, -ESRCH: EXIT_NOT_FOUND; -ENOTSUP, -EOPNOTSUPP: EXIT_LACKING;
 * 0: EXIT_DONE; else EXIT_REFUSED. -EINVAL from parsing is the caller's to turn into EXIT_USAGE.
 */
int exit_status_of(int code);

#endif
