/* SPDX-License-Identifier: GPL-2.0 */
/* Where a container's packets are counted: its entry in pkt_stats, and its slot in pkt_passed, if it has one. */
#ifndef LOADER_CONTAINER_STATS_H
#define LOADER_CONTAINER_STATS_H

#include "loader/firewall.h"

/* From zero, where it has none yet: with a slot, where no other that counts has that. 0 or -errno. */
int container_stats_enter(struct firewall *fw, __u32 id);

/* What it has counted is gone; its slot is the next one's to take. */
void container_stats_leave(struct firewall *fw, __u32 id);

/*
 * Adds what its slot has counted, over all CPUs. For a container that has an entry in pkt_stats: of others the slot
 * tells what was before. `room` is percpu_room(sizeof(struct pkt_stats)). 0 or -errno.
 */
int container_stats_add_passed(const struct firewall *fw, __u32 id, void *room, struct pkt_stats *stats);

/* The same for the container that a slot names: its value for all CPUs, as the kernel has given it. */
void container_stats_add_slot(const struct fw_passed *slot, struct pkt_stats *stats);

#endif
