/* SPDX-License-Identifier: GPL-2.0 */
/* All entries of a map: in batches where the kernel has them, else one by one. */
#ifndef LOADER_MAP_WALK_H
#define LOADER_MAP_WALK_H

#include <stddef.h>
#include <linux/types.h>
#include "elf/error.h"

/*
 * Calls visit for each entry until it gives other than 0, and gives that; else 0 or -errno. Of a per-CPU kind `value`
 * is what the kernel gives for all CPUs. visit may remove its own entry; what others add or remove meanwhile is seen or
 * not, and may be seen twice.
 */
typedef int (*map_visit)(const void *key, const void *value, void *context);
int map_walk(int fd, map_visit visit, void *context);

/* The same, in batches or not at all: -EOPNOTSUPP. Of a per-CPU kind only behind a percpu_lookup (loader/cpus.h). */
int map_walk_batches(int fd, map_visit visit, void *context);

/*
 * The same as map_walk, for a map whose entries nobody else writes: edit says what becomes of each; of one that is
 * written it has changed `value`. 0 or -errno.
 */
enum map_edit { MAP_KEEP, MAP_WRITE, MAP_REMOVE };
typedef enum map_edit (*map_editor)(const void *key, void *value, void *context);
int map_edit(int fd, map_editor edit, void *context);

/* Removes n keys, one behind the other; what is not there is no error. 0 or -errno. */
int map_remove(int fd, const void *keys, size_t n, size_t key_size);

/* All entries to another map of the same shape; arrays and tries too. 0 or -errno. */
int map_copy(int from, int to, struct error *err);

/* How many entries it has. */
__u64 map_count(int fd);

#endif
