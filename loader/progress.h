/* SPDX-License-Identifier: GPL-2.0 */
/* How far long work is, on standard error where that is a terminal. */
#ifndef LOADER_PROGRESS_H
#define LOADER_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct options;

struct progress {
	bool is_shown;
	size_t done, total;
	__u64 told_ns; /* CLOCK_MONOTONIC */
};

/* Begins with `total` steps to go; shows nothing with -q or -j, or where nobody would see it. */
void progress_begin(struct progress *progress, const struct options *options, size_t total);

/* Some steps are done. NULL: nobody asked. A bar is drawn some times a second, from the first half of one on. */
void progress_steps(struct progress *progress, size_t n);
void progress_step(struct progress *progress);

/* Takes the bar away. */
void progress_end(struct progress *progress);

#endif
