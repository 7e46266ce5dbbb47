/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Maps in .maps: a variable of a structure for each, whose members' types say what the map is. Numbers are the lengths
 * of arrays pointed to; key and value are pointers to their types; `values` is an array of pointers to what fills it.
 */
#include <errno.h>
#include <string.h>

#include "elf/object.h"

#define MAP_TYPE_ARRAY_OF_MAPS 12
#define MAP_TYPE_HASH_OF_MAPS 13
#define PIN_BY_NAME 1

/* The number behind `int (*name)[N]`. */
static bool number_of(const struct btf_table *btf, __u32 id, __u32 *out)
{
	const struct btf_type *type = btf_resolve(btf, &id);
	__u32 element;

	if (!type || type->kind != BTF_PTR)
		return false;
	id = type->size_or_type;
	type = btf_resolve(btf, &id);
	return type && btf_array_of(type, &element, out);
}

/* The type pointed to, with its size. */
static bool pointee_of(const struct btf_table *btf, __u32 id, __u32 *target, __u32 *size)
{
	const struct btf_type *type = btf_resolve(btf, &id);
	__u64 bytes;

	if (!type || type->kind != BTF_PTR || !btf_size(btf, type->size_or_type, &bytes))
		return false;
	*target = type->size_or_type;
	*size = (__u32)bytes;
	return true;
}

static int read_map_type(struct object *object, const struct btf_type *type, struct map_spec *map, int depth,
			 struct error *err);

/* `values` of a map of maps points to the inner map's structure; of a program array to functions. */
static int read_values(struct object *object, const struct btf_member *member, struct map_spec *map, int depth,
		       struct error *err)
{
	const struct btf_table *btf = &object->btf;
	__u32 id = member->type, n;
	const struct btf_type *type = btf_resolve(btf, &id);
	struct map_spec *inner;

	if (!type || !btf_array_of(type, &id, &n))
		return error_set(err, -EINVAL, "map %s: `values` is no array", map->name);
	type = btf_resolve(btf, &id);
	if (!type || type->kind != BTF_PTR)
		return error_set(err, -EINVAL, "map %s: `values` is no array of pointers", map->name);
	id = type->size_or_type;
	type = btf_resolve(btf, &id);
	if (!map->value_size)
		map->value_size = 4;
	if (!type || type->kind != BTF_STRUCT)
		return 0;
	if (depth)
		return error_set(err, -EINVAL, "map %s: a map of maps inside a map of maps", map->name);
	inner = arena_alloc(object->spec->mem, sizeof(*inner));
	if (!inner)
		return error_set(err, -ENOMEM, "no memory for the inner map of %s", map->name);
	inner->name = map->name;
	inner->section = map->section;
	map->inner = inner;
	return read_map_type(object, type, inner, depth + 1, err);
}

struct number_member {
	const char *name;
	size_t offset; /* of the __u32 in struct map_spec */
};

static const struct number_member numbers[] = {
	{ "type", offsetof(struct map_spec, type) },         { "max_entries", offsetof(struct map_spec, max_entries) },
	{ "map_flags", offsetof(struct map_spec, flags) },   { "numa_node", offsetof(struct map_spec, numa_node) },
	{ "key_size", offsetof(struct map_spec, key_size) }, { "value_size", offsetof(struct map_spec, value_size) },
};

static int read_number(struct map_spec *map, const struct btf_member *member, __u32 value, struct error *err)
{
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		if (!strcmp(member->name, numbers[i].name)) {
			memcpy((char *)map + numbers[i].offset, &value, sizeof(value));
			return 0;
		}
	}
	if (!strcmp(member->name, "map_extra")) {
		map->map_extra = value;
		return 0;
	}
	if (strcmp(member->name, "pinning"))
		return error_set(err, -ENOTSUP, "map %s: member `%s` is not known here", map->name, member->name);
	if (value > PIN_BY_NAME)
		return error_set(err, -EINVAL, "map %s: pinning %u: it is 0 (none) or 1 (by name)", map->name, value);
	map->pin_by_name = value == PIN_BY_NAME;
	return 0;
}

static int read_member(struct object *object, const struct btf_member *member, struct map_spec *map, int depth,
		       struct error *err)
{
	bool is_key = !strcmp(member->name, "key");
	__u32 value, target, size;

	if (!strcmp(member->name, "values"))
		return read_values(object, member, map, depth, err);
	if (is_key || !strcmp(member->name, "value")) {
		if (!pointee_of(&object->btf, member->type, &target, &size))
			return error_set(err, -EINVAL, "map %s: `%s` is no pointer to a type with a size", map->name,
					 member->name);
		*(is_key ? &map->btf_key : &map->btf_value) = target;
		*(is_key ? &map->key_size : &map->value_size) = size;
		return 0;
	}
	if (!number_of(&object->btf, member->type, &value))
		return error_set(err, -EINVAL,
				 "map %s: `%s` is no pointer to an array, whose length would be the number", map->name,
				 member->name);
	return read_number(map, member, value, err);
}

static int read_map_type(struct object *object, const struct btf_type *type, struct map_spec *map, int depth,
			 struct error *err)
{
	struct btf_member member;
	unsigned i;
	int code;

	for (i = 0; i < type->n; i++) {
		if (!btf_member_at(&object->btf, type, i, &member))
			return error_set(err, -EINVAL, "map %s: member %u cannot be read", map->name, i);
		code = read_member(object, &member, map, depth, err);
		if (code)
			return code;
	}
	if (!map->type)
		return error_set(err, -EINVAL, "map %s: it has no `type`", map->name);
	if (map->inner && map->type != MAP_TYPE_ARRAY_OF_MAPS && map->type != MAP_TYPE_HASH_OF_MAPS)
		return error_set(err, -EINVAL, "map %s: type %u holds no maps, and `values` names one", map->name,
				 map->type);
	return 0;
}

/* The variable's size by its symbol: BTF does not count what stands in a flexible `values`. */
static __u64 symbol_size(const struct object *object, size_t section, const char *name)
{
	size_t i;

	for (i = 0; i < object->file.n_symbols; i++)
		if (object->file.symbols[i].section == section && !strcmp(object->file.symbols[i].name, name))
			return object->file.symbols[i].size;
	return 0;
}

static int read_map(struct object *object, size_t section, const struct btf_variable *variable, struct error *err)
{
	const struct btf_type *named = btf_type(&object->btf, variable->type), *type;
	struct map_spec *map;
	__u64 size, room = object->file.sections[section].size;
	__u32 id;

	if (!named || named->kind != BTF_VAR || !named->name[0])
		return error_set(err, -EINVAL, "section .maps: type %u is no variable with a name", variable->type);
	id = named->size_or_type;
	type = btf_resolve(&object->btf, &id);
	if (!type || type->kind != BTF_STRUCT || !btf_size(&object->btf, id, &size))
		return error_set(err, -EINVAL, "map %s: it is no structure", named->name);
	if (size < symbol_size(object, section, named->name))
		size = symbol_size(object, section, named->name);
	if (!size || variable->offset > room || size > room - variable->offset)
		return error_set(err, -EINVAL, "map %s: offset %u, %llu bytes: outside section .maps", named->name,
				 variable->offset, (unsigned long long)size);
	map = map_add(object, named->name, section, variable->offset, size, err);
	if (!map)
		return err ? err->code : -EINVAL;
	return read_map_type(object, type, map, 0, err);
}

int maps_read_btf(struct object *object, struct error *err)
{
	const struct elf_section *maps = elf_section_named(&object->file, ".maps");
	__u32 id = btf_find(&object->btf, BTF_DATASEC, ".maps");
	struct btf_variable variable;
	unsigned i;
	int code;

	if (!maps)
		return 0;
	if (!id)
		return error_set(err, -EINVAL, "section .maps: there is no BTF that describes it: compile with -g");
	for (i = 0; i < object->btf.types[id].n; i++) {
		if (!btf_variable_at(&object->btf, &object->btf.types[id], i, &variable))
			return error_set(err, -EINVAL, "section .maps: variable %u cannot be read", i);
		code = read_map(object, (size_t)(maps - object->file.sections), &variable, err);
		if (code)
			return code;
	}
	return 0;
}
