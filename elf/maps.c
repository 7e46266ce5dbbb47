/* SPDX-License-Identifier: GPL-2.0 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "elf/object.h"

struct map_spec *map_add(struct object *object, const char *name, size_t section, __u64 offset, __u64 size,
			 struct error *err)
{
	struct spec *spec = object->spec;
	struct map_spec *map;
	size_t i;

	if (!spec->maps) {
		spec->maps = arena_array(spec->mem, MAPS_MAX, sizeof(*spec->maps));
		object->places = arena_array(object->file.mem, MAPS_MAX, sizeof(*object->places));
	}
	if (!spec->maps || !object->places) {
		error_set(err, -ENOMEM, "no memory for maps");
		return NULL;
	}
	if (spec->n_maps == MAPS_MAX) {
		error_set(err, -E2BIG, "map %s: the object has more than %d maps", name, MAPS_MAX);
		return NULL;
	}
	if (spec_map(spec, name)) {
		error_set(err, -EINVAL, "map %s: two maps have this name", name);
		return NULL;
	}
	for (i = 0; i < spec->n_maps; i++) {
		const struct map_place *other = &object->places[i];

		if (other->section == section && offset < other->offset + other->size &&
		    other->offset < offset + size) {
			error_set(err, -EINVAL, "map %s: overlaps map %s: compile it again", name, spec->maps[i].name);
			return NULL;
		}
	}
	object->places[spec->n_maps] = (struct map_place) { section, offset, size };
	map = &spec->maps[spec->n_maps++];
	map->name = name;
	map->section = object->file.sections[section].name;
	return map;
}

long map_covering(const struct object *object, size_t section, __u64 offset, __u64 *within)
{
	size_t i;

	for (i = 0; i < object->spec->n_maps; i++) {
		const struct map_place *place = &object->places[i];

		if (place->section != section || offset < place->offset || offset - place->offset >= place->size)
			continue;
		*within = offset - place->offset;
		return (long)i;
	}
	return -1;
}

/* ---- the `maps` section of old objects: struct bpf_map_def of at least five words, one for each symbol ---- */

enum { DEF_TYPE, DEF_KEY, DEF_VALUE, DEF_ENTRIES, DEF_FLAGS, DEF_WORDS };

static int legacy_one(struct object *object, size_t section, const struct elf_symbol *symbol, __u64 size,
		      struct error *err)
{
	struct view bytes = object->file.sections[section].bytes, def;
	bool big = object->file.big_endian;
	struct map_spec *map;
	__u64 i;

	if (!view_sub(bytes, symbol->value, size, &def) || size < DEF_WORDS * 4)
		return error_set(err, -EINVAL,
				 "map %s: its definition (offset %llu, %llu bytes) does not fit section maps",
				 symbol->name, (unsigned long long)symbol->value, (unsigned long long)size);
	for (i = DEF_WORDS * 4; i < size; i++)
		if (def.data[i])
			return error_set(
				err, -ENOTSUP,
				"map %s: byte %llu of its definition is not 0, and its meaning is not known here",
				symbol->name, (unsigned long long)i);
	map = map_add(object, symbol->name, section, symbol->value, size, err);
	if (!map)
		return err ? err->code : -EINVAL;
	view_u32(def, DEF_TYPE * 4, big, &map->type);
	view_u32(def, DEF_KEY * 4, big, &map->key_size);
	view_u32(def, DEF_VALUE * 4, big, &map->value_size);
	view_u32(def, DEF_ENTRIES * 4, big, &map->max_entries);
	view_u32(def, DEF_FLAGS * 4, big, &map->flags);
	return 0;
}

static bool is_map_symbol(const struct elf_symbol *symbol, size_t section)
{
	return symbol->section == section && symbol->name[0] && symbol->type != STT_SECTION && symbol->type != STT_FUNC;
}

int maps_read_legacy(struct object *object, struct error *err)
{
	const struct elf_section *maps = elf_section_named(&object->file, "maps");
	size_t i, n = 0, section = maps ? (size_t)(maps - object->file.sections) : 0;
	int code;

	if (!maps)
		return 0;
	for (i = 0; i < object->file.n_symbols; i++)
		n += is_map_symbol(&object->file.symbols[i], section);
	if (!n || maps->bytes.size % n)
		return error_set(err, -EINVAL, "section maps: %zu bytes for %zu maps: definitions of one size fill it",
				 maps->bytes.size, n);
	for (i = 0; i < object->file.n_symbols; i++) {
		if (!is_map_symbol(&object->file.symbols[i], section))
			continue;
		code = legacy_one(object, section, &object->file.symbols[i], maps->bytes.size / n, err);
		if (code)
			return code;
	}
	return 0;
}

/* ---- global variables: an array of one entry for each data section ---- */

static bool begins_with(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	return !strncmp(name, prefix, n) && (!name[n] || name[n] == '.');
}

int maps_read_data(struct object *object, struct error *err)
{
	size_t i;

	for (i = 1; i < object->file.n_sections; i++) {
		const struct elf_section *section = &object->file.sections[i];
		bool read_only = begins_with(section->name, ".rodata");
		struct map_spec *map;

		if (!(section->flags & SHF_ALLOC) || !section->size ||
		    (!read_only && !begins_with(section->name, ".data") && !begins_with(section->name, ".bss")))
			continue;
		if (section->relocs)
			return error_set(err, -ENOTSUP,
					 "section %s: holds addresses, which are not known before loading: "
					 "use an array of the things themselves",
					 section->name);
		if (section->size > 1u << 30)
			return error_set(err, -E2BIG, "section %s: %llu bytes of global data: at most 1 GiB",
					 section->name, (unsigned long long)section->size);
		map = map_add(object, section->name, i, 0, section->size, err);
		if (!map)
			return err ? err->code : -EINVAL;
		map->type = 2; /* BPF_MAP_TYPE_ARRAY */
		map->key_size = 4;
		map->value_size = (__u32)section->size;
		map->max_entries = 1;
		map->flags = read_only ? 1u << 7 : 0; /* BPF_F_RDONLY_PROG */
		map->is_data = true;
		map->is_read_only = read_only;
		map->contents = section->bytes;
		map->btf_value = btf_find(&object->btf, BTF_DATASEC, section->name);
	}
	return 0;
}
