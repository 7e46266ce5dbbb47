/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Maps of other sizes in the place of those that are there. Until the last program is replaced the old maps are written
 * to, so entries are copied twice: before, so that few are missing at any time, and after, what has changed meanwhile.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "loader/clock.h"
#include "loader/kernel_map.h"
#include "loader/map_walk.h"
#include "loader/reload.h"
#include "loader/rooms.h"
#include "syscalls/bpf.h"

struct change {
	const struct room_map *map;
	struct bpf_map_info is;
	int old_fd, new_fd; /* new_fd: the map set's */
};

struct changes {
	struct change item[ROOM_MAPS];
	unsigned n;
	__u64 copied_ns; /* when the first copying was over */
};

static int make(struct change *change, __u32 entries, struct error *err)
{
	struct bpf_map_create_args args = {
		.type = change->is.type,
		.key_size = change->is.key_size,
		.value_size = change->is.value_size,
		.max_entries = entries,
		.flags = change->is.map_flags,
		.name = change->is.name,
	};

	kernel_memory_unlock();
	change->new_fd = sys_bpf_map_create(&args);
	return change->new_fd < 0 ? error_set(err, change->new_fd, "room: map %s: one of %u entries cannot be made: %s",
					      args.name, entries, strerror(-change->new_fd))
				  : 0;
}

/* What is on its way to a reader of events is not kept, and the least used of a full LRU map neither. */
static int fill(struct change *change, __u32 entries, struct error *err)
{
	if (change->is.type == BPF_MAP_TYPE_RINGBUF)
		return 0;
	if (change->is.type == BPF_MAP_TYPE_HASH && entries < change->is.max_entries &&
	    map_count(change->old_fd) > entries)
		return error_set(err, -ENOSPC,
				 "room: map %s: it has more than %u entries: give more room, or run `bulkhead flush "
				 "conntrack` first",
				 change->is.name, entries);
	return map_copy(change->old_fd, change->new_fd, err);
}

static int change_one(struct firewall *fw, const struct room_map *map, __u32 size, struct changes *changes,
		      struct map_set *maps, struct error *err)
{
	struct change *change = &changes->item[changes->n];
	__u32 entries = room_map_entries(map, size), info_size = sizeof(change->is);
	int fd = fw->map_fd[map->map], code;

	memset(change, 0, sizeof(*change));
	change->map = map;
	code = sys_bpf_info(fd, &change->is, &info_size);
	if (code)
		return error_set(err, code, "map %s: it cannot be asked about: %s", firewall_map_name(map->map),
				 strerror(-code));
	if (change->is.max_entries == entries)
		return 0;
	if (change->is.type == BPF_MAP_TYPE_PERF_EVENT_ARRAY)
		return size == room_first(map->room)
			       ? 0
			       : error_set(err, -EOPNOTSUPP,
					   "room: events: this kernel has no ring buffer to be sized");
	change->old_fd = dup(fd);
	if (change->old_fd < 0)
		return error_set(err, -errno, "map %s: %s", firewall_map_name(map->map), strerror(errno));
	changes->n++;
	code = make(change, entries, err);
	if (!code)
		code = map_set_put(maps, firewall_map_name(map->map), change->new_fd, true);
	return code ? code : fill(change, entries, err);
}

static int change_all(struct firewall *fw, const __u32 sizes[ROOM_N], struct changes *changes, struct map_set *maps,
		      struct error *err)
{
	unsigned i;
	int code = 0;

	for (i = 0; !code && i < ROOM_MAPS; i++)
		if (sizes[room_maps[i].room])
			code = change_one(fw, &room_maps[i], sizes[room_maps[i].room], changes, maps, err);
	changes->copied_ns = clock_now_ns();
	return code;
}

/* ---- what has changed meanwhile ---- */

static void take_newer(int from, int to, const struct five_tuple *key)
{
	struct fw_connection old, new;

	if (sys_bpf_map_lookup(from, key, &old))
		return;
	if (sys_bpf_map_lookup(to, key, &new))
		sys_bpf_map_update(to, key, &old, BPF_NOEXIST);
	else if (new.last_seen_ns < old.last_seen_ns)
		sys_bpf_map_update(to, key, &old, BPF_EXIST);
}

/* Gone from the old map before the new one was in force. */
static void drop_gone(int from, int to, const struct five_tuple *key, __u64 copied_ns)
{
	struct fw_connection old, new;

	if (sys_bpf_map_lookup(from, key, &old) == -ENOENT && !sys_bpf_map_lookup(to, key, &new) &&
	    new.last_seen_ns < copied_ns)
		sys_bpf_map_delete(to, key);
}

static void settle_connections(int from, int to, __u64 copied_ns)
{
	struct five_tuple keys[2];
	unsigned at = 0;
	int more;

	for (more = !sys_bpf_map_next_key(from, NULL, &keys[0]); more; at = !at) {
		more = !sys_bpf_map_next_key(from, &keys[at], &keys[!at]);
		take_newer(from, to, &keys[at]);
	}
	for (more = !sys_bpf_map_next_key(to, NULL, &keys[at = 0]); more; at = !at) {
		more = !sys_bpf_map_next_key(to, &keys[at], &keys[!at]);
		drop_gone(from, to, &keys[at], copied_ns);
	}
}

/* A slot whose connection has gone would never be free again. */
static void settle_slots(int from, int to, int conntrack)
{
	struct fw_slot keys[2];
	struct fw_connection connection;
	struct five_tuple tuple;
	unsigned at = 0;
	int more;

	for (more = !sys_bpf_map_next_key(from, NULL, &keys[0]); more; at = !at) {
		more = !sys_bpf_map_next_key(from, &keys[at], &keys[!at]);
		if (!sys_bpf_map_lookup(from, &keys[at], &tuple))
			sys_bpf_map_update(to, &keys[at], &tuple, BPF_NOEXIST);
	}
	for (more = !sys_bpf_map_next_key(to, NULL, &keys[at = 0]); more; at = !at) {
		more = !sys_bpf_map_next_key(to, &keys[at], &keys[!at]);
		if (sys_bpf_map_lookup(from, &keys[at], &tuple) == -ENOENT &&
		    !sys_bpf_map_lookup(to, &keys[at], &tuple) &&
		    sys_bpf_map_lookup(conntrack, &tuple, &connection) == -ENOENT)
			sys_bpf_map_delete(to, &keys[at]);
	}
}

static void settle(const struct firewall *fw, const struct changes *changes)
{
	const struct change *change = changes->item;
	unsigned i;

	for (i = 0; i < changes->n; i++, change++) {
		if (change->map->map == MAP_CONNTRACK_SLOTS)
			settle_slots(change->old_fd, change->new_fd, fw->map_fd[MAP_CONNTRACK]);
		else if (change->map->room == ROOM_CONNECTIONS)
			settle_connections(change->old_fd, change->new_fd, changes->copied_ns);
	}
}

static int install(struct firewall *fw, struct map_set *maps, struct error *err)
{
	struct program_set programs;
	int code = programs_load(maps, fw->config.specialised, &programs, err);

	if (!code) {
		code = firewall_install(fw, maps, &programs, fw->config.specialised, err);
		programs_close(&programs);
	}
	return code;
}

int rooms_change(struct firewall *fw, const __u32 sizes[ROOM_N], struct error *err)
{
	struct changes changes = { .n = 0 };
	__u32 before[ROOM_N];
	struct map_set maps;
	int code;

	rooms_read(fw, before);
	map_set_begin(&maps, fw->options);
	code = change_all(fw, sizes, &changes, &maps, err);
	if (!code && changes.n) {
		if (sizes[ROOM_CONNECTIONS] && fw->config.quota == room_quota(before[ROOM_CONNECTIONS]))
			fw->config.quota = room_quota(sizes[ROOM_CONNECTIONS]);
		code = install(fw, &maps, err);
		settle(fw, &changes);
	}
	map_set_close(&maps);
	while (changes.n)
		close(changes.item[--changes.n].old_fd);
	return code;
}
