/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/packets/host/maps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bpf.h>
#include "bpf/fw_abi.h"

#define N_CHAINS 1024

struct entry {
	struct entry *next;
	void *value;
	__u8 key[];
};

struct host_map {
	struct host_map *next;
	char name[32];
	__u32 type, key_size, value_size, max_entries, n;
	struct entry *chains[N_CHAINS];
};

static struct host_map *maps;

static void *memory(size_t size)
{
	void *room = calloc(1, size);

	if (!room)
		abort();
	return room;
}

/* ---- by name ---- */

/* "&conntrack" where a program says it. */
static const char *bare(const char *name)
{
	return name + (*name == '&');
}

struct host_map *host_map_named(const char *name)
{
	struct host_map *map = maps;

	while (map && strcmp(map->name, bare(name)))
		map = map->next;
	return map;
}

struct host_map *host_map(const char *name, __u32 type, __u32 key_size, __u32 value_size, __u32 max_entries)
{
	struct host_map *map = host_map_named(name);

	if (map) {
		if (map->key_size == key_size && map->value_size == value_size)
			return map;
		fprintf(stderr, "map %s: keys of %u bytes and values of %u, once; of %u and %u now\n", bare(name),
			map->key_size, map->value_size, key_size, value_size);
		abort();
	}
	map = memory(sizeof(*map));
	snprintf(map->name, sizeof(map->name), "%s", bare(name));
	map->type = type;
	map->key_size = key_size;
	map->value_size = value_size;
	map->max_entries = max_entries;
	map->next = maps;
	maps = map;
	return map;
}

/* ---- keys ---- */

static int is_array(const struct host_map *map)
{
	return map->type == BPF_MAP_TYPE_ARRAY || map->type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static int is_lru(const struct host_map *map)
{
	return map->type == BPF_MAP_TYPE_LRU_HASH || map->type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static __u32 number(const void *key)
{
	__u32 value;

	memcpy(&value, key, sizeof(value));
	return value;
}

static int same_bits(const __u8 *a, const __u8 *b, __u32 bits)
{
	__u32 whole = bits / 8, rest = bits % 8;

	return !memcmp(a, b, whole) && (!rest || !((a[whole] ^ b[whole]) >> (8 - rest)));
}

/* In a trie: the same prefix, whatever stands behind its length. */
static int same_key(const struct host_map *map, const __u8 *a, const __u8 *b)
{
	if (map->type != BPF_MAP_TYPE_LPM_TRIE)
		return !memcmp(a, b, map->key_size);
	return number(a) == number(b) && same_bits(a + 4, b + 4, number(a));
}

/* A trie is one chain. */
static struct entry **chain_of(struct host_map *map, const __u8 *key)
{
	__u64 hash = FNV1A_OFFSET_BASIS;
	__u32 i;

	if (map->type == BPF_MAP_TYPE_LPM_TRIE)
		return &map->chains[0];
	for (i = 0; i < map->key_size; i++)
		hash = fnv1a_hash(hash, key[i]);
	return &map->chains[hash % N_CHAINS];
}

/* The place of the entry, or of the chain's end. */
static struct entry **place_of(struct host_map *map, const void *key)
{
	struct entry **place = chain_of(map, key);

	while (*place && !same_key(map, (*place)->key, key))
		place = &(*place)->next;
	return place;
}

static int key_is_possible(const struct host_map *map, const void *key)
{
	if (is_array(map))
		return number(key) < map->max_entries;
	return map->type != BPF_MAP_TYPE_LPM_TRIE || number(key) <= (map->key_size - 4) * 8;
}

/* ---- entries ---- */

static struct entry *insert(struct host_map *map, struct entry **place, const void *key)
{
	struct entry *entry = memory(sizeof(*entry) + map->key_size);

	memcpy(entry->key, key, map->key_size);
	entry->value = memory(map->value_size);
	*place = entry;
	map->n++;
	return entry;
}

static void take_out(struct host_map *map, struct entry **place)
{
	struct entry *entry = *place;

	*place = entry->next;
	map->n--;
	free(entry->value);
	free(entry);
}

/* Some entry: the tests do not fill a map that evicts. */
static void evict(struct host_map *map)
{
	unsigned i = 0;

	while (!map->chains[i])
		i++;
	take_out(map, &map->chains[i]);
}

static struct entry *longest_match(struct host_map *map, const __u8 *key)
{
	struct entry *entry, *best = NULL;

	for (entry = map->chains[0]; entry; entry = entry->next) {
		__u32 length = number(entry->key);

		if (length <= number(key) && same_bits(entry->key + 4, key + 4, length) &&
		    (!best || length > number(best->key)))
			best = entry;
	}
	return best;
}

void *host_map_lookup(struct host_map *map, const void *key)
{
	struct entry **place, *entry;

	if (!key_is_possible(map, key))
		return NULL;
	if (map->type == BPF_MAP_TYPE_LPM_TRIE) {
		entry = longest_match(map, key);
		return entry ? entry->value : NULL;
	}
	place = place_of(map, key);
	if (!*place && is_array(map))
		insert(map, place, key);
	return *place ? (*place)->value : NULL;
}

long host_map_update(struct host_map *map, const void *key, const void *value, __u64 flags)
{
	struct entry **place;

	if (flags > BPF_EXIST)
		return -EINVAL;
	if (!key_is_possible(map, key))
		return is_array(map) ? -E2BIG : -EINVAL;
	place = place_of(map, key);
	if (flags == BPF_NOEXIST && (*place || is_array(map)))
		return -EEXIST;
	if (!*place && !is_array(map)) {
		if (flags == BPF_EXIST)
			return -ENOENT;
		if (map->n >= map->max_entries && !is_lru(map))
			return map->type == BPF_MAP_TYPE_LPM_TRIE ? -ENOSPC : -E2BIG;
		if (map->n >= map->max_entries)
			evict(map);
		place = place_of(map, key);
	}
	memcpy(*place ? (*place)->value : insert(map, place, key)->value, value, map->value_size);
	return 0;
}

long host_map_delete(struct host_map *map, const void *key)
{
	struct entry **place;

	if (is_array(map) || !key_is_possible(map, key))
		return -EINVAL;
	place = place_of(map, key);
	if (!*place)
		return -ENOENT;
	take_out(map, place);
	return 0;
}

/* ---- all of them ---- */

void host_map_clear(struct host_map *map)
{
	unsigned i;

	for (i = 0; map->n && i < N_CHAINS; i++)
		while (map->chains[i])
			take_out(map, &map->chains[i]);
}

unsigned host_map_count(const struct host_map *map)
{
	return map->n;
}

void host_map_each(struct host_map *map, void (*visit)(const void *key, void *value, void *data), void *data)
{
	struct entry *entry;
	unsigned i;

	for (i = 0; i < N_CHAINS; i++)
		for (entry = map->chains[i]; entry; entry = entry->next)
			visit(entry->key, entry->value, data);
}
