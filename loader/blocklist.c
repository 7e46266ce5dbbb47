/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/blocklist.h"
#include "loader/blocklist_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/array.h"
#include "loader/block_map.h"
#include "loader/clock.h"
#include "loader/map_walk.h"
#include "syscalls/bpf.h"

int prefix_list_add(struct prefix_list *list, const struct prefix *prefix)
{
	void *grown = array_room(list->item, list->n, &list->room, sizeof(*list->item));
	if (!grown)
		return -ENOMEM;
	list->item = grown;
	list->item[list->n++] = *prefix;
	return 0;
}

void prefix_list_free(struct prefix_list *list)
{
	free(list->item);
	memset(list, 0, sizeof(*list));
}

static void prefix_of(enum fw_map table, const void *key, struct prefix *out)
{
	memset(out, 0, sizeof(*out));
	if (table == MAP_BLOCKED_PREFIXES) {
		*out = prefix_of_key(key);
		return;
	}
	out->family = table == MAP_BLOCKED_IPS ? FW_IPV4 : FW_IPV6;
	out->length = address_bits(out->family);
	memcpy(out->addr, key, out->length / 8);
}

/* ---- reading ---- */

typedef int (*block_visit)(const struct prefix *prefix, const struct fw_block *block, void *context);

struct visiting {
	enum fw_map table;
	block_visit visit;
	void *context;
};

static int visit_entry(const void *key, const void *value, void *context)
{
	const struct visiting *visiting = context;
	struct prefix prefix;

	prefix_of(visiting->table, key, &prefix);
	return visiting->visit(&prefix, value, visiting->context);
}

int blocklist_each(struct firewall *fw, block_visit visit, void *context)
{
	struct visiting visiting = { BLOCK_FIRST, visit, context };
	struct block_map table;
	int code = 0;

	for (; !code && visiting.table < BLOCK_FIRST + BLOCK_TABLES; visiting.table++) {
		block_map_open(&table, fw, visiting.table, BLOCK_MAP_ALL);
		code = block_map_close(&table, block_map_walk(&table, visit_entry, &visiting));
	}
	return code;
}

__u64 block_end(const struct fw_block *block, __u32 side)
{
	if (block->expires_ns <= FW_FOREVER)
		return block->expires_ns;
	return side != FW_SIDE_BITS && block->sides & BLOCK_ENDS(side) ? block->expires_ns - FW_FOREVER : FW_FOREVER;
}

bool block_is(const struct fw_block *block, enum blocked which, __u32 side)
{
	__u64 end = block_end(block, side);

	if (!(block->sides & side))
		return false;
	return end == FW_FOREVER || (which == BLOCKED_NOW && end > clock_now_ns());
}

struct reading {
	struct prefix_list *out;
	enum blocked which;
	__u32 side; /* FW_SIDE_BIT */
};

static int take_entry(const struct prefix *prefix, const struct fw_block *block, void *context)
{
	const struct reading *reading = context;

	return block_is(block, reading->which, reading->side) ? prefix_list_add(reading->out, prefix) : 0;
}

int blocklist_read(struct firewall *fw, enum blocked which, struct prefix_list *out)
{
	struct reading reading = { out, which, 1 + firewall_side(fw) };
	int code;

	memset(out, 0, sizeof(*out));
	code = blocklist_each(fw, take_entry, &reading);
	if (code)
		prefix_list_free(out);
	else if (out->n)
		qsort(out->item, out->n, sizeof(*out->item), prefix_compare);
	return code;
}

bool blocklist_has(struct firewall *fw, enum blocked which, const struct prefix *prefix)
{
	union block_key key;
	struct fw_block block;
	struct block_map table;
	bool has;

	block_map_open(&table, fw, block_table(prefix, &key), 1);
	has = !block_map_lookup(&table, &key, &block) && block_is(&block, which, 1 + firewall_side(fw));
	return !block_map_close(&table, 0) && has;
}

/* In the order of the windows that are mapped, each of them once. */
static int table_lacks(struct block_map *table, enum blocked which, const struct key_list *list, struct prefix *out)
{
	size_t size = block_key_size(table->map), at;
	struct fw_block block;

	block_map_sort(table, list->key, list->n);
	for (at = 0; at < list->n; at++) {
		int code = block_map_lookup(table, list->key + at * size, &block);

		if (code && code != -ENOENT)
			return code;
		if (code || !block_is(&block, which, 1 + firewall_side(table->fw))) {
			prefix_of(table->map, list->key + at * size, out);
			return 1;
		}
	}
	return 0;
}

int blocklist_lacks(struct firewall *fw, enum blocked which, struct block_keys *keys, struct prefix *out)
{
	struct block_map table;
	int i, code = 0, closed;

	for (i = 0; !code && i < BLOCK_TABLES; i++) {
		if (!keys->of[i].n)
			continue;
		block_map_open(&table, fw, BLOCK_FIRST + i, keys->of[i].n);
		code = table_lacks(&table, which, &keys->of[i], out);
		closed = block_map_close(&table, 0);
		code = closed ? closed : code;
	}
	return code;
}

/* ---- the prefix lengths in use, of IPv4 and of IPv6 ---- */

static const __u32 families[] = { FW_IPV4, FW_IPV6 };

static void lengths_begin(struct fw_lengths lengths[2])
{
	memset(lengths, 0, 2 * sizeof(*lengths));
	memset(lengths[0].length, FW_LENGTH_END, sizeof(lengths[0].length));
	memset(lengths[1].length, FW_LENGTH_END, sizeof(lengths[1].length));
}

static int lengths_read(struct firewall *fw, struct fw_lengths lengths[2])
{
	int i, code = 0;

	lengths_begin(lengths);
	for (i = 0; i < 2 && (!code || code == -ENOENT); i++)
		code = sys_bpf_map_lookup(fw->map_fd[MAP_BLOCKED_LENGTHS], &families[i], &lengths[i]);
	return code == -ENOENT ? 0 : code;
}

static int lengths_add(struct fw_lengths lengths[2], const struct fw_prefix *key)
{
	struct fw_lengths *of = &lengths[key->family == FW_IPV6];
	__u8 *end = memchr(of->length, FW_LENGTH_END, sizeof(of->length));

	if (memchr(of->length, key->length, sizeof(of->length)))
		return 0;
	if (!end)
		return -E2BIG;
	*end = key->length;
	return 0;
}

static __u32 lengths_needs(const struct fw_lengths lengths[2])
{
	return lengths_need(&lengths[0]) | lengths_need(&lengths[1]);
}

static int lengths_write(struct firewall *fw, const struct fw_lengths lengths[2])
{
	int i, code = 0, map = fw->map_fd[MAP_BLOCKED_LENGTHS];

	for (i = 0; i < 2 && (!code || code == -ENOENT); i++)
		code = lengths[i].length[0] != FW_LENGTH_END
			       ? sys_bpf_map_update(map, &families[i], &lengths[i], BPF_ANY)
			       : sys_bpf_map_delete(map, &families[i]);
	return code == -ENOENT ? 0 : code;
}

static int cannot_write(int code, struct error *err)
{
	return code ? error_set(err, code, "the blocklist cannot be written: %s", strerror(-code)) : 0;
}

/* ---- adding ---- */

__u32 blocklist_needs(const struct block_keys *keys)
{
	return (keys->of[MAP_BLOCKED_IPS6 - BLOCK_FIRST].n ? POLICY_BLOCKS_IPV6 : 0) |
	       (keys->of[MAP_BLOCKED_PREFIXES - BLOCK_FIRST].n ? POLICY_BLOCKS_PREFIXES : 0);
}

/* Those in use, and those that will be. */
static int lengths_with(struct firewall *fw, const struct key_list *prefixes, struct fw_lengths lengths[2],
			struct error *err)
{
	const struct fw_prefix *key = (const void *)prefixes->key;
	size_t i;
	int code = lengths_read(fw, lengths);

	if (code)
		return error_set(err, code, "the blocklist cannot be read: %s", strerror(-code));
	for (i = 0; i < prefixes->n; i++)
		if (lengths_add(lengths, &key[i]))
			return error_set(err, -E2BIG, "more than %d different prefix lengths on the list: use fewer",
					 FW_LENGTHS_MAX);
	return 0;
}

/* Of addresses that can be in lines, a few find theirs full and are in the hash. */
#define OTHERS(n) ((n) / 16)

static __u32 addresses_room(struct firewall *fw, __u64 more, __u64 expires_ns, __u32 entries[MAP_N])
{
	const struct fw_block block = { .expires_ns = expires_ns, .sides = FW_SIDE_BITS };
	struct block_map table;
	__u64 there;

	block_map_open(&table, fw, MAP_BLOCKED_IPS, BLOCK_MAP_ALL);
	if (block_map_in_lines(&table, &block)) {
		there = block_lines_count(&table.lines);
		entries[MAP_BLOCKED_LINES] = (__u32)(there + more);
		more = OTHERS(there + more);
	}
	block_map_close(&table, 0);
	return (__u32)more;
}

void blocklist_room(struct firewall *fw, const struct block_keys *keys, __u64 expires_ns, __u32 entries[MAP_N])
{
	int i;

	for (i = 0; i < BLOCK_TABLES; i++) {
		__u32 more = (__u32)keys->of[i].n;

		if (more < BLOCK_MANY)
			continue;
		if (BLOCK_FIRST + i == MAP_BLOCKED_IPS)
			more = addresses_room(fw, more, expires_ns, entries);
		entries[BLOCK_FIRST + i] = (__u32)map_count(fw->map_fd[BLOCK_FIRST + i]) + more;
	}
}

/* The lengths first, which are harmless without entries: where one of the two fails, no entry is left. */
int blocklist_add(struct firewall *fw, struct block_keys *keys, __u64 expires_ns, struct error *err)
{
	const struct key_list *prefixes = &keys->of[MAP_BLOCKED_PREFIXES - BLOCK_FIRST];
	__u32 entries[MAP_N] = { 0 };
	struct fw_lengths lengths[2];
	struct error ignored = { 0 };
	int code = 0;

	lengths_begin(lengths);
	if (prefixes->n)
		code = lengths_with(fw, prefixes, lengths, err);
	if (code)
		return code;
	blocklist_room(fw, keys, expires_ns, entries);
	code = firewall_prepare(fw, entries, blocklist_needs(keys) | lengths_needs(lengths), err);
	if (!code && prefixes->n)
		code = cannot_write(lengths_write(fw, lengths), err);
	if (!code)
		code = blocklist_write(fw, keys, expires_ns, err);
	if (code && prefixes->n)
		blocklist_mend(fw, &ignored);
	return code;
}

/* ---- removing ---- */

static int take_length(const void *key, const void *value, void *context)
{
	return block_is(value, BLOCKED_NOW, FW_SIDE_BITS) ? lengths_add(context, key) : 0;
}

/* What is left decides which lengths are still looked for. A command that was killed may have left more of them. */
int blocklist_mend(struct firewall *fw, struct error *err)
{
	struct fw_lengths lengths[2];
	int code;

	lengths_begin(lengths);
	code = map_walk(fw->map_fd[MAP_BLOCKED_PREFIXES], take_length, lengths);
	if (!code)
		code = firewall_prepare(fw, NULL, lengths_needs(lengths), err);
	return cannot_write(code ? code : lengths_write(fw, lengths), err);
}

/* Keys of one table, in the order in which that is best gone through. */
typedef int (*table_change)(struct block_map *table, const struct key_list *keys);

static int for_tables(struct firewall *fw, struct block_keys *keys, table_change change)
{
	struct block_map table;
	int i, code = 0;

	for (i = 0; !code && i < BLOCK_TABLES; i++) {
		block_map_open(&table, fw, BLOCK_FIRST + i, keys->of[i].n);
		block_map_sort(&table, keys->of[i].key, keys->of[i].n);
		code = block_map_close(&table, change(&table, &keys->of[i]));
	}
	return code;
}

static int remove_all(struct block_map *table, const struct key_list *keys)
{
	size_t size = block_key_size(table->map), i;
	int code = 0;

	if (!table->lines.n)
		return map_remove(table->fw->map_fd[table->map], keys->key, keys->n, size);
	for (i = 0; !code && i < keys->n; i++)
		code = block_map_delete(table, keys->key + i * size);
	return code;
}

int blocklist_remove(struct firewall *fw, struct block_keys *keys, struct error *err)
{
	int code = for_tables(fw, keys, remove_all);

	if (!code && keys->of[MAP_BLOCKED_PREFIXES - BLOCK_FIRST].n)
		code = blocklist_mend(fw, err);
	return cannot_write(code, err);
}

/* ---- sides ---- */

static int leave_all(struct block_map *table, const struct key_list *keys)
{
	size_t size = block_key_size(table->map), i;
	struct fw_block block;
	int code = 0;

	for (i = 0; (!code || code == -ENOENT) && i < keys->n; i++) {
		code = block_map_lookup(table, keys->key + i * size, &block);
		block.sides = FW_SIDE_BIT(table->fw->config.generation);
		if (!code)
			code = block_map_replace(table, keys->key + i * size, &block);
	}
	return code == -ENOENT ? 0 : code;
}

int blocklist_leave(struct firewall *fw, struct block_keys *keys)
{
	return for_tables(fw, keys, leave_all);
}

static enum map_edit settle_entry(const void *key, void *value, void *context)
{
	const struct firewall *fw = context;
	struct fw_block *block = value;
	__u32 side = FW_SIDE_BIT(fw->config.generation);

	(void)key;
	if (!block_is(block, BLOCKED_NOW, side))
		return MAP_REMOVE;
	if (block->sides == FW_SIDE_BITS)
		return MAP_KEEP;
	block->expires_ns = block_end(block, side);
	block->sides = FW_SIDE_BITS;
	return MAP_WRITE;
}

int blocklist_settle(struct firewall *fw, struct error *err)
{
	struct block_map table;
	int i, code = 0;

	for (i = BLOCK_FIRST; !code && i < BLOCK_FIRST + BLOCK_TABLES; i++) {
		block_map_open(&table, fw, i, BLOCK_MAP_ALL);
		code = block_map_close(&table, block_map_edit(&table, settle_entry, fw));
	}
	return code ? cannot_write(code, err) : blocklist_mend(fw, err);
}

int blocklist_drop_doubles(struct firewall *fw, struct error *err)
{
	struct block_map table;

	block_map_open(&table, fw, MAP_BLOCKED_IPS, 1);
	return cannot_write(block_map_close(&table, block_map_drop_doubles(&table)), err);
}
