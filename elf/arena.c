/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Under the address sanitizer each piece is a chunk of its own, so that it sees beyond which end one reads. */
#ifdef __SANITIZE_ADDRESS__
#define CHUNK_BYTES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHUNK_BYTES 0
#endif
#endif
#ifndef CHUNK_BYTES
#define CHUNK_BYTES 16384
#endif
#define ARENA_MAX (64u << 20)

struct chunk {
	struct chunk *next;
	size_t used, size;
	alignas(16) unsigned char bytes[];
};

struct arena {
	struct chunk *first; /* the one being filled */
	size_t total;
};

struct arena *arena_new(void)
{
	return calloc(1, sizeof(struct arena));
}

static struct chunk *chunk_add(struct arena *arena, size_t size)
{
	size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;
	struct chunk *chunk;

	if (room > ARENA_MAX - arena->total)
		return NULL;
	chunk = calloc(1, sizeof(*chunk) + room);
	if (!chunk)
		return NULL;
	chunk->size = room;
	arena->total += room;
	/* A chunk made for one large piece is full at once: the one being filled stays first. */
	if (arena->first && size > CHUNK_BYTES / 2) {
		chunk->next = arena->first->next;
		arena->first->next = chunk;
	} else {
		chunk->next = arena->first;
		arena->first = chunk;
	}
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct chunk *chunk = arena->first;
	void *piece;

	if (size > ARENA_MAX)
		return NULL;
	size = (size + 15) & ~(size_t)15;
	if (!chunk || chunk->size - chunk->used < size)
		chunk = chunk_add(arena, size);
	if (!chunk)
		return NULL;
	piece = chunk->bytes + chunk->used;
	chunk->used += size;
	return piece;
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		return NULL;
	return arena_alloc(arena, n * size);
}

char *arena_text(struct arena *arena, const char *text, size_t n)
{
	char *copy = n < ARENA_MAX ? arena_alloc(arena, n + 1) : NULL;

	if (copy)
		memcpy(copy, text, n);
	return copy;
}

void arena_free(struct arena *arena)
{
	struct chunk *chunk, *next;

	if (!arena)
		return;
	for (chunk = arena->first; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(arena);
}
