/* SPDX-License-Identifier: GPL-2.0 */
/* A node is what the programs find under one prefix of one container and direction. For rule_tables.c alone. */
#ifndef LOADER_RULE_NODE_H
#define LOADER_RULE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include "loader/firewall.h"
#include "loader/map_batch.h"
#include "loader/rule.h"

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
int rule_nodes_rebuild(struct firewall *fw, const struct rule *changed, size_t n_changed, const struct rule *all,
		       size_t n_all, enum port_room room, struct error *err);

/*
 * All nodes of a container that has none yet on the side of these rules, and their ports, are added to what is to be
 * written; its policy, which is not, gets the lists of prefix lengths. 0 or -errno with a sentence.
 */
int rule_nodes_add(struct map_batch *ports, struct map_batch nodes[2], const struct rule *all, size_t n_all,
		   struct container_policy *policy, struct error *err);

/* The batch for the nodes of one direction. */
void rule_nodes_begin(struct map_batch *batch, struct firewall *fw, __u8 direction);

/* Says why what the programs read of rules could not be written: -E2BIG where it is full, else the code. */
int rule_nodes_failed(int code, struct error *err);

/* Removes nodes of the side that is read that no rule stands behind, and then the ports that no node names. */
int rule_nodes_drop_orphans(struct firewall *fw, const struct rule *all, size_t n_all, struct error *err);

/*
 * Removes the nodes of the side that is not in force, and then the ports that no node names. `is_whole`: before that a
 * node named each.
 */
int rule_nodes_drop_other_side(struct firewall *fw, bool is_whole, struct error *err);

#endif
