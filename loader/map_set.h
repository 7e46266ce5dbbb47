/* SPDX-License-Identifier: GPL-2.0 */
/* The firewall's maps while it is brought up or its programs are loaded again: those that are pinned, and new ones. */
#ifndef LOADER_MAP_SET_H
#define LOADER_MAP_SET_H

#include <stdbool.h>
#include "compat/plan.h"
#include "elf/error.h"

struct options;

#define MAP_SET_MAX 48

struct map_set {
	const struct options *options;
	struct {
		char name[32];
		int fd;
		bool is_new; /* to be pinned */
	} item[MAP_SET_MAX];
	unsigned n;
};

void map_set_begin(struct map_set *set, const struct options *options);
void map_set_close(struct map_set *set);

/* A descriptor that stays the set's, or -ENOENT. */
int map_set_find(const struct map_set *set, const char *name);

/* Takes a map over, in the place of one of that name. 0, or -E2BIG having closed it. */
int map_set_put(struct map_set *set, const char *name, int fd, bool is_new);

/*
 * A map_source (loader/objects.h) over a set: from the set; else the pinned one, migrated where only its number of
 * entries is too small; else a new one. A pinned map of another shape is refused with a sentence that says what
 * differs. An array that was not mapped and now is, is made anew, as nobody looked into it; a program array always,
 * since the programs in force go on using theirs. `context` is the set.
 */
int map_set_source(const struct map_plan *map, void *context, struct error *err);

/*
 * Whether programs that are planned so read what is in a map: one whose array is mapped (blocked_lines) holds addresses
 * that others would pass. 0 or -EEXIST with its sentence.
 */
struct bpf_map_info;
int map_check_read(const struct map_plan *map, const struct bpf_map_info *info, struct error *err);

/* The maps that no program reads: containers, rule_statements, attachments. */
int map_set_own(struct map_set *set, struct error *err);

/* Pins the new maps, each in one step in the place of what was there. */
int map_set_pin(struct map_set *set, struct error *err);

#endif
