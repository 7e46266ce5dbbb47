/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One table of the blocklist, whatever its entries are kept in: addresses of IPv4 that do not end are in lines
 * (loader/block_lines.h) as far as these have room, the rest in the hash. One that a killed command left in both counts
 * as its line has it.
 */
#ifndef LOADER_BLOCK_MAP_H
#define LOADER_BLOCK_MAP_H

#include "loader/block_lines.h"
#include "loader/firewall.h"
#include "loader/map_walk.h"

struct block_map {
	struct firewall *fw;
	enum fw_map map; /* of the blocklist's tables */
	struct block_lines lines;
	bool hash_is_empty; /* and is not asked: as it was found; what is written since then is known to whoever did */
};

/* For `n` keys, or BLOCK_MAP_ALL. Always to be closed; other tables may grow meanwhile, and its hash. */
#define BLOCK_MAP_ALL ((size_t)-1)
void block_map_open(struct block_map *table, struct firewall *fw, enum fw_map map, size_t n);

/* `code`, or where that is 0, -errno where not all could be read or done. */
int block_map_close(struct block_map *table, int code);

/* Puts keys in the order in which they are best gone through. */
void block_map_sort(const struct block_map *table, void *keys, size_t n);

/* Whether an entry can be in a line: there are some, and it does not end, on either side. */
bool block_map_in_lines(const struct block_map *table, const struct fw_block *block);

/* That the key will be asked for soon. */
void block_map_foresee(const struct block_map *table, const void *key);

/* 0 or -ENOENT; -errno. Keys are as the map has them. */
int block_map_lookup(struct block_map *table, const void *key, struct fw_block *out);

/* What is not there. 0, -EEXIST, -E2BIG (the hash is full), -errno. */
int block_map_insert(struct block_map *table, const void *key, const struct fw_block *block);

/* Puts what is not there in a line: 1; 0: it is for the hash, where it is expected from now on; or -errno. */
int block_map_put(struct block_map *table, const void *key, const struct fw_block *block);

/* Whether the table is one without lines, and has no entries: then nothing need be looked up. */
bool block_map_is_empty(const struct block_map *table);

/* What is there, in one step for the programs. 0 or -errno. */
int block_map_replace(struct block_map *table, const void *key, const struct fw_block *block);

/* 0, also where it is not there; or -errno. */
int block_map_delete(struct block_map *table, const void *key);

/* As map_walk and map_edit (loader/map_walk.h), with struct fw_block as the value; to edit a line's is to write its
 * sides. */
int block_map_walk(struct block_map *table, map_visit visit, void *context);
int block_map_edit(struct block_map *table, map_editor edit, void *context);

/* What is in both goes from the hash. 0 or -errno. */
int block_map_drop_doubles(struct block_map *table);

#endif
