/* SPDX-License-Identifier: GPL-2.0 */
/* How large the maps are that programs fill, and do not grow by themselves. A map's size is that of the pinned map. */
#ifndef LOADER_ROOMS_H
#define LOADER_ROOMS_H

#include <stdbool.h>
#include "loader/firewall.h"

struct json;

enum room {
	ROOM_CONNECTIONS, /* established: conntrack; conntrack_slots has twice as many, the half-open ones a quarter */
	ROOM_SOURCES,     /* rate_limiter */
	ROOM_EVENTS,      /* KiB of fw_events: a power of two */
	ROOM_N,
};

#define ROOM_LEAST 1024
#define ROOM_MOST (1u << 20)
#define ROOM_EVENTS_LEAST 64 /* the largest page */
#define ROOM_EVENTS_MOST (64u << 10)

const char *room_name(enum room room);
__u32 room_first(enum room room);

/* "connections 1000000", "events default": an exit status, with the sentence. */
int room_parse(char **words, enum room *room, __u32 *size, struct error *err);

/* The sizes in force. */
void rooms_read(const struct firewall *fw, __u32 sizes[ROOM_N]);
void rooms_json(struct json *json, const __u32 sizes[ROOM_N]);

/* The quota, at first, where there is room for so many connections; 0: for as many as at first. */
__u32 room_quota(__u32 connections);

/* A map that rooms are about, with the room that it belongs to and its entries (bytes) for a size of it. */
struct room_map {
	enum fw_map map;
	enum room room;
	__u32 times, parts, least; /* entries: size * times / parts, and no fewer than `least` */
};
#define ROOM_MAPS 6
extern const struct room_map room_maps[ROOM_MAPS];

__u32 room_map_entries(const struct room_map *map, __u32 size);

/* Whether a map of that name may be of another size than its definition. */
bool room_has_map(const char *name);

/*
 * Puts maps of other sizes in the place of those that are there, with their entries, and the programs with them. 0
 * stays as it is. The quota for all goes along where it is what it was at first. 0; -ENOSPC: fewer than there are
 * entries, or than a container has; -EOPNOTSUPP: this kernel's events have no room to be sized; else the kernel's
 * answer. Nothing is changed then.
 */
int rooms_change(struct firewall *fw, const __u32 sizes[ROOM_N], struct error *err);

#endif
