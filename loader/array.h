/* SPDX-License-Identifier: GPL-2.0 */
/* Arrays that grow. */
#ifndef LOADER_ARRAY_H
#define LOADER_ARRAY_H

#include <stddef.h>

/*
 * Makes room for one item behind the n that are there, of `size` bytes each; *room is how many there is room for. Gives
 * the array, which may have moved, to be freed; NULL: no memory, and the array is as it was.
 */
void *array_room(void *items, size_t n, size_t *room, size_t size);

/* Of two __u32, for qsort(3) and bsearch(3). */
int compare_u32(const void *left, const void *right);

#endif
