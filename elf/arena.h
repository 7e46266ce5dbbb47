/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that is let go of all at once. */
#ifndef ELF_ARENA_H
#define ELF_ARENA_H

#include <stddef.h>

struct arena;

/* NULL: no memory. */
struct arena *arena_new(void);

/* Zeroed, aligned for any type. NULL: no memory, or more than the arena's bound (64 MiB). */
void *arena_alloc(struct arena *arena, size_t size);

/* Room for n items of a size; NULL also where the product overflows. */
void *arena_array(struct arena *arena, size_t n, size_t size);

/* A terminated copy of n bytes. */
char *arena_text(struct arena *arena, const char *text, size_t n);

void arena_free(struct arena *arena);

#endif
