/* SPDX-License-Identifier: GPL-2.0 */
/* How the blocklist's entries get into their maps. For blocklist.c alone. */
#ifndef LOADER_BLOCKLIST_WRITE_H
#define LOADER_BLOCKLIST_WRITE_H

#include "loader/blocklist.h"

/*
 * Adds those that are not blocked for good yet, all or none, until `expires_ns`; many in batches. 0 or -errno with its
 * sentence.
 */
int blocklist_write(struct firewall *fw, struct block_keys *keys, __u64 expires_ns, struct error *err);

#endif
