/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/array.h"

#include <stdint.h>
#include <stdlib.h>

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
