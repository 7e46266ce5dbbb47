/* SPDX-License-Identifier: GPL-2.0 */
/* All entries of one map to another of the same shape. */
#ifndef LOADER_MAP_COPY_H
#define LOADER_MAP_COPY_H

#include <linux/types.h>
#include "elf/error.h"

/* Hashes, arrays, tries, and their per-CPU kinds. 0 or -errno; what was added meanwhile may be missing. */
int map_copy(int from, int to, struct error *err);

/* How many entries a hash has: read by its keys. */
__u64 map_count(int fd);

#endif
