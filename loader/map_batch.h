/* SPDX-License-Identifier: GPL-2.0 */
/* Entries on their way into a map: gathered, and written in batches where the kernel has them, else one by one. */
#ifndef LOADER_MAP_BATCH_H
#define LOADER_MAP_BATCH_H

#include <stddef.h>
#include "loader/firewall.h"

struct map_batch {
	struct firewall *fw;
	enum fw_map map;
	size_t key_size, value_size;
	__u32 n;
	char *keys, *values; /* NULL: none came yet */
};

void map_batch_begin(struct map_batch *batch, struct firewall *fw, enum fw_map map, size_t key_size, size_t value_size);

/* One more, in the place of what the map has under that key; those before it are sent where it is full. */
int map_batch_add(struct map_batch *batch, const void *key, const void *value);

/*
 * Writes what was added, and before it fw->config, from which numbers in it were taken. 0, or -errno of the first that
 * could not be written (-E2BIG or -ENOSPC: the map is full): those before it are there, those behind it are not.
 */
int map_batch_send(struct map_batch *batch);

/* What was not sent is forgotten. */
void map_batch_free(struct map_batch *batch);

#endif
