/* SPDX-License-Identifier: GPL-2.0 */
/* How the blocklist's entries get into their maps. For blocklist.c alone. */
#ifndef LOADER_BLOCKLIST_WRITE_H
#define LOADER_BLOCKLIST_WRITE_H

#include "loader/blocklist.h"

/* A prefix as a key of the map that it is kept in. */
union block_key {
	__u8 addr[16];
	struct fw_prefix prefix;
};

/* Which map that is; fills the key. */
enum fw_map block_table(const struct prefix *prefix, union block_key *key);

/*
 * Adds those that are not blocked for good yet, all or none, until `expires_ns`; many in batches, with room for them
 * made first. 0 or -errno with its sentence.
 */
int blocklist_write(struct firewall *fw, const struct prefix_list *list, __u64 expires_ns, struct error *err);

#endif
