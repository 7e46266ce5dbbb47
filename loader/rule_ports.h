/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of ports in fw_ports: each is written once under a fresh number, and goes when no node names it any more. */
#ifndef LOADER_RULE_PORTS_H
#define LOADER_RULE_PORTS_H

#include <stddef.h>
#include "loader/firewall.h"
#include "loader/map_batch.h"
#include "loader/port_set.h"

struct rule_ports {
	__u8 proto;
	struct port_rule ports;
};

/*
 * Adds what the rules of one node say, protocol by protocol, to what is to be written to fw_ports. *set: its number, 0
 * where there are no rules. 0 or -errno.
 */
int rule_ports_add(struct map_batch *to, const struct rule_ports *rules, size_t n, __u32 *set);

/* The same, and writes it. -E2BIG or -ENOSPC: there is no room; what was written is the set's still, to be dropped. */
int rule_ports_write(struct firewall *fw, const struct rule_ports *rules, size_t n, __u32 *set);

/* The batch for fw_ports. */
void rule_ports_begin(struct map_batch *batch, struct firewall *fw);

/* Removes a set. */
void rule_ports_drop(struct firewall *fw, __u32 set);

/* Removes every set but those; sorts them. 0 or -errno. */
int rule_ports_drop_others(struct firewall *fw, __u32 *sets, size_t n);

#endif
