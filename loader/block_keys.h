/* SPDX-License-Identifier: GPL-2.0 */
/* Prefixes as keys of the maps that have the blocklist. */
#ifndef LOADER_BLOCK_KEYS_H
#define LOADER_BLOCK_KEYS_H

#include <stddef.h>

#include "bpf/fw_abi.h"
#include "loader/address.h"
#include "loader/firewall.h"

/* The maps of the blocklist stand together, from this one on. */
#define BLOCK_FIRST MAP_BLOCKED_IPS
#define BLOCK_TABLES 3

/* A prefix as a key of the map that it is kept in. */
union block_key {
	__u8 addr[16];
	struct fw_prefix prefix;
};

/* Which map that is; fills the key. */
enum fw_map block_table(const struct prefix *prefix, union block_key *key);

/* How many bytes of it that map's key has. */
size_t block_key_size(enum fw_map table);

struct key_list {
	unsigned char *key;
	size_t n, room;
};

/* Prefixes as the keys of those maps, 4 bytes for an IPv4 address; in the order of the maps, and then as they came. */
struct block_keys {
	struct key_list of[BLOCK_TABLES];
};

/* 0 or -ENOMEM. */
int block_keys_add(struct block_keys *keys, const struct prefix *prefix);
void block_keys_free(struct block_keys *keys);
size_t block_keys_count(const struct block_keys *keys);

#endif
