/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/rooms.h"

#include <string.h>
#include <linux/bpf.h>

#include "loader/command.h"
#include "loader/json.h"
#include "loader/words.h"
#include "syscalls/bpf.h"

static const struct {
	const char *name;
	__u32 first, least, most;
} rooms[ROOM_N] = {
	[ROOM_CONNECTIONS] = { "connections", FW_MAX_CONNECTIONS, ROOM_LEAST, ROOM_MOST },
	[ROOM_SOURCES] = { "sources", FW_MAX_BUCKETS, ROOM_LEAST, ROOM_MOST },
	[ROOM_EVENTS] = { "events", FW_EVENT_RING_BYTES / 1024, ROOM_EVENTS_LEAST, ROOM_EVENTS_MOST },
};

const struct room_map room_maps[ROOM_MAPS] = {
	{ MAP_CONNTRACK, ROOM_CONNECTIONS, 1, 1, 0 },
	{ MAP_CONNTRACK_SLOTS, ROOM_CONNECTIONS, 2, 1, 0 },
	{ MAP_CONNTRACK_HALF_OPEN, ROOM_CONNECTIONS, 1, 4, ROOM_LEAST },
	{ MAP_CONNTRACK_ASKED, ROOM_CONNECTIONS, 1, 4, ROOM_LEAST },
	{ MAP_RATE_LIMITER, ROOM_SOURCES, 1, 1, 0 },
	{ MAP_FW_EVENTS, ROOM_EVENTS, 1024, 1, 0 },
};

__u32 room_map_entries(const struct room_map *map, __u32 size)
{
	__u32 entries = size * map->times / map->parts;

	return entries > map->least ? entries : map->least;
}

bool room_has_map(const char *name)
{
	unsigned i;

	for (i = 0; i < ROOM_MAPS; i++)
		if (!strcmp(firewall_map_name(room_maps[i].map), name))
			return true;
	return false;
}

const char *room_name(enum room room)
{
	return rooms[room].name;
}

__u32 room_first(enum room room)
{
	return rooms[room].first;
}

__u32 room_quota(__u32 connections)
{
	return (connections ? connections : FW_MAX_CONNECTIONS) / 4;
}

static __u32 power_of_two(__u32 size)
{
	__u32 power = 1;

	while (power < size)
		power *= 2;
	return power;
}

int room_parse(char **words, enum room *room, __u32 *size, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	__u64 number;
	unsigned i;

	for (i = 0; i < ROOM_N && strcmp(words[0], rooms[i].name); i++)
		;
	if (i == ROOM_N)
		return usage_error(err, "room: %s: there is none of that name: use connections, sources or events",
				   word_shown(words[0], shown));
	if (!words[1])
		return usage_error(err, "room: %s: its size is missing: write room %s ENTRIES", words[0], words[0]);
	if (!strcmp(words[1], "default"))
		number = rooms[i].first;
	else if (word_number(words[1], rooms[i].most, &number) || number < rooms[i].least)
		return usage_error(err, "room: %s %s: use %s, %u to %u, or default", words[0],
				   word_shown(words[1], shown), i == ROOM_EVENTS ? "KiB" : "a number of entries",
				   rooms[i].least, rooms[i].most);
	*room = (enum room)i;
	*size = i == ROOM_EVENTS ? power_of_two((__u32)number) : (__u32)number;
	return EXIT_DONE;
}

void rooms_read(const struct firewall *fw, __u32 sizes[ROOM_N])
{
	unsigned i;

	for (i = 0; i < ROOM_N; i++)
		sizes[i] = rooms[i].first;
	for (i = 0; i < ROOM_MAPS; i++) {
		const struct room_map *map = &room_maps[i];
		struct bpf_map_info info = { 0 };
		__u32 size = sizeof(info);

		if (map->parts != 1 || map->map == MAP_CONNTRACK_SLOTS ||
		    sys_bpf_info(fw->map_fd[map->map], &info, &size) || info.type == BPF_MAP_TYPE_PERF_EVENT_ARRAY)
			continue;
		sizes[map->room] = info.max_entries / map->times;
	}
}

void rooms_json(struct json *json, const __u32 sizes[ROOM_N])
{
	unsigned i;

	json_object(json);
	for (i = 0; i < ROOM_N; i++)
		json_member_unsigned(json, rooms[i].name, sizes[i]);
	json_end_object(json);
}
