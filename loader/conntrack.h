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
 * Adds one map's entries (MAP_CONNTRACK, MAP_CONNTRACK_HALF_OPEN or MAP_CONNTRACK_DATAGRAMS) to the list, to be freed
 * with tracked_list_free. Packets go on changing the map meanwhile: an entry may be there twice, or be gone. 0, -errno.
 */
int tracked_list_read(struct firewall *fw, enum fw_map map, struct tracked_list *list);
void tracked_list_free(struct tracked_list *list);

/* Nanoseconds after its last packet until the connection is as good as absent. */
__u64 connection_timeout_ns(const struct fw_config *config, const struct five_tuple *tuple,
			    const struct fw_connection *connection);

/*
 * Removes what has expired from the table of established connections: the programs reclaim an idle entry only when
 * another packet of it comes. For every command that changes something, since there is no daemon to do it. Gives the
 * number removed, or -errno.
 */
int conntrack_expire(struct firewall *fw);

/* Forgets every tracked connection; a dry run only counts. Gives the number of them, or -errno. */
int conntrack_flush(struct firewall *fw, bool dry_run);

/* CLOCK_MONOTONIC, as the programs stamp connections. */
__u64 conntrack_now_ns(void);

#endif
