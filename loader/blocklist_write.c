/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/blocklist_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/host_features.h"
#include "loader/progress.h"
#include "syscalls/bpf.h"

#define MANY 1024 /* from here on room is made first, and entries go in batches */
#define BATCH_ENTRIES 4096

enum fw_map block_table(const struct prefix *prefix, union block_key *key)
{
	memset(key, 0, sizeof(*key));
	if (prefix->length < address_bits(prefix->family)) {
		key->prefix = prefix_key(0, prefix);
		return MAP_BLOCKED_PREFIXES;
	}
	memcpy(key->addr, prefix->addr, sizeof(key->addr));
	return prefix->family == FW_IPV4 ? MAP_BLOCKED_IPS : MAP_BLOCKED_IPS6;
}

static size_t key_size(enum fw_map table)
{
	return table == MAP_BLOCKED_IPS ? 4 : table == MAP_BLOCKED_IPS6 ? 16 : sizeof(struct fw_prefix);
}

/* ---- which are new ---- */

static int copy_sorted(const struct prefix_list *list, struct prefix_list *out)
{
	size_t i, kept = 0;

	out->item = malloc((list->n + 1) * sizeof(*out->item));
	if (!out->item)
		return -ENOMEM;
	if (list->n) {
		memcpy(out->item, list->item, list->n * sizeof(*out->item));
		qsort(out->item, list->n, sizeof(*out->item), prefix_compare);
	}
	for (i = 0; i < list->n; i++)
		if (!kept || prefix_compare(&out->item[kept - 1], &out->item[i]))
			out->item[kept++] = out->item[i];
	out->n = kept;
	return 0;
}

/* Takes out of a sorted list what is in another. */
static void subtract(struct prefix_list *list, const struct prefix_list *there)
{
	size_t i, at = 0, kept = 0;

	for (i = 0; i < list->n; i++) {
		while (at < there->n && prefix_compare(&there->item[at], &list->item[i]) < 0)
			at++;
		if (at == there->n || prefix_compare(&there->item[at], &list->item[i]))
			list->item[kept++] = list->item[i];
	}
	list->n = kept;
}

static int leave_out_blocked(struct firewall *fw, struct prefix_list *list)
{
	struct prefix_list there;
	size_t i, kept = 0;
	int code;

	if (list->n < MANY) {
		for (i = 0; i < list->n; i++)
			if (!blocklist_has(fw, BLOCKED_FOR_GOOD, &list->item[i]))
				list->item[kept++] = list->item[i];
		list->n = kept;
		return 0;
	}
	code = blocklist_read(fw, BLOCKED_FOR_GOOD, &there);
	if (!code) {
		subtract(list, &there);
		prefix_list_free(&there);
	}
	return code;
}

/* ---- writing them ---- */

static int make_room(struct firewall *fw, const struct prefix_list *list, struct error *err)
{
	__u32 wanted[MAP_N] = { 0 };
	union block_key key;
	size_t i;
	int map, code = 0;

	if (list->n < MANY) /* asked for when a map says that it is full */
		return 0;
	for (i = 0; i < list->n; i++)
		wanted[block_table(&list->item[i], &key)]++;
	for (map = 0; !code && map < MAP_N; map++)
		if (wanted[map])
			code = firewall_grow(fw, (enum fw_map)map, wanted[map], err);
	return code;
}

/* On both sides, but for a policy that is not in force yet. */
static __u32 block_sides(const struct firewall *fw)
{
	return fw->other_side ? 1 + firewall_side(fw) : FW_SIDE_BITS;
}

/* One that ends is there already: it is replaced, and not lifted meanwhile from the side in force. */
static int write_one(struct firewall *fw, const struct prefix *prefix, __u64 expires_ns, struct error *err)
{
	struct fw_block block = { .expires_ns = expires_ns }, there = { 0 };
	union block_key key;
	enum fw_map table = block_table(prefix, &key);
	int code;

	sys_bpf_map_lookup(fw->map_fd[table], &key, &there);
	block.sides = there.sides | block_sides(fw);
	code = sys_bpf_map_update(fw->map_fd[table], &key, &block, BPF_ANY);
	if (code == -E2BIG && !firewall_grow(fw, table, MANY, err))
		code = sys_bpf_map_update(fw->map_fd[table], &key, &block, BPF_ANY);
	return code;
}

struct batch {
	enum fw_map table;
	__u32 n;
	unsigned char keys[BATCH_ENTRIES * sizeof(union block_key)];
	struct fw_block values[BATCH_ENTRIES];
};

static int batch_send(struct firewall *fw, struct batch *batch)
{
	__u32 done = batch->n;
	int code = 0;

	if (batch->n)
		code = sys_bpf_map_update_batch(fw->map_fd[batch->table], batch->keys, batch->values, &done, BPF_ANY);
	batch->n = 0;
	return code;
}

/* The list is sorted, so that what goes to one map mostly stands together. */
static int write_batches(struct firewall *fw, const struct prefix_list *list, __u64 expires_ns)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	union block_key key;
	size_t i;
	int code = batch ? 0 : -ENOMEM;

	for (i = 0; !code && i < BATCH_ENTRIES; i++)
		batch->values[i] = (struct fw_block) { .expires_ns = expires_ns, .sides = block_sides(fw) };
	for (i = 0; !code && i < list->n; i++) {
		enum fw_map table = block_table(&list->item[i], &key);

		if (batch->n == BATCH_ENTRIES || (batch->n && table != batch->table))
			code = batch_send(fw, batch);
		batch->table = table;
		memcpy(batch->keys + batch->n++ * key_size(table), &key, key_size(table));
	}
	if (!code)
		code = batch_send(fw, batch);
	free(batch);
	return code;
}

static int write_all(struct firewall *fw, const struct prefix_list *list, __u64 expires_ns, struct error *err)
{
	size_t i;
	int code = -EOPNOTSUPP;

	if (list->n >= MANY && !fw->other_side && host_has(FEATURE_BATCH))
		code = write_batches(fw, list, expires_ns);
	if (!code)
		return 0;
	for (code = 0, i = 0; !code && i < list->n; i++) {
		code = write_one(fw, &list->item[i], expires_ns, err);
		progress_step(fw->progress);
	}
	return code;
}

static void take_back(struct firewall *fw, const struct prefix_list *list)
{
	union block_key key;
	size_t i;

	for (i = 0; i < list->n; i++) {
		enum fw_map table = block_table(&list->item[i], &key);

		sys_bpf_map_delete(fw->map_fd[table], &key);
	}
}

int blocklist_write(struct firewall *fw, const struct prefix_list *list, __u64 expires_ns, struct error *err)
{
	struct prefix_list fresh = { 0 };
	int code = copy_sorted(list, &fresh);

	if (!code)
		code = leave_out_blocked(fw, &fresh);
	if (!code)
		code = make_room(fw, &fresh, err);
	if (!code) {
		code = write_all(fw, &fresh, expires_ns, err);
		if (code)
			take_back(fw, &fresh);
	}
	prefix_list_free(&fresh);
	if (code)
		error_set(err, code, "the blocklist cannot be written: %s", strerror(-code));
	return code;
}
