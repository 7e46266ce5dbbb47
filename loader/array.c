/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <linux/types.h>

#define FIRST_ROOM 64

void *array_room(void *items, size_t n, size_t *room, size_t size)
{
	size_t wanted = *room ? 2 * *room : FIRST_ROOM;
	void *grown;

	if (n < *room)
		return items;
	if (wanted < *room || wanted > SIZE_MAX / size)
		return NULL;
	grown = realloc(items, wanted * size);
	if (grown)
		*room = wanted;
	return grown;
}

int compare_u32(const void *left, const void *right)
{
	__u32 a = *(const __u32 *)left, b = *(const __u32 *)right;

	return (a > b) - (a < b);
}
