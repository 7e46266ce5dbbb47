/* SPDX-License-Identifier: GPL-2.0 */
/* What a map holds from the beginning: relocations of `.maps` in the `values` of a program array or a map of maps. */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "elf/object.h"

#define POINTER_BYTES 8
#define R_BPF_64_ABS64 2

/* The structure of the map that a variable of .maps is. */
static const struct btf_type *type_of_map(const struct btf_table *btf, const char *name)
{
	__u32 id = btf_find(btf, BTF_VAR, name);

	if (!id)
		return NULL;
	id = btf->types[id].size_or_type;
	return btf_resolve(btf, &id);
}

/* Where `values` begins in the map's variable; false: it has none. */
static bool values_offset(const struct object *object, const char *name, __u64 *offset)
{
	const struct btf_type *type = type_of_map(&object->btf, name);
	struct btf_member member;
	unsigned i;

	for (i = 0; type && i < type->n; i++)
		if (btf_member_at(&object->btf, type, i, &member) && !strcmp(member.name, "values")) {
			*offset = member.bit_offset / 8;
			return true;
		}
	return false;
}

/* The addend stands in the place that is relocated: what is static is named by its section. */
static int read_slot(struct object *object, size_t section, const struct elf_reloc *reloc, struct slot_place *out,
		     struct error *err)
{
	const struct elf_symbol *symbol = &object->file.symbols[reloc->symbol];
	__u64 within = 0, values = 0, addend;
	long map = map_covering(object, section, reloc->offset, &within);

	if (map < 0)
		return error_set(err, -EINVAL,
				 "section .maps: offset %llu: is relocated and lies in no map: compile it again",
				 (unsigned long long)reloc->offset);
	out->map = (size_t)map;
	if (!values_offset(object, object->spec->maps[map].name, &values) || within < values ||
	    (within - values) % POINTER_BYTES ||
	    !view_u64(object->file.sections[section].bytes, reloc->offset, object->file.big_endian, &addend))
		return error_set(err, -EINVAL,
				 "map %s: offset %llu: is relocated and no entry of its values: compile it again",
				 object->spec->maps[map].name, (unsigned long long)within);
	if (reloc->type != R_BPF_64_ABS64 || symbol->section == SHN_UNDEF)
		return error_set(err, -EINVAL,
				 "map %s: its values name %s, which is not in the object: define it there",
				 object->spec->maps[map].name, symbol->name);
	out->index = (within - values) / POINTER_BYTES;
	out->name = symbol->name;
	out->section = symbol->section;
	out->offset = symbol->value + addend + (__u64)reloc->addend;
	return 0;
}

int slots_each(struct object *object, slot_visit *visit, void *context, struct error *err)
{
	const struct elf_section *maps = elf_section_named(&object->file, ".maps");
	size_t section = maps ? (size_t)(maps - object->file.sections) : 0, i;
	struct slot_place slot = { 0 };
	struct elf_reloc *relocs;
	int result;

	if (!maps)
		return 0;
	result = elf_relocs(&object->file, section, &relocs, &slot.most, err);
	for (i = 0; !result && i < slot.most; i++) {
		result = read_slot(object, section, &relocs[i], &slot, err);
		if (!result)
			result = visit(object, &slot, context, err);
	}
	return result;
}

static bool find_target(const struct object *object, const struct slot_place *place, struct map_slot *slot)
{
	__u64 within = 0;
	long map = map_covering(object, place->section, place->offset, &within);
	size_t i;

	slot->index = (__u32)place->index;
	slot->is_map = map >= 0;
	slot->target = (size_t)map;
	if (slot->is_map)
		return !within && !object->spec->maps[map].is_data;
	for (i = 0; i < object->spec->n_progs; i++) {
		const struct prog_place *prog = &object->prog_places[i];

		slot->target = i;
		if (prog->section == place->section && prog->start * 8 == place->offset)
			return true;
	}
	return false;
}

/* Relocations are in order, so a map's follow each other: all share one array. */
static int add_slot(struct object *object, const struct slot_place *place, void *context, struct error *err)
{
	struct map_spec *map = &object->spec->maps[place->map];
	struct map_slot **next = context;

	if (!*next)
		*next = arena_array(object->spec->mem, place->most, sizeof(**next));
	if (!*next)
		return error_set(err, -ENOMEM, "map %s: out of memory for its values: split the object", map->name);
	if (!map->slots)
		map->slots = *next;
	if (!find_target(object, place, *next))
		return error_set(err, -EINVAL,
				 "map %s: value %zu: %s is no program and no map: name one of this object", map->name,
				 place->index, place->name);
	map->n_slots++;
	(*next)++;
	return 0;
}

int maps_read_slots(struct object *object, struct error *err)
{
	struct map_slot *next = NULL;

	return slots_each(object, add_slot, &next, err);
}
