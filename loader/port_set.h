/* SPDX-License-Identifier: GPL-2.0 */
/* The rules of one prefix for one protocol, as disjoint port ranges: deny already put before allow. Pure. */
#ifndef LOADER_PORT_SET_H
#define LOADER_PORT_SET_H

#include <stddef.h>
#include <linux/types.h>

struct port_rule {
	__u16 low, high; /* inclusive */
	__u8 match;      /* FW_MATCH_ALLOW or FW_MATCH_DENY */
	__u32 rule;
};

/* One entry of fw_ports: 2^(16 - length) ports that begin alike. */
struct port_prefix {
	__u16 port;
	__u8 length; /* 0 to 16 */
	__u8 match;
	__u32 rule;
};

/*
 * The fewest-piece cover of what the rules say: each port is in at most one prefix. `out` is to be freed. 0 or -ENOMEM.
 */
int port_set_make(const struct port_rule *rules, size_t n, struct port_prefix **out, size_t *n_out);

#endif
