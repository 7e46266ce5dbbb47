/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/container_names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf/error.h"
#include "loader/array.h"
#include "loader/container.h"
#include "loader/firewall.h"

static int add_name(const char *name, const struct fw_container *record, void *context)
{
	struct container_names *names = context;
	struct container_name *item;

	item = array_room(names->items, names->n, &names->room, sizeof(*item));
	if (!item)
		return -ENOMEM;
	names->items = item;
	item = &names->items[names->n++];
	snprintf(item->text, sizeof(item->text), "%s", name);
	item->id = record->id;
	item->cgroup_id = record->cgroup_id;
	item->attached = record->attached != 0;
	return 0;
}

static int compare_texts(const void *left, const void *right)
{
	return strcmp(((const struct container_name *)left)->text, ((const struct container_name *)right)->text);
}

static int compare_numbers(const void *left, const void *right)
{
	__u32 a = ((const struct container_number *)left)->id, b = ((const struct container_number *)right)->id;

	return (a > b) - (a < b);
}

static int index_by_id(struct container_names *names)
{
	size_t i;

	names->by_id = calloc(names->n + 1, sizeof(*names->by_id));
	if (!names->by_id)
		return -ENOMEM;
	for (i = 0; i < names->n; i++) {
		names->by_id[i].id = names->items[i].id;
		names->by_id[i].index = (__u32)i;
	}
	qsort(names->by_id, names->n, sizeof(*names->by_id), compare_numbers);
	return 0;
}

int container_names_read(struct firewall *fw, struct container_names *names, struct error *err)
{
	int code;

	container_names_free(names);
	code = container_walk(fw, add_name, names);
	if (!code && names->n)
		qsort(names->items, names->n, sizeof(*names->items), compare_texts);
	if (!code)
		code = index_by_id(names);
	if (!code)
		return 0;
	container_names_free(names);
	return error_set(err, code, "containers: their names cannot be read: %s", strerror(-code));
}

void container_names_free(struct container_names *names)
{
	free(names->items);
	free(names->by_id);
	memset(names, 0, sizeof(*names));
}

const struct container_name *container_name_find(const struct container_names *names, __u32 id)
{
	const struct container_number wanted = { .id = id };
	const struct container_number *found = NULL;

	if (names->n)
		found = bsearch(&wanted, names->by_id, names->n, sizeof(wanted), compare_numbers);
	return found ? &names->items[found->index] : NULL;
}

const char *container_name_text(const struct container_names *names, __u32 id, char room[16])
{
	const struct container_name *found = container_name_find(names, id);

	if (found)
		return found->text;
	if (!id)
		return "";
	snprintf(room, 16, "#%u", id);
	return room;
}
