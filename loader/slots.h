/* SPDX-License-Identifier: GPL-2.0 */
/* The slots of established connections, where the maps of both are made anew. See struct fw_slot. */
#ifndef LOADER_SLOTS_H
#define LOADER_SLOTS_H

#include "loader/firewall.h"

/*
 * Gives the connection a slot in the map `slots`: its own, or, where that is another's or beyond what its container
 * may have, the next that is free; connection->slot is that then. 0; -ENOSPC: the container's are in use; or -errno.
 */
int slot_give(struct firewall *fw, int slots, const struct five_tuple *tuple, struct fw_connection *connection);

/* Where the connection has been removed. */
void slot_free(int slots, const struct five_tuple *tuple, const struct fw_connection *connection);

/* Gives a slot to each connection of a map. 0 or -errno with a sentence. */
int slots_fill(struct firewall *fw, int slots, int connections, struct error *err);

#endif
