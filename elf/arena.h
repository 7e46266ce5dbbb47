/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that is given back all at once. */
#ifndef ELF_ARENA_H
#define ELF_ARENA_H

#include <stddef.h>

struct arena;

/* NULL: no memory. */
struct arena *arena_new(void);
/* `size` bytes, aligned to 8, of any content; NULL: no memory. */
void *arena_alloc(struct arena *arena, size_t size);
/* `n` items of `size` bytes, all zero; NULL: no memory, or n * size does not fit. */
void *arena_array(struct arena *arena, size_t n, size_t size);
void arena_free(struct arena *arena);

#endif
