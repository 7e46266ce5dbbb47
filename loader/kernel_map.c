/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/kernel_map.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "loader/cpus.h"
#include "loader/host_features.h"
#include "syscalls/bpf.h"

void kernel_memory_unlock(void)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	static bool done;

	if (!done && !host_has(FEATURE_MEMCG_ACCOUNT))
		setrlimit(RLIMIT_MEMLOCK, &unlimited);
	done = true;
}

__u32 kernel_map_entries(const struct map_plan *map)
{
	if (map->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY && !map->max_entries)
		return cpus_bound();
	return map->max_entries;
}

/* The template that a map of maps is made with: any map of that shape, needed only while it is made. */
static int make_inner(const struct map_spec *inner, struct error *err)
{
	struct bpf_map_create_args args = {
		.type = inner->type,
		.key_size = inner->key_size,
		.value_size = inner->value_size,
		.max_entries = inner->max_entries,
		.flags = inner->flags,
		.map_extra = inner->map_extra,
	};
	int fd = sys_bpf_map_create(&args);

	if (fd < 0)
		error_set(err, fd, "map %s: the template of its maps cannot be made: %s", inner->name, strerror(-fd));
	return fd;
}

static int explain(const struct map_plan *map, int code, struct error *err)
{
	if (code == -EPERM)
		return error_set(err, code,
				 "map %s: it cannot be made: %s: run as root or with CAP_BPF, and raise ulimit -l "
				 "where that is low",
				 map->spec->name, strerror(-code));
	return error_set(err, code, "map %s: it cannot be made: %s (type %u, key %u, value %u, %u entries, flags %#x)",
			 map->spec->name, strerror(-code), map->type, map->key_size, map->value_size,
			 kernel_map_entries(map), map->flags);
}

/* A kernel that refuses the types makes the map without them. */
static int create(const struct map_plan *map, int btf_fd, int inner_fd, struct error *err)
{
	struct bpf_map_create_args args = {
		.type = map->type,
		.key_size = map->key_size,
		.value_size = map->value_size,
		.max_entries = kernel_map_entries(map),
		.flags = map->flags,
		.inner_fd = inner_fd,
		.map_extra = map->spec->map_extra,
		.name = map->name,
		.numa_node = map->spec->numa_node,
	};
	int fd;

	if (btf_fd > 0 && map->btf_value) {
		args.btf_fd = btf_fd;
		args.btf_key = map->btf_key;
		args.btf_value = map->btf_value;
	}
	fd = sys_bpf_map_create(&args);
	if (fd < 0 && args.btf_fd) {
		args.btf_fd = 0;
		args.btf_key = args.btf_value = 0;
		fd = sys_bpf_map_create(&args);
	}
	return fd < 0 ? explain(map, fd, err) : fd;
}

static int fill(const struct map_plan *map, int fd, struct error *err)
{
	const struct map_spec *spec = map->spec;
	void *value;
	__u32 zero = 0;
	int code = 0;

	if (spec->contents.data) {
		value = calloc(1, map->value_size);
		if (!value)
			return error_set(err, -ENOMEM, "map %s: no memory for its contents", spec->name);
		memcpy(value, spec->contents.data,
		       spec->contents.size < map->value_size ? spec->contents.size : map->value_size);
		code = sys_bpf_map_update(fd, &zero, value, BPF_ANY);
		free(value);
	}
	if (!code && spec->is_read_only)
		code = sys_bpf_map_freeze(fd);
	if (code)
		error_set(err, code, "map %s: its contents cannot be written: %s", spec->name, strerror(-code));
	return code;
}

int kernel_map_make(const struct map_plan *map, int btf_fd, struct error *err)
{
	int inner, fd, code;

	kernel_memory_unlock();
	inner = map->spec->inner ? make_inner(map->spec->inner, err) : 0;
	if (inner < 0)
		return inner;
	fd = create(map, btf_fd, inner, err);
	if (inner > 0)
		close(inner);
	if (fd < 0 || !map->spec->is_data)
		return fd;
	code = fill(map, fd, err);
	if (code)
		close(fd);
	return code ? code : fd;
}
