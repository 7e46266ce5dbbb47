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
#include "loader/slots.h"
#include "syscalls/bpf.h"

/* How much earlier than the loader's clock a program may have read its own. */
#define CLOCK_LAG_NS 20000000

struct change {
	const struct room_map *map;
	struct bpf_map_info is;
	int old_fd, new_fd; /* new_fd: the map set's */
};

struct changes {
	struct change item[ROOM_MAPS];
	unsigned n;
	__u64 began_ns, copied_ns; /* when the first copying began, and when it was over */
};

/* The map that there will be. */
static int map_in(const struct changes *changes, const struct firewall *fw, enum fw_map map)
{
	unsigned i;

	for (i = 0; i < changes->n; i++)
		if (changes->item[i].map->map == map)
			return changes->item[i].new_fd;
	return fw->map_fd[map];
}

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

/*
 * What is on its way to a reader of events is not kept, and the least used of a full LRU map neither. Slots are given
 * anew: where there is less room, programs do not look at those beyond it any more.
 */
static int fill(struct firewall *fw, const struct changes *changes, __u32 entries, struct error *err)
{
	const struct change *change = &changes->item[changes->n - 1];

	if (change->is.type == BPF_MAP_TYPE_RINGBUF)
		return 0;
	if (change->map->map == MAP_CONNTRACK_SLOTS)
		return slots_fill(fw, change->new_fd, map_in(changes, fw, MAP_CONNTRACK), err);
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
	return code ? code : fill(fw, changes, entries, err);
}

static int change_all(struct firewall *fw, const __u32 sizes[ROOM_N], struct changes *changes, struct map_set *maps,
		      struct error *err)
{
	unsigned i;
	int code = 0;

	changes->began_ns = clock_now_ns() - CLOCK_LAG_NS;
	for (i = 0; !code && i < ROOM_MAPS; i++)
		if (sizes[room_maps[i].room])
			code = change_one(fw, &room_maps[i], sizes[room_maps[i].room], changes, maps, err);
	changes->copied_ns = clock_now_ns();
	return code;
}

/* ---- what has changed meanwhile ---- */

/* One map of connections. */
struct settling {
	struct firewall *fw;
	const struct changes *changes;
	int from, to, slots; /* slots -1: these have none */
};

static void bring(const struct settling *settling, const struct five_tuple *tuple, struct fw_connection *connection)
{
	if (settling->slots >= 0 && slot_give(settling->fw, settling->slots, tuple, connection))
		return;
	if (sys_bpf_map_update(settling->to, tuple, connection, BPF_NOEXIST) && settling->slots >= 0)
		slot_free(settling->slots, tuple, connection);
}

/* What was there before the copying is not brought again: it has gone from the new map, or had to give way. */
static int take_newer(const void *tuple, const void *value, void *context)
{
	const struct settling *settling = context;
	struct fw_connection old = *(const struct fw_connection *)value, new;

	if (old.last_seen_ns < settling->changes->began_ns)
		return 0;
	if (sys_bpf_map_lookup(settling->to, tuple, &new)) {
		bring(settling, tuple, &old);
	} else if (new.last_seen_ns <= old.last_seen_ns) {
		old.slot = new.slot;
		sys_bpf_map_update(settling->to, tuple, &old, BPF_EXIST);
	}
	return 0;
}

/* Gone from the old map before the new one was in force. */
static int drop_gone(const void *tuple, const void *value, void *context)
{
	const struct settling *settling = context;
	struct fw_connection old, new = *(const struct fw_connection *)value;
	__u64 copied_ns = settling->changes->copied_ns;

	if (new.last_seen_ns >= copied_ns || sys_bpf_map_lookup(settling->from, tuple, &old) != -ENOENT)
		return 0;
	if (!sys_bpf_map_lookup(settling->to, tuple, &new) && new.last_seen_ns < copied_ns &&
	    !sys_bpf_map_delete(settling->to, tuple) && settling->slots >= 0)
		slot_free(settling->slots, tuple, &new);
	return 0;
}

static void settle(struct firewall *fw, const struct changes *changes)
{
	const struct change *change = changes->item;
	unsigned i;

	for (i = 0; i < changes->n; i++, change++) {
		struct settling settling = { fw, changes, change->old_fd, change->new_fd, -1 };

		if (change->map->room != ROOM_CONNECTIONS || change->map->map == MAP_CONNTRACK_SLOTS)
			continue;
		if (change->map->map == MAP_CONNTRACK)
			settling.slots = map_in(changes, fw, MAP_CONNTRACK_SLOTS);
		map_walk(change->old_fd, take_newer, &settling);
		map_walk(change->new_fd, drop_gone, &settling);
	}
}

int rooms_change(struct firewall *fw, const __u32 sizes[ROOM_N], struct error *err)
{
	struct changes changes = { .n = 0 };
	__u32 before[ROOM_N], quota = fw->config.quota;
	struct map_set maps;
	int code;

	rooms_read(fw, before);
	map_set_begin(&maps, fw->options);
	if (sizes[ROOM_CONNECTIONS] && quota == room_quota(before[ROOM_CONNECTIONS]))
		fw->config.quota = room_quota(sizes[ROOM_CONNECTIONS]);
	code = change_all(fw, sizes, &changes, &maps, err);
	if (!code && changes.n) {
		code = firewall_reload(fw, &maps, fw->config.specialised, err);
		settle(fw, &changes);
	}
	if (code && fw->config.quota != quota) {
		fw->config.quota = quota;
		firewall_write_config(fw, NULL);
	}
	map_set_close(&maps);
	while (changes.n)
		close(changes.item[--changes.n].old_fd);
	return code;
}
