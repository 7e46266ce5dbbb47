/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/blocklist.h"
#include "loader/blocklist_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "syscalls/bpf.h"

static const enum fw_map tables[] = { MAP_BLOCKED_IPS, MAP_BLOCKED_IPS6, MAP_BLOCKED_PREFIXES };
#define N_TABLES (sizeof(tables) / sizeof(*tables))

int prefix_list_add(struct prefix_list *list, const struct prefix *prefix)
{
	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		void *grown = realloc(list->item, room * sizeof(*list->item));

		if (!grown)
			return -ENOMEM;
		list->item = grown;
		list->room = room;
	}
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

static int read_table(struct firewall *fw, enum fw_map table, struct prefix_list *out)
{
	union block_key keys[2];
	const void *last = NULL;
	struct prefix prefix;
	int code, at = 0;

	memset(keys, 0, sizeof(keys));
	while (!(code = sys_bpf_map_next_key(fw->map_fd[table], last, &keys[at]))) {
		prefix_of(table, &keys[at], &prefix);
		if (prefix_list_add(out, &prefix))
			return -ENOMEM;
		last = &keys[at];
		at = !at;
	}
	return code == -ENOENT ? 0 : code;
}

int blocklist_read(struct firewall *fw, struct prefix_list *out)
{
	size_t i;
	int code = 0;

	memset(out, 0, sizeof(*out));
	for (i = 0; !code && i < N_TABLES; i++)
		code = read_table(fw, tables[i], out);
	if (code)
		prefix_list_free(out);
	else if (out->n)
		qsort(out->item, out->n, sizeof(*out->item), prefix_compare);
	return code;
}

bool blocklist_has(struct firewall *fw, const struct prefix *prefix)
{
	union block_key key;
	struct fw_block block;
	enum fw_map table = block_table(prefix, &key);

	return !sys_bpf_map_lookup(fw->map_fd[table], &key, &block);
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

static __u32 needs_of(const struct prefix_list *list)
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
int blocklist_add(struct firewall *fw, const struct prefix_list *list, struct error *err)
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
	code = firewall_specialise(fw, needs_of(list) | lengths_need(&lengths[0]) | lengths_need(&lengths[1]), err);
	if (!code)
		code = blocklist_write(fw, list, err);
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
	int code = read_table(fw, MAP_BLOCKED_PREFIXES, &left);

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
