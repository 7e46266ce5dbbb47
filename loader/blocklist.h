/* SPDX-License-Identifier: GPL-2.0 */
/* The blocklist: full-length addresses (loader/block_map.h), and a hash of prefixes with the lengths in use. */
#ifndef LOADER_BLOCKLIST_H
#define LOADER_BLOCKLIST_H

#include <stdbool.h>
#include <stddef.h>
#include "loader/address.h"
#include "loader/block_keys.h"
#include "loader/firewall.h"

struct prefix_list {
	struct prefix *item;
	size_t n, room;
};

/* 0 or -ENOMEM. */
int prefix_list_add(struct prefix_list *list, const struct prefix *prefix);
void prefix_list_free(struct prefix_list *list);

/* From so many on, room is made first, and they go in batches; of fewer a map says when it is full. */
#define BLOCK_MANY 1024

/*
 * Calls visit for each entry, on whichever side it is, until it gives other than 0, and gives that; else 0 or -errno.
 */
int blocklist_each(struct firewall *fw,
		   int (*visit)(const struct prefix *prefix, const struct fw_block *block, void *context),
		   void *context);

/* What is blocked on the side that is read: for good alone, or also what ends later than now. */
enum blocked { BLOCKED_FOR_GOOD, BLOCKED_NOW };

/* All of it, sorted. 0 or -errno. */
int blocklist_read(struct firewall *fw, enum blocked which, struct prefix_list *out);

/* Whether the blocklist has just that prefix. */
bool blocklist_has(struct firewall *fw, enum blocked which, const struct prefix *prefix);

/* Whether it lacks one of the keys, which is then in *out: 1, else 0; or -errno. Their order is another then. */
int blocklist_lacks(struct firewall *fw, enum blocked which, struct block_keys *keys, struct prefix *out);

/*
 * Beside the FW_SIDE_BITs of an entry: on that side it ends, at what expires_ns is beyond FW_FOREVER, and on the other
 * one it does not. So an entry that ends is kept where the policy that waits to be confirmed has it for good. Programs
 * do not look at this: that policy is in force.
 */
#define BLOCK_ENDS(side) ((side) << 2)

/* When an entry ends on that side, FW_FOREVER: never. `side`: FW_SIDE_BIT. */
__u64 block_end(const struct fw_block *block, __u32 side);

/* Whether an entry is one of those. `side`: FW_SIDE_BIT, or FW_SIDE_BITS: on either. */
bool block_is(const struct fw_block *block, enum blocked which, __u32 side);

/*
 * Both within a change of policy; `keys` they put in an order of their own. Adding, until `expires_ns`
 * (CLOCK_MONOTONIC, or FW_FOREVER): all of them or none; makes the maps larger and the programs as they have to be
 * first; what is blocked for good stays so. Removing: what is not there is no error. 0 or -errno with its sentence.
 */
int blocklist_add(struct firewall *fw, struct block_keys *keys, __u64 expires_ns, struct error *err);
int blocklist_remove(struct firewall *fw, struct block_keys *keys, struct error *err);

/* Within a switch to the other side: of what is blocked on it those are not. 0 or -errno. */
int blocklist_leave(struct firewall *fw, struct block_keys *keys);

/* Behind a switch: what is not on the side in force goes, and the rest is on both. 0 or -errno with a sentence. */
int blocklist_settle(struct firewall *fw, struct error *err);

/* The POLICY_ bits that those need, but for that of their prefix lengths. */
__u32 blocklist_needs(const struct block_keys *keys);

/* Room in the maps for so many more, as firewall_prepare wants it; until `expires_ns`. Few need none. */
void blocklist_room(struct firewall *fw, const struct block_keys *keys, __u64 expires_ns, __u32 entries[MAP_N]);

/* What a killed command left in two places. 0 or -errno with its sentence. */
int blocklist_drop_doubles(struct firewall *fw, struct error *err);

/* Makes the lists of prefix lengths anew from the entries, after a command that was killed. 0 or -errno. */
int blocklist_mend(struct firewall *fw, struct error *err);

#endif
