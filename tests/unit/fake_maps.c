/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include "tests/unit/fake_maps.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <linux/bpf.h>

#define BYTES_MAX 16384

static struct fake_map {
	size_t key_size, value_size;
	unsigned room, n;
	unsigned char keys[BYTES_MAX], values[BYTES_MAX];
} maps[MAP_N];
static int updates_left;

void fake_maps_begin(struct firewall *fw)
{
	int i;

	memset(maps, 0, sizeof(maps));
	memset(fw, 0, sizeof(*fw));
	for (i = 0; i < MAP_N; i++)
		fw->map_fd[i] = i;
	updates_left = -1;
}

void fake_map_make(enum fw_map map, size_t key_size, size_t value_size, unsigned room)
{
	maps[map] = (struct fake_map) { .key_size = key_size, .value_size = value_size, .room = room };
}

void fake_maps_fail_after(int updates)
{
	updates_left = updates;
}

unsigned fake_map_count(enum fw_map map)
{
	return maps[map].n;
}

static unsigned char *key_at(struct fake_map *map, unsigned at)
{
	return map->keys + at * map->key_size;
}

static unsigned char *value_at(struct fake_map *map, unsigned at)
{
	return map->values + at * map->value_size;
}

static unsigned find(struct fake_map *map, const void *key)
{
	unsigned i;

	for (i = 0; i < map->n && memcmp(key_at(map, i), key, map->key_size); i++)
		;
	return i;
}

int fake_map_update(enum fw_map which, const void *key, const void *value, __u64 flags)
{
	struct fake_map *map = &maps[which];
	unsigned at = find(map, key);

	if (at < map->n && flags == BPF_NOEXIST)
		return -EEXIST;
	if (at == map->n && flags == BPF_EXIST)
		return -ENOENT;
	if (at == map->room)
		return -E2BIG;
	if (updates_left >= 0 && !updates_left--)
		return -ENOMEM;
	map->n += at == map->n;
	memcpy(key_at(map, at), key, map->key_size);
	memcpy(value_at(map, at), value, map->value_size);
	return 0;
}

int fake_map_lookup(enum fw_map which, const void *key, void *value)
{
	struct fake_map *map = &maps[which];
	unsigned at = find(map, key);

	if (at == map->n)
		return -ENOENT;
	memcpy(value, value_at(map, at), map->value_size);
	return 0;
}

static int delete_key(enum fw_map which, const void *key)
{
	struct fake_map *map = &maps[which];
	unsigned at = find(map, key);

	if (at == map->n)
		return -ENOENT;
	map->n--;
	memmove(key_at(map, at), key_at(map, map->n), map->key_size);
	memmove(value_at(map, at), value_at(map, map->n), map->value_size);
	return 0;
}

static int next_key(enum fw_map which, const void *key, void *next)
{
	struct fake_map *map = &maps[which];
	unsigned at = key ? find(map, key) + 1 : 0;

	if (at >= map->n)
		return -ENOENT;
	memcpy(next, key_at(map, at), map->key_size);
	return 0;
}

static int tell(enum fw_map which, struct bpf_map_info *info)
{
	info->type = BPF_MAP_TYPE_HASH;
	info->key_size = (__u32)maps[which].key_size;
	info->value_size = (__u32)maps[which].value_size;
	info->max_entries = maps[which].room;
	return 0;
}

static int answer(int command, const union bpf_attr *attr)
{
	void *key = (void *)(uintptr_t)attr->key, *value = (void *)(uintptr_t)attr->value;

	switch (command) {
	case BPF_MAP_UPDATE_ELEM:
		return fake_map_update((enum fw_map)attr->map_fd, key, value, attr->flags);
	case BPF_MAP_DELETE_ELEM:
		return delete_key((enum fw_map)attr->map_fd, key);
	case BPF_MAP_LOOKUP_ELEM:
		return fake_map_lookup((enum fw_map)attr->map_fd, key, value);
	case BPF_MAP_GET_NEXT_KEY:
		return next_key((enum fw_map)attr->map_fd, key, value);
	case BPF_OBJ_GET_INFO_BY_FD:
		return tell((enum fw_map)attr->info.bpf_fd, (void *)(uintptr_t)attr->info.info);
	case BPF_MAP_CREATE:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

/* In the C library's place. */
long syscall(long number, ...)
{
	const union bpf_attr *attr;
	va_list words;
	int command, code;

	va_start(words, number);
	command = va_arg(words, int);
	attr = va_arg(words, const union bpf_attr *);
	va_end(words);
	code = number == __NR_bpf ? answer(command, attr) : -ENOSYS;
	errno = -code;
	return code ? -1 : 0;
}
