/* SPDX-License-Identifier: GPL-2.0 */
/* The tracked connections, as the programs keep them in three maps. */
#ifndef LOADER_CONNTRACK_H
#define LOADER_CONNTRACK_H

#include <stdbool.h>
#include <stddef.h>
#include "loader/firewall.h"

struct tracked {
	struct five_tuple tuple;
	struct fw_connection connection;
};

struct tracked_list {
	struct tracked *items;
	size_t n, room;
};

/*
 * Adds one map's entries (MAP_CONNTRACK or one beside it) to the list, to be freed
 * with tracked_list_free. Packets go on changing the map meanwhile: an entry may be there twice, or be gone. 0, -errno.
 */
int tracked_list_read(struct firewall *fw, enum fw_map map, struct tracked_list *list);
void tracked_list_free(struct tracked_list *list);

/* Nanoseconds from now_ns (CLOCK_MONOTONIC) until its timeout; negative: it is as good as absent, or was flushed. */
__s64 connection_left_ns(const struct fw_config *config, const struct tracked *tracked, __u64 now_ns);

/* Adds the entries of all three. 0, or -errno and the sentence. */
int conntrack_read(struct firewall *fw, struct tracked_list *list, struct error *err);

/*
 * Forgets every tracked connection, in one step for the programs: they belong to another epoch from then on. A dry run
 * only counts. Gives the number of them, or -errno.
 */
int conntrack_flush(struct firewall *fw, struct error *err);

/* Forgets those of a container whose programs are off its hooks: what is read anew of it counts from none. */
void conntrack_leave(struct firewall *fw, __u32 container);

#endif
