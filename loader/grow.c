/* SPDX-License-Identifier: GPL-2.0 */
/* A map that is full gives its place to a larger one. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "loader/block_map.h"
#include "loader/blocklist.h"
#include "loader/firewall.h"
#include "loader/grow.h"
#include "loader/kernel_map.h"
#include "loader/map_walk.h"
#include "loader/reload.h"
#include "syscalls/bpf.h"

/*
 * Memory is taken as entries come, but for a blocklist's: the kernel adds a million in half the time where it has made
 * room for all at once, in no more memory. So that is for an eighth more alone.
 */
static bool takes_memory_first(enum fw_map map)
{
	return map >= BLOCK_FIRST && map < BLOCK_FIRST + BLOCK_TABLES;
}

/* The kernel's buckets are a power of two: there are no more of them for what is only kept free. */
static __u32 entries_for(enum fw_map map, __u32 entries, __u64 needed)
{
	if (takes_memory_first(map))
		entries = FW_MAX_BLOCKED;
	while (entries < needed)
		entries *= 2;
	return takes_memory_first(map) && needed + needed / 8 < entries ? (__u32)(needed + needed / 8) : entries;
}

int check_needed(enum fw_map map, __u64 needed, struct error *err)
{
	return needed > ENTRIES_MAX ? error_set(err, -E2BIG, "map %s: %llu entries: at most %u", firewall_map_name(map),
						(unsigned long long)needed, ENTRIES_MAX)
				    : 0;
}

int map_like(enum fw_map map, const struct bpf_map_info *info, __u32 entries, struct error *err)
{
	struct bpf_map_create_args args = {
		.type = info->type,
		.key_size = info->key_size,
		.value_size = info->value_size,
		.max_entries = entries,
		.flags = info->map_flags & ~(takes_memory_first(map) ? BPF_F_NO_PREALLOC : 0),
		.name = info->name,
	};
	int fd;

	kernel_memory_unlock();
	fd = sys_bpf_map_create(&args);
	return fd < 0 ? error_set(err, fd, "map %s: one with room for %u entries cannot be made: %s", info->name,
				  entries, strerror(-fd))
		      : fd;
}

int map_info_of(struct firewall *fw, enum fw_map map, struct bpf_map_info *out, struct error *err)
{
	__u32 size = sizeof(*out);
	int code;

	memset(out, 0, size);
	code = sys_bpf_info(fw->map_fd[map], out, &size);
	return code ? error_set(err, code, "map %s: it cannot be asked about: %s", firewall_map_name(map),
				strerror(-code))
		    : 0;
}

int map_put_larger(struct firewall *fw, enum fw_map map, __u64 needed, struct map_set *maps, struct error *err)
{
	struct bpf_map_info info;
	int fd = fw->map_fd[map], larger, code = map_info_of(fw, map, &info, err);

	if (code)
		return code;
	if (needed <= info.max_entries)
		return 0;
	code = check_needed(map, needed, err);
	if (code)
		return code;
	larger = map_like(map, &info, entries_for(map, info.max_entries, needed), err);
	if (larger < 0)
		return larger;
	code = map_copy(fd, larger, err);
	if (!code)
		return map_set_put(maps, firewall_map_name(map), larger, true);
	close(larger);
	return code;
}

/* What growing lines have left to the hash, where it comes to nothing. */
static void drop_doubles(struct firewall *fw)
{
	struct block_map table;

	block_map_open(&table, fw, MAP_BLOCKED_IPS, 1);
	block_map_close(&table, block_map_drop_doubles(&table));
}

int firewall_prepare(struct firewall *fw, const __u32 entries[MAP_N], __u32 needs, struct error *err)
{
	struct map_set maps;
	int map, code = 0;

	map_set_begin(&maps, fw->options);
	for (map = 0; !code && entries && map < MAP_N; map++)
		if (entries[map] && map == MAP_BLOCKED_LINES)
			code = lines_put_larger(fw, entries[map], &maps, err);
		else if (entries[map])
			code = map_put_larger(fw, map, entries[map], &maps, err);
	needs |= fw->config.specialised;
	if (!code && (maps.n || needs != fw->config.specialised))
		code = firewall_reload(fw, &maps, needs, err);
	map_set_close(&maps);
	if (code && entries && entries[MAP_BLOCKED_LINES])
		drop_doubles(fw);
	return code;
}

int firewall_grow(struct firewall *fw, enum fw_map map, __u32 wanted, struct error *err)
{
	__u32 entries[MAP_N] = { 0 };
	__u64 needed = map_count(fw->map_fd[map]) + wanted;

	entries[map] = needed < ENTRIES_MAX ? (__u32)needed : ENTRIES_MAX + 1;
	return firewall_prepare(fw, entries, 0, err);
}
