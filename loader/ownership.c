/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/ownership.h"

#include <stdint.h>
#include <string.h>

#include "syscalls/bpf.h"

#define MAPS_MAX 64

__u32 program_id(int prog_fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	return sys_bpf_info(prog_fd, &info, &size) ? 0 : info.id;
}

/* Every program of ours that could be on a hook reads one of these. */
static bool is_our_map(const struct firewall *fw, __u32 id)
{
	static const enum fw_map read_by_all[] = { MAP_CONFIG, MAP_CONTAINER_DEVS, MAP_PKT_STATS };
	unsigned i;

	for (i = 0; i < sizeof(read_by_all) / sizeof(*read_by_all); i++) {
		struct bpf_map_info info = { 0 };
		__u32 size = sizeof(info);
		int fd = fw->map_fd[read_by_all[i]];

		if (fd >= 0 && !sys_bpf_info(fd, &info, &size) && info.id == id)
			return true;
	}
	return false;
}

/* Kernels before 4.15 keep no names: there the maps alone tell. */
static bool has_name(const struct bpf_prog_info *info, const char *name)
{
	return !info->name[0] || !strncmp(info->name, name, BPF_OBJ_NAME_LEN - 1);
}

bool program_is_ours(const struct firewall *fw, enum hook hook, int prog_fd)
{
	__u32 ids[MAPS_MAX] = { 0 };
	struct bpf_prog_info info = { .nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)ids };
	__u32 size = sizeof(info), i;

	if (sys_bpf_info(prog_fd, &info, &size) || !has_name(&info, hook_program(hook)))
		return false;
	for (i = 0; i < info.nr_map_ids && i < MAPS_MAX; i++)
		if (is_our_map(fw, ids[i]))
			return true;
	return false;
}
