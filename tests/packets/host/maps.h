/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host's maps, by name: as the kernel's, for one CPU, with each value in memory of its own so that ASan sees its
 * ends.
 */
#ifndef TESTS_PACKETS_HOST_MAPS_H
#define TESTS_PACKETS_HOST_MAPS_H

#include <linux/types.h>

struct host_map;

/* Made at its first mention, by a program or by a test. One with other sizes ends the process. */
struct host_map *host_map(const char *name, __u32 type, __u32 key_size, __u32 value_size, __u32 max_entries);

/* NULL: not mentioned yet. */
struct host_map *host_map_named(const char *name);

/* As the helpers: NULL or -errno. An array's entries are there always. */
void *host_map_lookup(struct host_map *map, const void *key);
long host_map_update(struct host_map *map, const void *key, const void *value, __u64 flags);
long host_map_delete(struct host_map *map, const void *key);

void host_map_clear(struct host_map *map);
unsigned host_map_count(const struct host_map *map);

/* For each entry, which `visit` may write and not delete. */
void host_map_each(struct host_map *map, void (*visit)(const void *key, void *value, void *data), void *data);

#endif
