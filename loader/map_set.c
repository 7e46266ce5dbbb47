/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/map_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "bpf/fw_abi.h"
#include "loader/kernel_map.h"
#include "loader/map_walk.h"
#include "loader/objects.h"
#include "loader/pins.h"
#include "loader/rooms.h"
#include "syscalls/bpf.h"

void map_set_begin(struct map_set *set, const struct options *options)
{
	memset(set, 0, sizeof(*set));
	set->options = options;
}

void map_set_close(struct map_set *set)
{
	while (set->n)
		close(set->item[--set->n].fd);
}

int map_set_find(const struct map_set *set, const char *name)
{
	unsigned i;

	for (i = 0; i < set->n; i++)
		if (!strcmp(set->item[i].name, name))
			return set->item[i].fd;
	return -ENOENT;
}

int map_set_put(struct map_set *set, const char *name, int fd, bool is_new)
{
	unsigned i;

	for (i = 0; i < set->n && strcmp(set->item[i].name, name); i++)
		;
	if (i == MAP_SET_MAX) {
		close(fd);
		return -E2BIG;
	}
	if (i < set->n)
		close(set->item[i].fd);
	else
		set->n++;
	snprintf(set->item[i].name, sizeof(set->item[i].name), "%s", name);
	set->item[i].fd = fd;
	set->item[i].is_new = is_new;
	return 0;
}

static bool is_event_map(__u32 type)
{
	return type == BPF_MAP_TYPE_RINGBUF || type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
}

/* In which field, by name, a pinned map is not what is wanted; NULL: in none. */
static const char *difference(const struct bpf_map_info *is, const struct map_plan *wanted, __u32 *old, __u32 *new)
{
	const struct {
		const char *name;
		__u32 old, new;
	} fields[] = {
		{ "type", is->type, wanted->type },
		{ "key size", is->key_size, wanted->key_size },
		{ "value size", is->value_size, wanted->value_size },
		/* One that has grown may have its memory at once. */
		{ "flags", is->map_flags & ~BPF_F_NO_PREALLOC, wanted->flags & ~BPF_F_NO_PREALLOC },
	};
	unsigned i;

	for (i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		*old = fields[i].old;
		*new = fields[i].new;
		if (*old != *new)
			return fields[i].name;
	}
	return NULL;
}

int map_check_read(const struct map_plan *map, const struct bpf_map_info *info, struct error *err)
{
	if (info->map_flags & ~map->flags & BPF_F_MMAPABLE)
		return error_set(err, -EEXIST,
				 "map %s: programs that do not look into it would take the place of those that do, as "
				 "this kernel is now said to lack what that needs (see `bulkhead probe`): run "
				 "`bulkhead down` first",
				 map->spec->name);
	return 0;
}

/* A larger map with the same entries. */
static int migrate(const struct map_plan *map, int fd, struct error *err)
{
	int larger = kernel_map_make(map, 0, err), code;

	if (larger < 0)
		return larger;
	code = map_copy(fd, larger, err);
	if (code)
		close(larger);
	return code ? code : larger;
}

/* Decides on a pinned map: itself, a migrated copy (*is_new), MAP_ANEW or -errno. Closes what it does not give. */
static int judge(const struct map_plan *map, int fd, bool *is_new, struct error *err)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info), old, new;
	const char *field;
	int code = sys_bpf_info(fd, &info, &size), made;

	if (code) {
		close(fd);
		return error_set(err, code, "map %s: it cannot be asked about: %s", map->spec->name, strerror(-code));
	}
	code = map_check_read(map, &info, err);
	if (code) {
		close(fd);
		return code;
	}
	field = difference(&info, map, &old, &new);
	if (!field && (info.max_entries >= kernel_map_entries(map) || room_has_map(map->spec->name)))
		return fd;
	if (is_event_map(info.type) && is_event_map(map->type)) {
		close(fd);
		return MAP_ANEW; /* what is in it is on its way, and not kept */
	}
	if (map->flags & ~info.map_flags & BPF_F_MMAPABLE) {
		close(fd);
		return MAP_ANEW; /* no program looked into it */
	}
	if (field) {
		close(fd);
		return error_set(err, -EEXIST,
				 "map %s: the pinned one has another %s (%u, wanted %u), made by another version of "
				 "bulkhead: run `bulkhead down` first",
				 map->spec->name, field, old, new);
	}
	*is_new = true;
	made = migrate(map, fd, err);
	close(fd);
	return made;
}

/* The descriptor that the objects get is one of their own. */
static int share(struct map_set *set, const char *name, int fd, bool is_new, struct error *err)
{
	int code = map_set_put(set, name, fd, is_new);

	if (code)
		return error_set(err, code, "map %s: there are more than %d maps", name, MAP_SET_MAX);
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? error_set(err, -errno, "map %s: %s", name, strerror(errno)) : fd;
}

static int open_or_make(struct map_set *set, const struct map_plan *map, bool *is_new, struct error *err)
{
	int fd = MAP_ANEW;

	if (map->type != BPF_MAP_TYPE_PROG_ARRAY)
		fd = pin_open(set->options, "maps", map->spec->name);
	if (fd == -ENOENT)
		fd = MAP_ANEW;
	else if (fd < 0 && fd != MAP_ANEW)
		return error_set(err, fd, "map %s: its pin cannot be opened: %s", map->spec->name, strerror(-fd));
	if (fd >= 0)
		fd = judge(map, fd, is_new, err);
	if (fd != MAP_ANEW)
		return fd;
	*is_new = map->type != BPF_MAP_TYPE_PROG_ARRAY; /* which is pinned under a name of its own */
	return kernel_map_make(map, 0, err);
}

int map_set_source(const struct map_plan *map, void *context, struct error *err)
{
	struct map_set *set = context;
	int fd = map_set_find(set, map->spec->name);
	bool is_new = false;

	if (fd >= 0) {
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		return fd < 0 ? error_set(err, -errno, "map %s: %s", map->spec->name, strerror(errno)) : fd;
	}
	fd = open_or_make(set, map, &is_new, err);
	return fd < 0 ? fd : share(set, map->spec->name, fd, is_new, err);
}

int map_set_own(struct map_set *set, struct error *err)
{
	static const struct map_spec specs[] = {
		{ .name = "containers",
		  .type = BPF_MAP_TYPE_HASH,
		  .key_size = FW_NAME_MAX,
		  .value_size = sizeof(struct fw_container),
		  .max_entries = FW_MAX_CONTAINERS,
		  .flags = BPF_F_NO_PREALLOC },
		{ .name = "rule_statements",
		  .type = BPF_MAP_TYPE_HASH,
		  .key_size = sizeof(struct fw_statement),
		  .value_size = sizeof(struct fw_statement_info),
		  .max_entries = FW_MAX_RULES,
		  .flags = BPF_F_NO_PREALLOC },
		{ .name = "attachments",
		  .type = BPF_MAP_TYPE_HASH,
		  .key_size = sizeof(struct fw_attachment_key),
		  .value_size = sizeof(struct fw_attachment),
		  .max_entries = 8 * FW_MAX_CONTAINERS,
		  .flags = BPF_F_NO_PREALLOC },
	};
	unsigned i;

	for (i = 0; i < sizeof(specs) / sizeof(*specs); i++) {
		struct map_plan map = {
			.spec = &specs[i],
			.type = specs[i].type,
			.key_size = specs[i].key_size,
			.value_size = specs[i].value_size,
			.max_entries = specs[i].max_entries,
			.flags = specs[i].flags,
		};
		int fd;

		snprintf(map.name, sizeof(map.name), "%s", specs[i].name);
		fd = map_set_source(&map, set, err);
		if (fd < 0)
			return fd;
		close(fd);
	}
	return 0;
}

int map_set_pin(struct map_set *set, struct error *err)
{
	unsigned i;
	int code = 0;

	for (i = 0; !code && i < set->n; i++) {
		if (!set->item[i].is_new)
			continue;
		code = pin_replace(set->options, "maps", set->item[i].name, set->item[i].fd, err);
		if (!code)
			set->item[i].is_new = false;
	}
	return code;
}
