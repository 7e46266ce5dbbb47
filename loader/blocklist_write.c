/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/blocklist_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/array.h"
#include "loader/block_map.h"
#include "loader/host_features.h"
#include "loader/progress.h"
#include "syscalls/bpf.h"

#define FORESEEN 8 /* keys */

/* An entry that another one takes the place of. */
struct replaced {
	size_t at;
	struct fw_block block;
};

/* The entries of one map while they are written. */
struct writing {
	struct firewall *fw;
	struct block_map table;
	const unsigned char *keys;
	size_t n, key_size, written;
	unsigned char *was_there; /* a bit for each; NULL: not begun */
	struct replaced *replaced;
	size_t n_replaced, replaced_room;
	struct batch *batch;
	struct error *err;
};

/* Of one map; the values are all alike. */
struct batch {
	__u32 n;
	struct fw_block blocks[BLOCK_MANY];
	unsigned char keys[BLOCK_MANY * sizeof(union block_key)];
};

static const void *key_at(const struct writing *writing, size_t at)
{
	return writing->keys + at * writing->key_size;
}

static int write_new(struct writing *writing, const void *key)
{
	return block_map_insert(&writing->table, key, writing->batch->blocks);
}

/* -EEXIST is of the entry alone. */
static int write_with_room(struct writing *writing, const void *key)
{
	size_t left = writing->n - writing->written;
	int code = write_new(writing, key);

	if (code != -E2BIG)
		return code;
	code = firewall_grow(writing->fw, writing->table.map, left < BLOCK_MANY ? BLOCK_MANY : (__u32)left,
			     writing->err);
	if (code)
		return code == -EEXIST ? -EINVAL : code;
	if (!writing->table.lines.n) { /* the new programs may have some */
		block_map_close(&writing->table, 0);
		block_map_open(&writing->table, writing->fw, writing->table.map, writing->n);
	}
	return write_new(writing, key);
}

static int keep_replaced(struct writing *writing, size_t at, const struct fw_block *block)
{
	void *grown = array_room(writing->replaced, writing->n_replaced, &writing->replaced_room,
				 sizeof(*writing->replaced));

	if (!grown)
		return -ENOMEM;
	writing->replaced = grown;
	writing->replaced[writing->n_replaced++] = (struct replaced) { at, *block };
	return 0;
}

/* What is in force goes on on the side in force until its end, whatever is written to the other. */
static void go_on(struct fw_block *block, const struct fw_block *there, __u32 in_force)
{
	__u64 end = block_end(there, in_force);

	block->hits = there->hits;
	if (block->sides & in_force)
		return;
	block->sides |= in_force;
	if (end == FW_FOREVER)
		return;
	block->expires_ns += end;
	block->sides |= BLOCK_ENDS(in_force);
}

/* What is blocked for good stays as it is; what ends is replaced. */
static int write_again(struct writing *writing, size_t at, const struct fw_block *there)
{
	struct fw_block block = *writing->batch->blocks;
	__u32 in_force = FW_SIDE_BIT(writing->fw->config.generation);
	int code;

	writing->was_there[at / 8] |= (unsigned char)(1 << at % 8);
	if (block_is(there, BLOCKED_FOR_GOOD, 1 + firewall_side(writing->fw)))
		return 0;
	code = keep_replaced(writing, at, there);
	if (code)
		return code;
	if (block_is(there, BLOCKED_NOW, in_force))
		go_on(&block, there, in_force);
	return block_map_replace(&writing->table, key_at(writing, at), &block);
}

static int write_alone(struct writing *writing, size_t at)
{
	struct fw_block there = { 0 };
	int code = write_with_room(writing, key_at(writing, at));

	if (code != -EEXIST)
		return code;
	block_map_lookup(&writing->table, key_at(writing, at), &there);
	return write_again(writing, at, &there);
}

/* What the kernel did not take of it, as it was full, goes alone; the file may have had it twice. */
static int send(struct writing *writing)
{
	struct batch *batch = writing->batch;
	__u32 done = batch->n;
	int code = 0;

	sys_bpf_map_update_batch(writing->fw->map_fd[writing->table.map], batch->keys, batch->blocks, &done, BPF_ANY);
	for (; !code && done < batch->n; done++) {
		code = write_with_room(writing, batch->keys + done * writing->key_size);
		if (code == -EEXIST)
			code = 0;
	}
	progress_steps(writing->fw->progress, batch->n);
	batch->n = 0;
	return code;
}

/* A batch cannot leave alone what is there, so that is asked for before, unless nothing is. */
static int write_in_batches(struct writing *writing)
{
	int code = 0;
	bool is_empty = block_map_is_empty(&writing->table);
	struct batch *batch = writing->batch;
	struct fw_block there;

	for (; !code && writing->written < writing->n; writing->written++) {
		const void *key = key_at(writing, writing->written);

		if (writing->written + FORESEEN < writing->n)
			block_map_foresee(&writing->table, key_at(writing, writing->written + FORESEEN));
		if (!is_empty && !block_map_lookup(&writing->table, key, &there)) {
			code = write_again(writing, writing->written, &there);
			continue;
		}
		code = block_map_put(&writing->table, key, batch->blocks);
		if (code < 0)
			break;
		if (code) {
			progress_step(writing->fw->progress);
			code = 0;
			continue;
		}
		memcpy(batch->keys + batch->n++ * writing->key_size, key, writing->key_size);
		if (batch->n == BLOCK_MANY)
			code = send(writing);
	}
	return code ? code : send(writing);
}

static int write_table(struct writing *writing)
{
	int code = 0;

	writing->was_there = calloc(1, writing->n / 8 + 1);
	if (!writing->was_there)
		return -ENOMEM;
	if (writing->n >= BLOCK_MANY && host_may_have(FEATURE_BATCH))
		return write_in_batches(writing);
	for (; !code && writing->written < writing->n; writing->written++) {
		code = write_alone(writing, writing->written);
		progress_step(writing->fw->progress);
	}
	return code;
}

/* The last first: a list may have one twice. */
static void take_back(struct writing *writing)
{
	size_t i = writing->n_replaced;

	for (; i-- > 0;)
		block_map_replace(&writing->table, key_at(writing, writing->replaced[i].at),
				  &writing->replaced[i].block);
	for (i = 0; i < writing->written; i++)
		if (!(writing->was_there[i / 8] & 1 << i % 8))
			block_map_delete(&writing->table, key_at(writing, i));
}

/* On both sides, but for a policy that is not in force yet. */
static struct batch *batch_make(const struct firewall *fw, const struct block_keys *keys, __u64 expires_ns)
{
	size_t i, n = block_keys_count(keys) < BLOCK_MANY ? 1 : BLOCK_MANY;
	struct batch *batch = calloc(1, sizeof(*batch));

	for (i = 0; batch && i < n; i++) {
		batch->blocks[i].expires_ns = expires_ns;
		batch->blocks[i].sides = fw->other_side ? 1 + firewall_side(fw) : FW_SIDE_BITS;
	}
	return batch;
}

int blocklist_write(struct firewall *fw, struct block_keys *keys, __u64 expires_ns, struct error *err)
{
	struct writing tables[BLOCK_TABLES];
	struct batch *batch = batch_make(fw, keys, expires_ns);
	int i, code = batch ? 0 : -ENOMEM;

	memset(tables, 0, sizeof(tables));
	for (i = 0; !code && i < BLOCK_TABLES; i++) {
		tables[i].fw = fw;
		block_map_open(&tables[i].table, fw, BLOCK_FIRST + i, keys->of[i].n);
		block_map_sort(&tables[i].table, keys->of[i].key, keys->of[i].n);
		tables[i].keys = keys->of[i].key;
		tables[i].n = keys->of[i].n;
		tables[i].key_size = block_key_size(tables[i].table.map);
		tables[i].batch = batch;
		tables[i].err = err;
		code = write_table(&tables[i]);
		if (!code)
			code = tables[i].table.lines.code;
	}
	while (i-- > 0) {
		if (code)
			take_back(&tables[i]);
		free(tables[i].replaced);
		free(tables[i].was_there);
		code = block_map_close(&tables[i].table, code);
	}
	free(batch);
	return code ? error_set(err, code, "the blocklist cannot be written: %s", strerror(-code)) : 0;
}
