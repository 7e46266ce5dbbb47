/* SPDX-License-Identifier: GPL-2.0 */
/* A node is what the programs find under one prefix of one container and direction. For rule_tables.c alone. */
#ifndef LOADER_RULE_NODE_H
#define LOADER_RULE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include "loader/firewall.h"

/*
 * What to do where a node's ports have no room beside those that it has: the change is refused, or it must be made.
 * With PORT_ROOM_SWEPT it must, and the ports that were replaced stay until there is no room or rule_nodes_drop_orphans
 * goes over them: for each node alone that would be a walk over all.
 */
enum port_room { PORT_ROOM_NEEDED, PORT_ROOM_MADE, PORT_ROOM_SWEPT };

/*
 * Makes the nodes of all prefixes that `changed` names anew from `all` statements of their (one) container, and then
 * the lists of prefix lengths. Each node is replaced by one update; but for PORT_ROOM_NEEDED one for which there is no
 * room denies everything for the moment in which its old ports give way.
 */
int rule_nodes_rebuild(struct firewall *fw, const struct fw_statement *changed, size_t n_changed,
		       const struct fw_statement *all, size_t n_all, enum port_room room, struct error *err);

/*
 * Removes nodes that no statement stands behind, of the side that is read, or of both, and then the ports that no node
 * names.
 */
int rule_nodes_drop_orphans(struct firewall *fw, const struct fw_statement *all, size_t n_all, bool both_sides,
			    struct error *err);

#endif
