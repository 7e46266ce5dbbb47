/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/block_keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/array.h"

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

size_t block_key_size(enum fw_map table)
{
	return table == MAP_BLOCKED_IPS ? 4 : table == MAP_BLOCKED_IPS6 ? 16 : sizeof(struct fw_prefix);
}

int block_keys_add(struct block_keys *keys, const struct prefix *prefix)
{
	union block_key key;
	enum fw_map table = block_table(prefix, &key);
	struct key_list *list = &keys->of[table - BLOCK_FIRST];
	size_t size = block_key_size(table);
	void *grown = array_room(list->key, list->n, &list->room, size);

	if (!grown)
		return -ENOMEM;
	list->key = grown;
	memcpy(list->key + list->n++ * size, &key, size);
	return 0;
}

void block_keys_free(struct block_keys *keys)
{
	int i;

	for (i = 0; i < BLOCK_TABLES; i++)
		free(keys->of[i].key);
	memset(keys, 0, sizeof(*keys));
}

size_t block_keys_count(const struct block_keys *keys)
{
	return keys->of[0].n + keys->of[1].n + keys->of[2].n;
}
