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

/* How many bytes of it that map's key has. */
size_t block_key_size(enum fw_map table);

/*
 * Adds those that are not blocked for good yet, all or none, until `expires_ns`; many in batches. 0 or -errno with its
 * sentence.
 */
int blocklist_write(struct firewall *fw, struct block_keys *keys, __u64 expires_ns, struct error *err);

#endif
