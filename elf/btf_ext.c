/* SPDX-License-Identifier: GPL-2.0 */
/* .BTF.ext (Documentation/bpf/btf.rst): which instruction is which function, source line, CO-RE relocation. */
#include <errno.h>
#include <string.h>

#include "elf/code.h"

#define BTF_MAGIC 0xeb9f
#define INSN_BYTES 8
#define RECORDS_MAX (1u << 20)

enum part { PART_FUNC, PART_LINE, PART_CORE, PART_N };

static const struct {
	const char *name;
	__u32 at, record; /* of the part's offset and size in the header; least bytes of a record */
} parts[PART_N] = {
	{ "func_info", 8, 8 },
	{ "line_info", 16, 16 },
	{ "CO-RE relocations", 24, 16 },
};

/* The records of one section in one part. */
struct block {
	enum part part;
	struct view records;
	__u32 record_size, n;
	size_t section;
};

static int block_room(struct object *object, const struct block *block, struct section_code *code)
{
	struct arena *mem = object->file.mem;

	if (block->part == PART_FUNC)
		return (code->funcs = arena_array(mem, block->n, sizeof(*code->funcs))) ? 0 : -ENOMEM;
	if (block->part == PART_LINE)
		return (code->lines = arena_array(mem, block->n, sizeof(*code->lines))) ? 0 : -ENOMEM;
	return (code->cores = arena_array(mem, block->n, sizeof(*code->cores))) ? 0 : -ENOMEM;
}

static int add_record(struct object *object, const struct block *block, __u32 index, struct section_code *code,
		      struct error *err)
{
	bool big = object->file.big_endian;
	__u64 at = (__u64)index * block->record_size;
	__u32 offset, words[3];
	const struct btf_type *type;
	const char *access;
	int i;

	view_u32(block->records, at, big, &offset);
	for (i = 0; i < 3; i++)
		view_u32(block->records, at + 4 + 4 * (__u64)i, big, &words[i]);
	if (offset % INSN_BYTES || offset / INSN_BYTES >= code->n)
		return error_set(err, -EINVAL, ".BTF.ext: %s %u of section %s: offset %u is no instruction",
				 parts[block->part].name, index, object->file.sections[block->section].name, offset);
	offset /= INSN_BYTES;
	if (block->part == PART_FUNC) {
		type = btf_type(&object->btf, words[0]);
		if (!type || type->kind != BTF_FUNC)
			return error_set(err, -EINVAL,
					 ".BTF.ext: func_info %u: type %u is no function: compile it again", index,
					 words[0]);
		code->funcs[code->n_funcs++] = (struct func_info) { offset, words[0] };
	} else if (block->part == PART_LINE) {
		if (words[0] >= object->btf.strings.size || words[1] >= object->btf.strings.size)
			return error_set(err, -EINVAL,
					 ".BTF.ext: line_info %u: its text lies outside: compile it again", index);
		code->lines[code->n_lines++] = (struct line_info) { offset, words[0], words[1], words[2] };
	} else {
		access = view_string(object->btf.strings, words[1]);
		if (!access)
			return error_set(err, -EINVAL, ".BTF.ext: CO-RE relocation %u: its access string lies outside",
					 index);
		code->cores[code->n_cores++] = (struct core_reloc) { offset, access };
	}
	return 0;
}

static int by_insn(const void *left, const void *right)
{
	__u32 a, b; /* the first word of each kind of record */

	memcpy(&a, left, sizeof(a));
	memcpy(&b, right, sizeof(b));
	return (a > b) - (a < b);
}

/* The kernel wants lines in order, one an instruction; so does whoever looks for one. */
static int check_order(const struct section_code *code, const struct block *block, struct error *err)
{
	size_t i;

	for (i = 1; i < code->n_lines && block->part == PART_LINE; i++)
		if (by_insn(&code->lines[i - 1], &code->lines[i]) >= 0)
			return error_set(err, -EINVAL, ".BTF.ext: line_info %zu: is out of order: compile it again", i);
	for (i = 1; i < code->n_funcs && block->part == PART_FUNC; i++)
		if (by_insn(&code->funcs[i - 1], &code->funcs[i]) >= 0)
			return error_set(err, -EINVAL, ".BTF.ext: func_info %zu: is out of order: compile it again", i);
	return 0;
}

static int read_block(struct object *object, struct code *code, const struct block *block, struct error *err)
{
	struct section_code *section = &code->sections[block->section];
	__u32 i;
	int result;

	if (!section->insns || (block->part == PART_FUNC ? section->n_funcs : 0) ||
	    (block->part == PART_LINE ? section->n_lines : 0) || (block->part == PART_CORE ? section->n_cores : 0))
		return error_set(err, -EINVAL,
				 ".BTF.ext: %s of section %s, which has no instructions or was there before",
				 parts[block->part].name, object->file.sections[block->section].name);
	if (block_room(object, block, section))
		return error_set(err, -ENOMEM, "no memory for %u records of .BTF.ext", block->n);
	for (i = 0; i < block->n; i++) {
		result = add_record(object, block, i, section, err);
		if (result)
			return result;
	}
	return check_order(section, block, err);
}

static int read_part(struct object *object, struct code *code, enum part part, struct view bytes, struct error *err)
{
	struct block block = { .part = part };
	bool big = object->file.big_endian;
	__u64 at = 4;
	int result;

	if (!view_u32(bytes, 0, big, &block.record_size) || block.record_size < parts[part].record)
		return error_set(err, -EINVAL, ".BTF.ext: %s: records of %u bytes: they have at least %u",
				 parts[part].name, block.record_size, parts[part].record);
	while (at < bytes.size) {
		const struct elf_section *section;
		__u32 name;

		if (!view_u32(bytes, at, big, &name) || !view_u32(bytes, at + 4, big, &block.n) || !block.n ||
		    block.n > RECORDS_MAX ||
		    !view_sub(bytes, at + 8, (__u64)block.n * block.record_size, &block.records))
			return error_set(err, -EINVAL, ".BTF.ext: %s: the block at byte %llu is cut off",
					 parts[part].name, (unsigned long long)at);
		section = view_string(object->btf.strings, name)
				  ? elf_section_named(&object->file, view_string(object->btf.strings, name))
				  : NULL;
		if (!section)
			return error_set(err, -EINVAL, ".BTF.ext: %s of a section that is not there", parts[part].name);
		block.section = (size_t)(section - object->file.sections);
		result = read_block(object, code, &block, err);
		if (result)
			return result;
		at += 8 + (__u64)block.n * block.record_size;
	}
	return 0;
}

int btf_ext_read(struct object *object, struct code *code, struct error *err)
{
	const struct elf_section *section = elf_section_named(&object->file, ".BTF.ext");
	bool big = object->file.big_endian;
	__u32 header;
	__u16 magic;
	int part, result;

	if (!section || !object->btf.n)
		return 0;
	if (!view_u16(section->bytes, 0, big, &magic) || !view_u32(section->bytes, 4, big, &header) ||
	    magic != BTF_MAGIC)
		return error_set(err, -EINVAL, ".BTF.ext: it has no header");
	for (part = 0; part < PART_N; part++) {
		__u32 offset, size;
		struct view bytes;

		if (header < parts[part].at + 8)
			continue;
		if (!view_u32(section->bytes, parts[part].at, big, &offset) ||
		    !view_u32(section->bytes, parts[part].at + 4, big, &size) ||
		    !view_sub(section->bytes, (__u64)header + offset, size, &bytes))
			return error_set(err, -EINVAL, ".BTF.ext: its %s lie outside of it", parts[part].name);
		if (!size)
			continue;
		result = read_part(object, code, part, bytes, err);
		if (result)
			return result;
	}
	return 0;
}
