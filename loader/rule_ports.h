/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of ports in fw_ports: each is written once under a fresh number, and goes when no node names it any more. */
#ifndef LOADER_RULE_PORTS_H
#define LOADER_RULE_PORTS_H

#include <stddef.h>
#include "loader/firewall.h"
#include "loader/port_set.h"

struct rule_ports {
	__u8 proto;
	struct port_rule ports;
};

/*
 * Writes what the rules of one node say, protocol by protocol. *set: its number, 0 where there are no rules. 0, -E2BIG
 * or -ENOSPC: there is no room (what was written is the set's still, to be dropped), or -errno.
 */
int rule_ports_write(struct firewall *fw, const struct rule_ports *rules, size_t n, __u32 *set);

/* Removes a set. */
void rule_ports_drop(struct firewall *fw, __u32 set);

/* Removes every set but those; sorts them. */
void rule_ports_drop_others(struct firewall *fw, __u32 *sets, size_t n);

#endif
