/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/map_walk.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bpf.h>

#include "loader/cpus.h"
#include "loader/host_features.h"
#include "syscalls/bpf.h"

#define BATCH_BYTES 65536u
#define BATCH_KEYS 4096u
#define POSITION_BYTES 64 /* how far a walk has come: a hash's bucket, a trie's key */

struct walk {
	int fd;
	struct bpf_map_info info;
	char *keys; /* of those to be visited, one behind the other, and their values */
	char *values;
	int (*visit)(const struct walk *walk, __u32 n); /* gives 0 to go on */
	map_visit visit_one;
	map_editor edit_one;
	void *context;
	bool in_batches; /* or not at all */
};

static bool is_percpu(__u32 type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

/* A trie's and those of per-CPU arrays came with 5.13, later than a hash's. */
static bool may_have_batches(const struct bpf_map_info *info)
{
	bool is_trie = info->type == BPF_MAP_TYPE_LPM_TRIE && info->key_size <= POSITION_BYTES;

	return (info->type == BPF_MAP_TYPE_HASH || info->type == BPF_MAP_TYPE_LRU_HASH || is_trie ||
		(is_percpu(info->type) && cpus_seen())) &&
	       host_may_have(FEATURE_BATCH);
}

/* Room for n entries, and for as many keys more. */
static int take_room(struct walk *walk, size_t n)
{
	free(walk->keys);
	free(walk->values);
	walk->keys = malloc((2 * n + 1) * walk->info.key_size);
	walk->values = malloc(n * walk->info.value_size);
	return walk->keys && walk->values ? 0 : -ENOMEM;
}

/*
 * The next key is asked for before the visit, which may remove its own. Where a key has gone meanwhile the kernel
 * begins anew, so that the walk is bounded by the size of the map and not by its end.
 */
static int walk_singly(struct walk *walk)
{
	__u64 steps = 2ULL * walk->info.max_entries;
	char *next = walk->keys + 2 * walk->info.key_size; /* behind what edit_some puts there */
	int code = 0, more = sys_bpf_map_next_key(walk->fd, NULL, walk->keys);

	while (!code && !more && steps--) {
		more = sys_bpf_map_next_key(walk->fd, walk->keys, next);
		if (!sys_bpf_map_lookup(walk->fd, walk->keys, walk->values))
			code = walk->visit(walk, 1);
		memcpy(walk->keys, next, walk->info.key_size);
	}
	return code || more == -ENOENT ? code : more;
}

/* *begun: something was read, so that the kernel has batches. */
static int walk_batches(struct walk *walk, __u32 room, bool *begun)
{
	char position[POSITION_BYTES];
	const void *from = NULL;
	__u32 n;
	int code, told;

	for (;;) {
		n = room;
		code = sys_bpf_map_lookup_batch(walk->fd, from, position, walk->keys, walk->values, &n);
		if (code == -ENOSPC) { /* one of the kernel's buckets has more */
			code = take_room(walk, room *= 2);
			if (code)
				return code;
			continue;
		}
		if (code && code != -ENOENT)
			return code;
		*begun = true;
		from = position;
		told = n ? walk->visit(walk, n) : 0;
		if (told || code)
			return told;
	}
}

static int walk_all(struct walk *walk)
{
	__u32 size = sizeof(walk->info), n;
	bool begun = false;
	int code = sys_bpf_info(walk->fd, &walk->info, &size);

	if (code)
		return code;
	if (is_percpu(walk->info.type)) { /* as the kernel gives it */
		n = cpus_seen();
		walk->info.value_size = ((walk->info.value_size + 7) & ~7u) * (n ? n : cpus_bound());
	}
	n = 1 + BATCH_BYTES / (walk->info.key_size + walk->info.value_size);
	code = take_room(walk, n);
	if (!code) {
		code = -EOPNOTSUPP;
		if (may_have_batches(&walk->info))
			code = walk_batches(walk, n, &begun);
		if (!begun && (code == -EINVAL || code == -EOPNOTSUPP))
			code = walk->in_batches ? -EOPNOTSUPP : walk_singly(walk);
	}
	free(walk->keys);
	free(walk->values);
	return code;
}

static int visit_each(const struct walk *walk, __u32 n)
{
	const char *key = walk->keys, *value = walk->values;
	int code = 0;

	for (; !code && n--; key += walk->info.key_size, value += walk->info.value_size)
		code = walk->visit_one(key, value, walk->context);
	return code;
}

int map_walk(int fd, map_visit visit, void *context)
{
	struct walk walk = { .fd = fd, .visit = visit_each, .visit_one = visit, .context = context };

	return walk_all(&walk);
}

int map_walk_batches(int fd, map_visit visit, void *context)
{
	struct walk walk = { fd, .visit = visit_each, .visit_one = visit, .context = context, .in_batches = true };

	return walk_all(&walk);
}

static int write_some(int fd, const void *keys, const void *values, __u32 n)
{
	return n > 1 ? sys_bpf_map_update_batch(fd, keys, values, &n, BPF_ANY)
		     : sys_bpf_map_update(fd, keys, values, BPF_ANY);
}

/* One that is not there stops a batch, and a kernel without batches does nothing of one. */
int map_remove(int fd, const void *keys, size_t n, size_t key_size)
{
	bool in_batches = n > 1 && host_may_have(FEATURE_BATCH);
	int code = 0;

	while (n && (!code || code == -ENOENT)) {
		__u32 done = 0;

		if (in_batches) {
			done = n < BATCH_KEYS ? (__u32)n : BATCH_KEYS;
			code = sys_bpf_map_delete_batch(fd, keys, &done);
			in_batches = !code || code == -ENOENT;
		}
		if (!done)
			code = sys_bpf_map_delete(fd, keys);
		done += !done;
		keys = (const char *)keys + done * key_size;
		n -= done;
	}
	return code == -ENOENT ? 0 : code;
}

/* Those that are written come to the front; the keys of those that go, behind all. */
static int edit_some(const struct walk *walk, __u32 n)
{
	size_t key_size = walk->info.key_size, value_size = walk->info.value_size, i;
	char *gone = walk->keys + n * key_size;
	__u32 written = 0, removed = 0;
	int code;

	for (i = 0; i < n; i++) {
		char *key = walk->keys + i * key_size, *value = walk->values + i * value_size;

		switch (walk->edit_one(key, value, walk->context)) {
		case MAP_WRITE:
			memmove(walk->keys + written * key_size, key, key_size);
			memmove(walk->values + written++ * value_size, value, value_size);
			break;
		case MAP_REMOVE:
			memcpy(gone + removed++ * key_size, key, key_size);
			break;
		case MAP_KEEP:
			break;
		}
	}
	code = written ? write_some(walk->fd, walk->keys, walk->values, written) : 0;
	return code ? code : map_remove(walk->fd, gone, removed, key_size);
}

int map_edit(int fd, map_editor edit, void *context)
{
	struct walk walk = { .fd = fd, .visit = edit_some, .edit_one = edit, .context = context };

	return walk_all(&walk);
}

static int copy_some(const struct walk *walk, __u32 n)
{
	return write_some(*(const int *)walk->context, walk->keys, walk->values, n);
}

int map_copy(int from, int to, struct error *err)
{
	struct walk walk = { .fd = from, .visit = copy_some, .context = &to };
	int code = walk_all(&walk);

	return code ? error_set(err, code, "map %.16s: its entries cannot be copied: %s", walk.info.name,
				strerror(-code))
		    : 0;
}

static int count_some(const struct walk *walk, __u32 n)
{
	*(__u64 *)walk->context += n;
	return 0;
}

__u64 map_count(int fd)
{
	__u64 n = 0;
	struct walk walk = { .fd = fd, .visit = count_some, .context = &n };

	walk_all(&walk);
	return n;
}
