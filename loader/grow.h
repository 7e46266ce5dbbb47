/* SPDX-License-Identifier: GPL-2.0 */
/* How a map gets larger. For grow.c and grow_lines.c alone; others call firewall_prepare or firewall_grow. */
#ifndef LOADER_GROW_H
#define LOADER_GROW_H

#include "loader/firewall.h"
#include "loader/map_set.h"

struct bpf_map_info;

#define ENTRIES_MAX (1u << 26)

/* 0, or -E2BIG with its sentence: more than a map may have. */
int check_needed(enum fw_map map, __u64 needed, struct error *err);

/* About one of the firewall's maps. 0 or -errno with its sentence. */
int map_info_of(struct firewall *fw, enum fw_map map, struct bpf_map_info *out, struct error *err);

/* An empty one like that, with so many entries. A descriptor or -errno with its sentence. */
int map_like(enum fw_map map, const struct bpf_map_info *info, __u32 entries, struct error *err);

/* Puts a larger map with the same entries into the set, where the one in force is too small. 0 or -errno. */
int map_put_larger(struct firewall *fw, enum fw_map map, __u64 needed, struct map_set *maps, struct error *err);

/*
 * The same for blocked_lines, where it has lines at all: `needed` addresses. Those that the new lines have no room for
 * are written to blocked_ips first, which stays whole for the programs in force: a command that is killed leaves them
 * in two places.
 */
int lines_put_larger(struct firewall *fw, __u64 needed, struct map_set *maps, struct error *err);

#endif
