/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/btf.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf/arena.h"
#include "elf/elf_file.h"
#include "elf/error.h"
#include "elf/view.h"

#define BTF_MAGIC 0xeb9f
#define BTF_HEADER 24
#define BTF_COMMON 12 /* name, info, size or type */

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define HOST_BIG true
#else
#define HOST_BIG false
#endif

/* Bytes behind the common part, as 4-byte words; -1: no such kind. */
static int tail_words(enum btf_kind kind, unsigned n)
{
	switch (kind) {
	case BTF_INT:
	case BTF_VAR:
	case BTF_DECL_TAG:
		return 1;
	case BTF_ARRAY:
		return 3;
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_DATASEC:
	case BTF_ENUM64:
		return 3 * (int)n;
	case BTF_ENUM:
	case BTF_FUNC_PROTO:
		return 2 * (int)n;
	case BTF_PTR:
	case BTF_FWD:
	case BTF_TYPEDEF:
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_FUNC:
	case BTF_FLOAT:
	case BTF_TYPE_TAG:
		return 0;
	}
	return -1;
}

static void put_u32(unsigned char *at, __u32 value)
{
	memcpy(at, &value, 4);
}

static bool get_u32(struct view view, __u64 offset, __u32 *out)
{
	return view_u32(view, offset, HOST_BIG, out);
}

/* Where the parts of the section are. */
struct layout {
	__u32 header, types, types_size, strings, strings_size;
};

static int read_layout(struct view section, bool big, struct layout *out, struct error *err)
{
	struct view part;
	__u16 magic;
	__u8 version;

	view_u16(section, 0, big, &magic);
	view_u8(section, 2, &version);
	if (!view_u32(section, 4, big, &out->header) || !view_u32(section, 8, big, &out->types) ||
	    !view_u32(section, 12, big, &out->types_size) || !view_u32(section, 16, big, &out->strings) ||
	    !view_u32(section, 20, big, &out->strings_size))
		return error_set(err, -EINVAL, ".BTF: %zu bytes: too short for its header", section.size);
	if (magic != BTF_MAGIC || version != 1)
		return error_set(err, -EINVAL, ".BTF: magic %#x, version %u: they are %#x and 1", magic, version,
				 BTF_MAGIC);
	if (out->header < BTF_HEADER || out->types % 4 || out->types_size % 4 ||
	    !view_sub(section, (__u64)out->header + out->types, out->types_size, &part) ||
	    !view_sub(section, (__u64)out->header + out->strings, out->strings_size, &part))
		return error_set(err, -EINVAL, ".BTF: its types or strings lie outside of it");
	if (!part.size || part.data[0] || part.data[part.size - 1])
		return error_set(err, -EINVAL, ".BTF: its strings do not begin and end with a zero byte");
	return 0;
}

/* A copy for this host: header, types as host words, strings behind them. */
static unsigned char *copy_host(const struct elf_file *file, struct arena *mem, struct view section,
				const struct layout *layout, size_t *size)
{
	static const __u8 version = 1;
	__u64 types = (__u64)layout->header + layout->types;
	const __u16 magic = BTF_MAGIC;
	unsigned char *copy;
	__u32 i, word;

	*size = BTF_HEADER + (size_t)layout->types_size + layout->strings_size;
	copy = arena_alloc(mem, *size);
	if (!copy)
		return NULL;
	memcpy(copy, &magic, 2);
	copy[2] = version;
	put_u32(copy + 4, BTF_HEADER);
	put_u32(copy + 8, 0);
	put_u32(copy + 12, layout->types_size);
	put_u32(copy + 16, layout->types_size);
	put_u32(copy + 20, layout->strings_size);
	for (i = 0; i < layout->types_size; i += 4) {
		view_u32(section, types + i, file->big_endian, &word);
		put_u32(copy + BTF_HEADER + i, word);
	}
	memcpy(copy + BTF_HEADER + layout->types_size, section.data + layout->header + layout->strings,
	       layout->strings_size);
	return copy;
}

static int read_type(struct btf_table *btf, struct view types, __u32 offset, struct btf_type *out, __u32 *size,
		     struct error *err)
{
	__u32 name, info;
	int words;

	if (!get_u32(types, offset, &name) || !get_u32(types, offset + 4, &info) ||
	    !get_u32(types, offset + 8, &out->size_or_type))
		return error_set(err, -EINVAL, ".BTF: type %u is cut off", btf->n + 1);
	out->kind = info >> 24 & 0x1f;
	out->n = info & 0xffff;
	out->flag = info >> 31;
	out->offset = BTF_HEADER + offset;
	out->name = view_string(btf->strings, name);
	words = tail_words(out->kind, out->n);
	if (words < 0)
		return error_set(err, -ENOTSUP, ".BTF: type %u is of kind %u, which is not known here", btf->n + 1,
				 out->kind);
	if (!out->name)
		return error_set(err, -EINVAL, ".BTF: type %u: its name (offset %u) lies outside the strings",
				 btf->n + 1, name);
	if (!view_sub(types, (__u64)offset + BTF_COMMON, (__u64)words * 4, &out->tail))
		return error_set(err, -EINVAL, ".BTF: type %u (%s) is cut off", btf->n + 1, out->name);
	*size = BTF_COMMON + (__u32)words * 4;
	return 0;
}

static int read_types(const struct elf_file *file, struct btf_table *btf, struct view types, struct error *err)
{
	__u32 offset = 0, size = 0, most = (__u32)(types.size / BTF_COMMON);
	int code;

	if (most > BTF_TYPES_MAX)
		return error_set(err, -E2BIG, ".BTF: more than %u types", BTF_TYPES_MAX);
	btf->types = arena_array(file->mem, (size_t)most + 1, sizeof(*btf->types));
	if (!btf->types)
		return error_set(err, -ENOMEM, "no memory for %u types", most);
	btf->types[0].name = "void";
	for (; offset < types.size; offset += size) {
		code = read_type(btf, types, offset, &btf->types[btf->n + 1], &size, err);
		if (code)
			return code;
		btf->n++;
	}
	return 0;
}

const struct btf_type *btf_type(const struct btf_table *btf, __u32 id)
{
	return id <= btf->n ? &btf->types[id] : NULL;
}

const struct btf_type *btf_resolve(const struct btf_table *btf, __u32 *id)
{
	int depth;

	for (depth = 0; depth < BTF_DEPTH_MAX; depth++) {
		const struct btf_type *type = btf_type(btf, *id);

		if (!type || (type->kind != BTF_TYPEDEF && type->kind != BTF_CONST && type->kind != BTF_VOLATILE &&
			      type->kind != BTF_RESTRICT && type->kind != BTF_TYPE_TAG))
			return type;
		*id = type->size_or_type;
	}
	return NULL;
}

bool btf_member_at(const struct btf_table *btf, const struct btf_type *type, unsigned index, struct btf_member *out)
{
	__u32 name;

	if ((type->kind != BTF_STRUCT && type->kind != BTF_UNION) || index >= type->n)
		return false;
	if (!get_u32(type->tail, 12 * (__u64)index, &name) || !get_u32(type->tail, 12 * (__u64)index + 4, &out->type) ||
	    !get_u32(type->tail, 12 * (__u64)index + 8, &out->bit_offset))
		return false;
	if (type->flag)
		out->bit_offset &= 0xffffff;
	out->name = view_string(btf->strings, name);
	return out->name != NULL;
}

bool btf_variable_at(const struct btf_table *btf, const struct btf_type *section, unsigned index,
		     struct btf_variable *out)
{
	(void)btf;
	return section->kind == BTF_DATASEC && index < section->n &&
	       get_u32(section->tail, 12 * (__u64)index, &out->type) &&
	       get_u32(section->tail, 12 * (__u64)index + 4, &out->offset) &&
	       get_u32(section->tail, 12 * (__u64)index + 8, &out->size);
}

bool btf_array_of(const struct btf_type *type, __u32 *element, __u32 *n)
{
	return type->kind == BTF_ARRAY && get_u32(type->tail, 0, element) && get_u32(type->tail, 8, n);
}

bool btf_size(const struct btf_table *btf, __u32 id, __u64 *size)
{
	__u64 times = 1;
	__u32 n;
	int depth;

	for (depth = 0; depth < BTF_DEPTH_MAX; depth++) {
		const struct btf_type *type = btf_resolve(btf, &id);

		if (!type)
			return false;
		switch (type->kind) {
		case BTF_INT:
		case BTF_STRUCT:
		case BTF_UNION:
		case BTF_ENUM:
		case BTF_ENUM64:
		case BTF_FLOAT:
		case BTF_DATASEC:
			*size = times * type->size_or_type;
			return *size <= 0xffffffff;
		case BTF_PTR:
			*size = times * 8;
			return *size <= 0xffffffff;
		case BTF_VAR:
			id = type->size_or_type;
			break;
		case BTF_ARRAY:
			if (!btf_array_of(type, &id, &n) || (n && times > 0xffffffff / n))
				return false;
			times *= n;
			break;
		default:
			return false;
		}
	}
	return false;
}

__u32 btf_find(const struct btf_table *btf, enum btf_kind kind, const char *name)
{
	__u32 id;

	for (id = 1; id <= btf->n; id++)
		if (btf->types[id].kind == kind && !strcmp(btf->types[id].name, name))
			return id;
	return 0;
}

/* ---- what clang leaves to the linker ---- */

static bool symbol_offset(const struct elf_file *file, const struct elf_section *section, const char *name,
			  __u32 *offset)
{
	size_t i;

	for (i = 0; i < file->n_symbols; i++) {
		const struct elf_symbol *symbol = &file->symbols[i];

		if (symbol->section < file->n_sections && &file->sections[symbol->section] == section &&
		    !strcmp(symbol->name, name) && symbol->value <= 0xffffffff) {
			*offset = (__u32)symbol->value;
			return true;
		}
	}
	return false;
}

static int compare_variables(const void *left, const void *right)
{
	__u32 a, b;

	memcpy(&a, (const char *)left + 4, 4);
	memcpy(&b, (const char *)right + 4, 4);
	return (a > b) - (a < b);
}

static bool is_static(const struct btf_type *variable)
{
	__u32 linkage;

	return variable->kind == BTF_VAR && get_u32(variable->tail, 0, &linkage) && linkage == 0;
}

static void fill_section(const struct elf_file *file, struct btf_table *btf, unsigned char *raw, struct btf_type *type)
{
	const struct elf_section *section = elf_section_named(file, type->name);
	unsigned char *variables = raw + type->offset + BTF_COMMON;
	unsigned i;

	if (!section)
		return;
	if (!type->size_or_type && section->size <= 0xffffffff) {
		type->size_or_type = (__u32)section->size;
		put_u32(raw + type->offset + 8, type->size_or_type);
	}
	for (i = 0; i < type->n; i++) {
		struct btf_variable variable;
		const struct btf_type *named;

		if (!btf_variable_at(btf, type, i, &variable))
			return;
		named = btf_type(btf, variable.type);
		/* A static one's offset is there, and its name may be another's too. */
		if (named && !is_static(named) && symbol_offset(file, section, named->name, &variable.offset))
			put_u32(variables + 12 * i + 4, variable.offset);
	}
	if (type->n)
		qsort(variables, type->n, 12, compare_variables);
}

int btf_read(const struct elf_file *file, struct arena *mem, struct btf_table *out, struct error *err)
{
	const struct elf_section *section = elf_section_named(file, ".BTF");
	struct layout layout;
	struct view types;
	unsigned char *raw;
	__u32 id;
	int code;

	memset(out, 0, sizeof(*out));
	if (!section)
		return 0;
	code = read_layout(section->bytes, file->big_endian, &layout, err);
	if (code)
		return code;
	raw = copy_host(file, mem, section->bytes, &layout, &out->raw.size);
	if (!raw)
		return error_set(err, -ENOMEM, "no memory for %zu bytes of BTF", section->bytes.size);
	out->raw.data = raw;
	view_sub(out->raw, BTF_HEADER, layout.types_size, &types);
	view_sub(out->raw, BTF_HEADER + (__u64)layout.types_size, layout.strings_size, &out->strings);
	code = read_types(file, out, types, err);
	for (id = 1; !code && id <= out->n; id++)
		if (out->types[id].kind == BTF_DATASEC)
			fill_section(file, out, raw, &out->types[id]);
	return code;
}
