/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/blocklist.h"
#include "loader/blocklist_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/array.h"
#include "loader/clock.h"
#include "syscalls/bpf.h"

static const enum fw_map tables[] = { MAP_BLOCKED_IPS, MAP_BLOCKED_IPS6, MAP_BLOCKED_PREFIXES };
#define N_TABLES (sizeof(tables) / sizeof(*tables))

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

static void prefix_of(enum fw_map table, const union block_key *key, struct prefix *out)
{
	memset(out, 0, sizeof(*out));
	if (table == MAP_BLOCKED_PREFIXES) {
		*out = prefix_of_key(&key->prefix);
		return;
	}
	out->family = table == MAP_BLOCKED_IPS ? FW_IPV4 : FW_IPV6;
	out->length = address_bits(out->family);
	memcpy(out->addr, key->addr, out->length / 8);
}

typedef int (*block_visit)(const struct prefix *prefix, const struct fw_block *block, void *context);

/* The next key is asked for before the visit, which may remove its own. */
static int each_of_table(struct firewall *fw, enum fw_map table, block_visit visit, void *context)
{
	union block_key keys[2];
	struct fw_block block;
	struct prefix prefix;
	int code = 0, at = 0, more;

	memset(keys, 0, sizeof(keys));
	more = sys_bpf_map_next_key(fw->map_fd[table], NULL, &keys[at]);
	while (!code && !more) {
		more = sys_bpf_map_next_key(fw->map_fd[table], &keys[at], &keys[!at]);
		prefix_of(table, &keys[at], &prefix);
		if (!sys_bpf_map_lookup(fw->map_fd[table], &keys[at], &block))
			code = visit(&prefix, &block, context);
		at = !at;
	}
	return code || more == -ENOENT ? code : more;
}

int blocklist_each(struct firewall *fw, block_visit visit, void *context)
{
	size_t i;
	int code = 0;

	for (i = 0; !code && i < N_TABLES; i++)
		code = each_of_table(fw, tables[i], visit, context);
	return code;
}

bool block_is(const struct fw_block *block, enum blocked which, __u32 side)
{
	if (!(block->sides & side))
		return false;
	return block->expires_ns == FW_FOREVER || (which == BLOCKED_NOW && block->expires_ns > clock_now_ns());
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
	enum fw_map table = block_table(prefix, &key);

	return !sys_bpf_map_lookup(fw->map_fd[table], &key, &block) && block_is(&block, which, 1 + firewall_side(fw));
}

/* ---- the prefix lengths in use ---- */

static int lengths_read(struct firewall *fw, __u32 family, struct fw_lengths *out)
{
	int code = sys_bpf_map_lookup(fw->map_fd[MAP_BLOCKED_LENGTHS], &family, out);

	if (code == -ENOENT) {
		memset(out, 0, sizeof(*out));
		memset(out->length, FW_LENGTH_END, sizeof(out->length));
		return 0;
	}
	return code;
}

static int lengths_add(struct fw_lengths *lengths, __u8 length)
{
	__u8 *end = memchr(lengths->length, FW_LENGTH_END, sizeof(lengths->length));

	if (memchr(lengths->length, length, sizeof(lengths->length)))
		return 0;
	if (!end)
		return -E2BIG;
	*end = length;
	return 0;
}

/* The lengths of a list's prefixes of one family, added to what stands there. */
static int lengths_with(const struct prefix_list *list, __u8 family, struct fw_lengths *lengths)
{
	size_t i;
	int code = 0;

	for (i = 0; !code && i < list->n; i++)
		if (list->item[i].family == family && list->item[i].length < address_bits(family))
			code = lengths_add(lengths, list->item[i].length);
	return code;
}

static int lengths_write(struct firewall *fw, __u32 family, const struct fw_lengths *lengths)
{
	int code;

	if (lengths->length[0] != FW_LENGTH_END)
		return sys_bpf_map_update(fw->map_fd[MAP_BLOCKED_LENGTHS], &family, lengths, BPF_ANY);
	code = sys_bpf_map_delete(fw->map_fd[MAP_BLOCKED_LENGTHS], &family);
	return code == -ENOENT ? 0 : code;
}

/* ---- adding ---- */

__u32 blocklist_needs(const struct prefix_list *list)
{
	__u32 needs = 0;
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (list->item[i].length < address_bits(list->item[i].family))
			needs |= POLICY_BLOCKS_PREFIXES;
		else if (list->item[i].family == FW_IPV6)
			needs |= POLICY_BLOCKS_IPV6;
	}
	return needs;
}

/* The entries first, then the lengths that make programs look for them. */
int blocklist_add(struct firewall *fw, const struct prefix_list *list, __u64 expires_ns, struct error *err)
{
	struct fw_lengths lengths[2];
	static const __u8 families[] = { FW_IPV4, FW_IPV6 };
	unsigned i;
	int code = 0;

	for (i = 0; !code && i < 2; i++) {
		code = lengths_read(fw, families[i], &lengths[i]);
		if (!code)
			code = lengths_with(list, families[i], &lengths[i]);
	}
	if (code == -E2BIG)
		return error_set(err, code, "more than %d different prefix lengths on the list: use fewer",
				 FW_LENGTHS_MAX);
	if (code)
		return error_set(err, code, "the blocklist cannot be read: %s", strerror(-code));
	code = firewall_specialise(fw, blocklist_needs(list) | lengths_need(&lengths[0]) | lengths_need(&lengths[1]),
				   err);
	if (!code)
		code = blocklist_write(fw, list, expires_ns, err);
	for (i = 0; !code && i < 2; i++) {
		code = lengths_write(fw, families[i], &lengths[i]);
		if (code)
			error_set(err, code, "the blocklist cannot be written: %s", strerror(-code));
	}
	return code;
}

/* ---- removing ---- */

/* What is left decides which lengths are still looked for. A command that was killed may have left more of them. */
int blocklist_mend(struct firewall *fw, struct error *err)
{
	static const __u8 families[] = { FW_IPV4, FW_IPV6 };
	struct prefix_list left = { 0 };
	struct fw_lengths lengths;
	unsigned i;
	struct reading all = { &left, BLOCKED_NOW, FW_SIDE_BITS };
	int code = each_of_table(fw, MAP_BLOCKED_PREFIXES, take_entry, &all);

	for (i = 0; !code && i < 2; i++) {
		memset(&lengths, 0, sizeof(lengths));
		memset(lengths.length, FW_LENGTH_END, sizeof(lengths.length));
		code = lengths_with(&left, families[i], &lengths);
		if (!code)
			code = firewall_specialise(fw, lengths_need(&lengths), err);
		if (!code)
			code = lengths_write(fw, families[i], &lengths);
	}
	prefix_list_free(&left);
	return code ? error_set(err, code, "the blocklist cannot be written: %s", strerror(-code)) : 0;
}

int blocklist_remove(struct firewall *fw, const struct prefix_list *list, struct error *err)
{
	union block_key key;
	bool any_prefix = false;
	size_t i;
	int code = 0;

	for (i = 0; !code && i < list->n; i++) {
		enum fw_map table = block_table(&list->item[i], &key);

		any_prefix = any_prefix || table == MAP_BLOCKED_PREFIXES;
		code = sys_bpf_map_delete(fw->map_fd[table], &key);
		if (code == -ENOENT)
			code = 0;
	}
	if (!code && any_prefix)
		code = blocklist_mend(fw, err);
	return code ? error_set(err, code, "the blocklist cannot be written: %s", strerror(-code)) : 0;
}

/* ---- sides ---- */

static int write_sides(struct firewall *fw, const struct prefix *prefix, __u32 sides)
{
	struct fw_block block;
	union block_key key;
	enum fw_map table = block_table(prefix, &key);
	int code = sys_bpf_map_lookup(fw->map_fd[table], &key, &block);

	if (code)
		return code == -ENOENT ? 0 : code;
	block.sides = sides;
	return sys_bpf_map_update(fw->map_fd[table], &key, &block, BPF_EXIST);
}

int blocklist_leave(struct firewall *fw, const struct prefix_list *list)
{
	size_t i;
	int code = 0;

	for (i = 0; !code && i < list->n; i++)
		code = write_sides(fw, &list->item[i], FW_SIDE_BIT(fw->config.generation));
	return code;
}

static int settle_entry(const struct prefix *prefix, const struct fw_block *block, void *context)
{
	struct firewall *fw = context;
	union block_key key;

	if (block->sides == FW_SIDE_BITS && block_is(block, BLOCKED_NOW, FW_SIDE_BITS))
		return 0;
	if (block->sides != FW_SIDE_BITS && block->sides & FW_SIDE_BIT(fw->config.generation))
		return write_sides(fw, prefix, FW_SIDE_BITS);
	return sys_bpf_map_delete(fw->map_fd[block_table(prefix, &key)], &key);
}

int blocklist_settle(struct firewall *fw, struct error *err)
{
	int code = blocklist_each(fw, settle_entry, fw);

	return code ? error_set(err, code, "the blocklist cannot be written: %s", strerror(-code))
		    : blocklist_mend(fw, err);
}
