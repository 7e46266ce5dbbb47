/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/map_copy.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bpf.h>

#include "loader/cpus.h"
#include "syscalls/bpf.h"

static bool is_percpu(__u32 type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static int copy_entries(int from, int to, char *keys[2], void *value)
{
	const void *last = NULL;
	int code, at = 0;

	while (!(code = sys_bpf_map_next_key(from, last, keys[at]))) {
		if (!sys_bpf_map_lookup(from, keys[at], value))
			code = sys_bpf_map_update(to, keys[at], value, BPF_ANY);
		if (code)
			return code;
		last = keys[at];
		at = !at;
	}
	return code == -ENOENT ? 0 : code;
}

int map_copy(int from, int to, struct error *err)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	int code = sys_bpf_info(from, &info, &size);
	char *keys[2] = { NULL, NULL };
	void *value = NULL;

	if (!code) {
		keys[0] = calloc(1, info.key_size);
		keys[1] = calloc(1, info.key_size);
		value = is_percpu(info.type) ? percpu_room(info.value_size) : calloc(1, info.value_size);
		code = keys[0] && keys[1] && value ? copy_entries(from, to, keys, value) : -ENOMEM;
	}
	free(keys[0]);
	free(keys[1]);
	free(value);
	return code ? error_set(err, code, "map %.16s: its entries cannot be copied: %s", info.name, strerror(-code))
		    : 0;
}

__u64 map_count(int fd)
{
	char keys[2][256];
	const void *last = NULL;
	__u64 n = 0;

	while (!sys_bpf_map_next_key(fd, last, keys[n & 1]))
		last = keys[n++ & 1];
	return n;
}
