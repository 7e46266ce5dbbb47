/* SPDX-License-Identifier: GPL-2.0 */
/* Blocks in a list; what is larger than a block gets one of its own. */
#include "elf/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 65536

struct block {
	struct block *next;
	_Alignas(16) unsigned char bytes[];
};

struct arena {
	struct block *blocks;
	unsigned char *free; /* in the current block */
	size_t left;
};

struct arena *arena_new(void)
{
	return calloc(1, sizeof(struct arena));
}

static void *block_new(struct arena *arena, size_t size)
{
	struct block *block = malloc(sizeof(*block) + size);

	if (!block)
		return NULL;
	block->next = arena->blocks;
	arena->blocks = block;
	return block->bytes;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	unsigned char *memory;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = size ? (size + 7) & ~(size_t)7 : 8;
	if (size > BLOCK_SIZE / 4)
		return block_new(arena, size);
	if (size > arena->left) {
		arena->left = 0;
		arena->free = block_new(arena, BLOCK_SIZE);
		if (!arena->free)
			return NULL;
		arena->left = BLOCK_SIZE;
	}
	memory = arena->free;
	arena->free += size;
	arena->left -= size;
	return memory;
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
	void *memory;

	if (size && n > SIZE_MAX / size)
		return NULL;
	memory = arena_alloc(arena, n * size);
	if (memory)
		memset(memory, 0, n * size);
	return memory;
}

void arena_free(struct arena *arena)
{
	while (arena->blocks) {
		struct block *block = arena->blocks;

		arena->blocks = block->next;
		free(block);
	}
	free(arena);
}
