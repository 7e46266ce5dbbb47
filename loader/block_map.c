/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/block_map.h"

#include <errno.h>
#include <string.h>
#include <linux/bpf.h>

#include "syscalls/bpf.h"

static int hash_of(const struct block_map *table)
{
	return table->fw->map_fd[table->map];
}

static bool hash_has_none(const struct block_map *table)
{
	unsigned char key[sizeof(struct fw_prefix)];

	return sys_bpf_map_next_key(hash_of(table), NULL, key) == -ENOENT;
}

/* From so many keys on, some of them have the same window of many. */
#define MANY 256

void block_map_open(struct block_map *table, struct firewall *fw, enum fw_map map, size_t n)
{
	memset(table, 0, sizeof(*table));
	table->fw = fw;
	table->map = map;
	if (map == MAP_BLOCKED_IPS)
		block_lines_open(&table->lines, &fw->map_fd[MAP_BLOCKED_LINES],
				 n < MANY ? LINES_OF_ONE : LINES_OF_MANY);
	table->hash_is_empty = n >= MANY && hash_has_none(table);
}

int block_map_close(struct block_map *table, int code)
{
	int closed = block_lines_close(&table->lines);

	return code ? code : closed;
}

void block_map_sort(const struct block_map *table, void *keys, size_t n)
{
	if (table->lines.n)
		block_lines_sort(&table->lines, keys, n);
}

/* Only addresses of IPv4 have lines, so that the key is one where there are any. */
static __u32 address_of(const void *key)
{
	__u32 address;

	memcpy(&address, key, sizeof(address));
	return address;
}

static struct block_place find(struct block_map *table, const void *key)
{
	if (!table->lines.n)
		return (struct block_place) { 0 };
	return block_lines_find(&table->lines, address_of(key));
}

void block_map_foresee(const struct block_map *table, const void *key)
{
	if (table->lines.n)
		block_lines_foresee(&table->lines, address_of(key));
}

static bool hash_may_have(struct block_map *table, const void *key)
{
	return !table->lines.n || block_lines_others(&table->lines, address_of(key));
}

static struct fw_block block_at(struct block_place place)
{
	return (struct fw_block) {
		.expires_ns = FW_FOREVER,
		.hits = place.line->hits[place.at],
		.sides = block_place_sides(place),
	};
}

bool block_map_in_lines(const struct block_map *table, const struct fw_block *block)
{
	return table->lines.n && block->expires_ns == FW_FOREVER && !(block->sides & ~FW_SIDE_BITS);
}

int block_map_lookup(struct block_map *table, const void *key, struct fw_block *out)
{
	struct block_place place = find(table, key);

	if (place.line) {
		*out = block_at(place);
		return 0;
	}
	return !table->hash_is_empty && hash_may_have(table, key) ? sys_bpf_map_lookup(hash_of(table), key, out)
								  : -ENOENT;
}

/* Nothing is written where a window cannot be mapped: nobody would look for it. */
static int put_in_hash(struct block_map *table, const void *key, const struct fw_block *block, __u64 flags)
{
	int code = table->lines.n ? block_lines_expect_others(&table->lines, address_of(key)) : 0;

	if (code)
		return code;
	table->hash_is_empty = false;
	return sys_bpf_map_update(hash_of(table), key, block, flags);
}

int block_map_put(struct block_map *table, const void *key, const struct fw_block *block)
{
	if (!table->lines.n)
		return 0;
	if (block_map_in_lines(table, block) && block_lines_put(&table->lines, address_of(key), block->sides))
		return 1;
	return block_lines_expect_others(&table->lines, address_of(key));
}

bool block_map_is_empty(const struct block_map *table)
{
	return !table->lines.n && table->hash_is_empty;
}

int block_map_insert(struct block_map *table, const void *key, const struct fw_block *block)
{
	struct fw_block there;
	int code;

	if (table->lines.n && !block_map_lookup(table, key, &there))
		return -EEXIST;
	code = block_map_put(table, key, block);
	return code ? (code < 0 ? code : 0) : put_in_hash(table, key, block, BPF_NOEXIST);
}

int block_map_replace(struct block_map *table, const void *key, const struct fw_block *block)
{
	struct block_place place = find(table, key);
	int code = table->lines.code;

	if (code)
		return code;
	if (place.line && block_map_in_lines(table, block)) {
		place.line->hits[place.at] = block->hits;
		block_place_write(place, block->sides);
		return 0;
	}
	code = put_in_hash(table, key, block, BPF_ANY);
	if (!code && place.line)
		block_lines_remove(&table->lines, place);
	return code;
}

int block_map_delete(struct block_map *table, const void *key)
{
	struct block_place place = find(table, key);
	int code = hash_may_have(table, key) ? sys_bpf_map_delete(hash_of(table), key) : 0;

	if (place.line)
		block_lines_remove(&table->lines, place);
	return code && code != -ENOENT ? code : table->lines.code;
}

/* ---- all of them ---- */

struct walking {
	struct block_map *table;
	map_visit visit;
	map_editor edit;
	void *context;
};

static int visit_place(struct block_lines *lines, __u32 address, struct block_place place, void *context)
{
	const struct walking *walking = context;
	struct fw_block block = block_at(place);

	(void)lines;
	return walking->visit(&address, &block, walking->context);
}

int block_map_walk(struct block_map *table, map_visit visit, void *context)
{
	struct walking walking = { .table = table, .visit = visit, .context = context };
	int code = block_lines_each(&table->lines, visit_place, &walking);

	return code ? code : map_walk(hash_of(table), visit, context);
}

static int edit_place(struct block_lines *lines, __u32 address, struct block_place place, void *context)
{
	const struct walking *walking = context;
	struct fw_block block = block_at(place);
	enum map_edit edit = walking->edit(&address, &block, walking->context);

	if (edit == MAP_REMOVE)
		block_lines_remove(lines, place);
	if (edit == MAP_WRITE)
		block_place_write(place, block.sides);
	return 0;
}

int block_map_edit(struct block_map *table, map_editor edit, void *context)
{
	struct walking walking = { .table = table, .edit = edit, .context = context };
	int code = block_lines_each(&table->lines, edit_place, &walking);

	return code ? code : map_edit(hash_of(table), edit, context);
}

static enum map_edit drop_double(const void *key, void *value, void *context)
{
	(void)value;
	return find(context, key).line ? MAP_REMOVE : MAP_KEEP;
}

int block_map_drop_doubles(struct block_map *table)
{
	return table->lines.n ? map_edit(hash_of(table), drop_double, table) : 0;
}
