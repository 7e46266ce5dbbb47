/* SPDX-License-Identifier: GPL-2.0 */
/* Where everything is kept: BPFFS/bulkhead/{maps,progs,links}. */
#ifndef LOADER_PINS_H
#define LOADER_PINS_H

#include <stdbool.h>
#include "elf/error.h"

struct options;

#define PIN_PATH_MAX 512

/* BPFFS/bulkhead, or a path below it. false: it does not fit. */
bool pin_path(const struct options *options, char out[PIN_PATH_MAX], const char *directory, const char *name);

bool path_is_bpffs(const char *path);

/* Makes sure a bpf file system is mounted at options->bpffs, mounting it if need be. */
int bpffs_ensure(const struct options *options, struct error *err);

/* Whether a firewall is pinned, up or half way there. */
bool pins_are_there(const struct options *options);

/* Makes BPFFS/bulkhead, which is what is locked. */
int pins_make(const struct options *options, struct error *err);

/* Makes the directories below it, under the lock; *made: they were not there, so this is the first `up`. */
int pins_make_below(const struct options *options, bool *made, struct error *err);

/* Removes every pin and directory, the maps in one step. Twice is fine. */
int pins_remove(const struct options *options, struct error *err);

/* Pins in the place of what is pinned there, in one step. */
int pin_replace(const struct options *options, const char *directory, const char *name, int fd, struct error *err);

/* Removes it, if it is there. */
void pin_remove(const struct options *options, const char *directory, const char *name);

/* Removes the pins of a directory that are not kept. */
typedef bool pin_is_kept(const char *name, const void *context);
void pins_remove_others(const struct options *options, const char *directory, pin_is_kept *is_kept,
			const void *context);

bool pin_is_there(const struct options *options, const char *directory, const char *name);

/* Opens what is pinned. -errno without a sentence. */
int pin_open(const struct options *options, const char *directory, const char *name);

#endif
