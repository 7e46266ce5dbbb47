/* SPDX-License-Identifier: GPL-2.0 */
/* A map that is full gives its place to a larger one. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "loader/firewall.h"
#include "loader/kernel_map.h"
#include "loader/map_copy.h"
#include "loader/reload.h"
#include "syscalls/bpf.h"

#define ENTRIES_MAX (1u << 26)

static int make_larger(const struct bpf_map_info *info, __u32 entries, struct error *err)
{
	struct bpf_map_create_args args = {
		.type = info->type,
		.key_size = info->key_size,
		.value_size = info->value_size,
		.max_entries = entries,
		.flags = info->map_flags,
		.name = info->name,
	};
	int fd;

	kernel_memory_unlock();
	fd = sys_bpf_map_create(&args);
	return fd < 0 ? error_set(err, fd, "map %s: one with room for %u entries cannot be made: %s", info->name,
				  entries, strerror(-fd))
		      : fd;
}

/* Puts the larger map, which the set takes over, in the place of the other. */
static int install(struct firewall *fw, enum fw_map map, int larger, struct error *err)
{
	struct program_set programs;
	struct map_set maps;
	int code;

	map_set_begin(&maps, fw->options);
	map_set_put(&maps, firewall_map_name(map), larger, true);
	code = programs_load(&maps, fw->config.specialised, &programs, err);
	if (!code) {
		code = firewall_install(fw, &maps, &programs, fw->config.specialised, err);
		programs_close(&programs);
	}
	map_set_close(&maps);
	return code;
}

int firewall_grow(struct firewall *fw, enum fw_map map, __u32 wanted, struct error *err)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info), entries;
	__u64 needed;
	int fd = fw->map_fd[map], larger, code = sys_bpf_info(fd, &info, &size);

	if (code)
		return error_set(err, code, "map %s: it cannot be asked about: %s", firewall_map_name(map),
				 strerror(-code));
	needed = map_count(fd) + wanted;
	if (needed <= info.max_entries)
		return 0;
	if (needed > ENTRIES_MAX)
		return error_set(err, -E2BIG, "map %s: %llu entries: at most %u", firewall_map_name(map),
				 (unsigned long long)needed, ENTRIES_MAX);
	for (entries = info.max_entries; entries < needed; entries *= 2)
		;
	larger = make_larger(&info, entries, err);
	if (larger < 0)
		return larger;
	code = map_copy(fd, larger, err);
	if (code) {
		close(larger);
		return code;
	}
	return install(fw, map, larger, err);
}
