/* SPDX-License-Identifier: GPL-2.0 */
/* One number changed in an object that is right: refused, with which code and which sentence. In both byte orders. */
#include "elf/spec.h"

#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "elf/arena.h"
#include "elf/btf.h"
#include "elf/elf_file.h"
#include "tests/unit/sample.h"

enum place {
	FILE_AT,    /* from the file's beginning */
	BYTES_OF,   /* of the section of that name */
	HEADER_OF,  /* of that section, Elf64_Shdr */
	SYMBOL_OF,  /* of that name, Elf64_Sym */
	STRING_OF,  /* in .BTF, the whole string */
	VAR_OF,     /* in .BTF, from where the variable's type begins */
	DATASEC_OF, /* likewise, of the section's variables */
};

struct change {
	const char *object;
	enum place place;
	const char *name;
	__u64 offset;
	unsigned n; /* bytes of the number, 0: none is changed */
	__u64 value;
	int code; /* 0: it is taken */
	const char *says;
};

#define SHDR(field) offsetof(Elf64_Shdr, field), sizeof(((Elf64_Shdr *)0)->field)
#define SYM(field) offsetof(Elf64_Sym, field), sizeof(((Elf64_Sym *)0)->field)
#define EHDR(field) offsetof(Elf64_Ehdr, field), sizeof(((Elf64_Ehdr *)0)->field)

struct reader {
	struct sample sample;
	struct arena *arena;
	struct elf_file file;
	struct btf_table btf;
};

static void put(struct reader *reader, size_t at, const struct change *change)
{
	unsigned i;

	assert_true(at + change->n <= reader->sample.size);
	for (i = 0; i < change->n; i++)
		reader->sample.bytes[at + (reader->file.big_endian ? change->n - 1 - i : i)] =
			(unsigned char)(change->value >> 8 * i);
}

static size_t where_in_file(const struct reader *reader, const void *at)
{
	return (size_t)((const unsigned char *)at - reader->sample.bytes);
}

static size_t header_place(const struct reader *reader, const char *name)
{
	__u64 table = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		table |= (__u64)reader->sample.bytes[offsetof(Elf64_Ehdr, e_shoff) + i]
			 << 8 * (reader->file.big_endian ? 7 - i : i);
	for (i = 1; i < reader->file.n_sections; i++)
		if (!strcmp(reader->file.sections[i].name, name))
			return (size_t)table + i * sizeof(Elf64_Shdr);
	fail_msg("no section %s", name);
	return 0;
}

static size_t symbol_place(const struct reader *reader, const char *name)
{
	const struct elf_section *table = NULL;
	size_t i;

	for (i = 1; i < reader->file.n_sections; i++)
		if (reader->file.sections[i].type == SHT_SYMTAB)
			table = &reader->file.sections[i];
	for (i = 0; i < reader->file.n_symbols; i++)
		if (!strcmp(reader->file.symbols[i].name, name))
			return where_in_file(reader, table->bytes.data) + i * sizeof(Elf64_Sym);
	fail_msg("no symbol %s", name);
	return 0;
}

/* The copy of the types begins with a header of the same size as clang's, and the types follow it in both. */
static size_t type_place(const struct reader *reader, enum btf_kind kind, const char *name)
{
	__u32 id = btf_find(&reader->btf, kind, name);

	if (!id)
		fail_msg("no type %s", name);
	return where_in_file(reader, elf_section_named(&reader->file, ".BTF")->bytes.data) +
	       reader->btf.types[id].offset;
}

static size_t string_place(const struct reader *reader, const char *name)
{
	const struct view *strings = &reader->btf.strings;
	const struct elf_section *section = elf_section_named(&reader->file, ".BTF");
	size_t i;

	for (i = 1; i < strings->size; i += strlen((const char *)strings->data + i) + 1)
		if (!strcmp((const char *)strings->data + i, name))
			return where_in_file(reader, section->bytes.data) + section->bytes.size - strings->size + i;
	fail_msg("no string %s", name);
	return 0;
}

static size_t place_of(const struct reader *reader, const struct change *change)
{
	const struct elf_section *section;

	switch (change->place) {
	case FILE_AT:
		return 0;
	case BYTES_OF:
		section = elf_section_named(&reader->file, change->name);
		if (!section)
			fail_msg("no section %s", change->name);
		return where_in_file(reader, section->bytes.data);
	case HEADER_OF:
		return header_place(reader, change->name);
	case SYMBOL_OF:
		return symbol_place(reader, change->name);
	case STRING_OF:
		return string_place(reader, change->name);
	case VAR_OF:
		return type_place(reader, BTF_VAR, change->name);
	case DATASEC_OF:
		return type_place(reader, BTF_DATASEC, change->name);
	}
	return 0;
}

static void check(const struct change *change, const char *object)
{
	struct reader reader = { .sample = sample_read(object), .arena = arena_new() };
	struct error err = { 0 };
	struct spec spec;
	int code;

	assert_int_equal(elf_read(sample_view(&reader.sample), reader.arena, &reader.file, &err), 0);
	assert_int_equal(btf_read(&reader.file, reader.arena, &reader.btf, &err), 0);
	put(&reader, place_of(&reader, change) + change->offset, change);
	code = spec_parse(sample_view(&reader.sample), &spec, &err);
	if (code != change->code || err.code != change->code || !strstr(err.text, change->says))
		fail_msg("%s, %s + %llu: gave %d: %s; and not: %s", object, change->name ? change->name : "file",
			 (unsigned long long)change->offset, code, err.text, change->says);
	assert_true(code == 0 || (!spec.mem && !spec.n_maps && !spec.n_progs && !spec.maps && !spec.progs));
	spec_free(&spec);
	arena_free(reader.arena);
	sample_free(&reader.sample);
}

static void check_all(const struct change *changes, size_t n)
{
	size_t i, order;
	char object[64];

	for (i = 0; i < n; i++)
		for (order = 0; order < 2; order++) {
			snprintf(object, sizeof(object), "%s-%s", changes[i].object, sample_orders[order]);
			check(&changes[i], object);
		}
}

#define CHECK_ALL(changes) check_all(changes, sizeof(changes) / sizeof(*(changes)))

static void containers_that_contradict_themselves(void **state)
{
	static const struct change changes[] = {
		{ "calls", FILE_AT, NULL, EHDR(e_type), 2, -ENOEXEC, "ELF header: type 2" },
		{ "calls", FILE_AT, NULL, EHDR(e_machine), 62, -ENOEXEC, "ELF header: machine 62" },
		{ "calls", FILE_AT, NULL, EHDR(e_machine), 0, 0, "" },
		{ "calls", FILE_AT, NULL, EHDR(e_shnum), 0, -E2BIG, "ELF header: 0 sections" },
		{ "calls", FILE_AT, NULL, EHDR(e_shnum), 4097, -E2BIG, "4097 sections: there are 1 to 4096" },
		{ "calls", FILE_AT, NULL, EHDR(e_shnum), 4096, -EINVAL, "section table" },
		{ "calls", FILE_AT, NULL, EHDR(e_shoff), ~0ULL, -EINVAL, "section table (offset 1844" },
		{ "calls", FILE_AT, NULL, EHDR(e_shstrndx), 2, -EINVAL, "section 2 is to hold the names" },
		{ "calls", FILE_AT, NULL, EHDR(e_shentsize), 40, -EINVAL, "section headers of 40 bytes" },
		{ "calls", HEADER_OF, "tc", SHDR(sh_name), 0xffffff, -EINVAL, "its name (offset 16777215)" },
		{ "calls", HEADER_OF, "tc", SHDR(sh_size), 1 << 20, -EINVAL, "lie beyond the file's end" },
		{ "calls", HEADER_OF, "tc", SHDR(sh_offset), ~0ULL - 4, -EINVAL, "lie beyond the file's end" },
		{ "calls", HEADER_OF, ".symtab", SHDR(sh_link), 2, -EINVAL, "which is no string table" },
		{ "calls", HEADER_OF, ".symtab", SHDR(sh_link), 4000, -EINVAL, "in section 4000" },
		{ "calls", HEADER_OF, ".symtab", SHDR(sh_size), 25, -EINVAL, "symbol table: 25 bytes" },
		{ "calls", HEADER_OF, ".symtab", SHDR(sh_size), 24, -EINVAL, "and there are 1" },
		{ "calls", HEADER_OF, "license", SHDR(sh_type), SHT_SYMTAB, -EINVAL, "a second symbol table" },
		{ "calls", HEADER_OF, ".reltc", SHDR(sh_info), 0, -EINVAL, "relocates section 0" },
		{ "calls", HEADER_OF, ".reltc", SHDR(sh_info), 999, -EINVAL, "relocates section 999" },
		{ "calls", HEADER_OF, ".rel.BTF", SHDR(sh_info), 3, -EINVAL, "section 3 is relocated twice" },
		{ "calls", HEADER_OF, ".reltc", SHDR(sh_size), 17, -EINVAL, ".reltc: 17 bytes" },
		{ "calls", BYTES_OF, ".reltc", 8, 8, 4000ULL << 32 | 10, -EINVAL, "relocation 0 names symbol 4000" },
		{ "calls", SYMBOL_OF, "leaf", SYM(st_name), 0xffff, -EINVAL, "its name (offset 65535)" },
		{ "calls", SYMBOL_OF, "leaf", SYM(st_shndx), 999, -EINVAL, "(leaf): it is in section 999" },
	};

	(void)state;
	CHECK_ALL(changes);
}

static void code_that_is_none(void **state)
{
	static const struct change changes[] = {
		{ "calls", HEADER_OF, "tc", SHDR(sh_size), 180, -EINVAL, "section tc: 180 bytes" },
		{ "calls", SYMBOL_OF, "first", SYM(st_value), 76, -EINVAL, "function first: offset 76" },
		{ "calls", SYMBOL_OF, "first", SYM(st_value), 184, -EINVAL, "outside section tc" },
		{ "calls", SYMBOL_OF, "first", SYM(st_value), ~7ULL, -EINVAL, "outside section tc" },
		{ "calls", SYMBOL_OF, "first", SYM(st_size), 87, -EINVAL, "87 bytes: outside section tc" },
		{ "calls", SYMBOL_OF, "first", SYM(st_size), ~7ULL, -EINVAL, "outside section tc" },
		{ "calls", SYMBOL_OF, "first", SYM(st_size), 96, -EINVAL, "functions first and second overlap" },
		{ "calls", SYMBOL_OF, "first", SYM(st_size), 0, 0, "" }, /* it reaches to the next */
		/* leaf's place is called by distance, from middle and from another section */
		{ "calls", BYTES_OF, ".text", 4, 4, 5, -EINVAL, "section .text, instruction 0: it calls what is not" },
		{ "calls", BYTES_OF, ".text", 4, 4, 4000, -EINVAL,
		  "instruction 0: it calls what is not the beginning" },
		{ "calls", BYTES_OF, ".text", 4, 4, 0x80000000, -EINVAL, "instruction 0: it calls what is not" },
		{ "calls", BYTES_OF, "tc", 12, 4, 5, -EINVAL, "program beside: section tc, instruction 1: it calls" },
		{ "calls", BYTES_OF, "tc", 12, 4, 0x7fffffff, -EINVAL, "instruction 1: it calls what is not" },
		/* relocations that are for something else */
		{ "calls", BYTES_OF, ".reltc", 0, 8, 12, -EINVAL, "a relocation inside the instruction" },
		{ "calls", BYTES_OF, ".reltc", 48, 8, 0xa8, -EINVAL, "instruction 21: its relocation's type does not" },
		{ "calls", BYTES_OF, ".reltc", 8, 8, 2ULL << 32 | 1, -EINVAL, "relocation's type does not fit" },
		{ "calls", SYMBOL_OF, "middle", SYM(st_value), ~7ULL << 1, -EINVAL, "outside section .text" },
		{ "calls", SYMBOL_OF, "middle", SYM(st_shndx), SHN_ABS, -EINVAL, "it calls what is not the beginning" },
		{ "calls", BYTES_OF, "tc", 8, 1, 0x18, -EINVAL, "a 64-bit load without its second half" },
	};

	(void)state;
	CHECK_ALL(changes);
}

static void loads_of_what_is_not_there(void **state)
{
	static const struct change changes[] = {
		{ "data", BYTES_OF, "cgroup_skb/egress", 12, 4, 4, -EINVAL, "undefined symbol without a name, or an" },
		{ "data", SYMBOL_OF, "some_constant", SYM(st_name), 0, -EINVAL, "undefined symbol without a name" },
		{ "data", BYTES_OF, "cgroup_skb/egress", 0x24, 4, 0xfffff000, -EINVAL, "no map and no global data" },
		{ "data", SYMBOL_OF, "limit", SYM(st_value), ~0ULL, -EINVAL, "no map and no global data" },
		{ "data", SYMBOL_OF, "limit", SYM(st_shndx), SHN_COMMON, -EINVAL, "its symbol lies in no section" },
		{ "data", SYMBOL_OF, "limit", SYM(st_shndx), 1, -EINVAL, "no map and no global data" },
		{ "maps", BYTES_OF, "xdp", 0x24, 4, 0x10000, -EINVAL, "instruction 4: it loads the address of what" },
		{ "maps", BYTES_OF, "xdp", 0x4c, 4, 8, -EINVAL,
		  "instruction 9: it loads the address of what is no map" },
		{ "kernel_types", SYMBOL_OF, "kernel_function", SYM(st_name), 0, -EINVAL, "undefined symbol without" },
	};

	(void)state;
	CHECK_ALL(changes);
}

static void addresses_of_what_is_no_function(void **state)
{
	static const struct change change = {
		"", BYTES_OF, "xdp", 0x2c, 4, 0x50, -EINVAL, "is no function's beginning"
	};

	(void)state;
	check(&change, "calls-callback");
	check(&change, "calls-callback-eb");
}

static void maps_that_are_none(void **state)
{
	static const struct change changes[] = {
		{ "legacy", SYMBOL_OF, "old_hash", SYM(st_value), 24, -EINVAL, "map old_hash: its definition" },
		{ "legacy", SYMBOL_OF, "old_hash", SYM(st_value), ~0ULL, -EINVAL, "map old_hash: its definition" },
		{ "legacy", SYMBOL_OF, "old_hash", SYM(st_value), 20, -EINVAL, "overlaps map" },
		{ "legacy", SYMBOL_OF, "old_hash", SYM(st_shndx), SHN_ABS, -EINVAL, "map old_array: its definition" },
		{ "legacy", SYMBOL_OF, "old_array", SYM(st_name), 0, -ENOTSUP, "of its definition is not 0" },
		{ "legacy", HEADER_OF, "maps", SHDR(sh_size), 39, -EINVAL, "section maps: 39 bytes for 2 maps" },
		{ "legacy", HEADER_OF, "maps", SHDR(sh_size), 32, -EINVAL, "does not fit section maps" },
		{ "data", HEADER_OF, ".bss", SHDR(sh_size), (1 << 30) + 1, -E2BIG, "1073741825 bytes of global data" },
		{ "data", HEADER_OF, ".bss", SHDR(sh_size), 1 << 30, 0, "" },
		{ "data", HEADER_OF, ".rel.BTF", SHDR(sh_info), 5, -ENOTSUP, "holds addresses" },
		{ "maps", STRING_OF, "map_flags", 0, 1, 'M', -ENOTSUP, "member `Map_flags` is not known here" },
		{ "maps", VAR_OF, "by_type", 8, 4, 0, -EINVAL, "map by_type: it is no structure" },
		{ "maps", VAR_OF, "by_type", 8, 4, 0xffffffff, -EINVAL, "map by_type: it is no structure" },
		{ "maps", DATASEC_OF, ".maps", 12, 4, 1, -EINVAL, "section .maps: type 1 is no variable" },
		{ "maps", DATASEC_OF, ".maps", 12, 4, 0xffffffff, -EINVAL, "type 4294967295 is no variable" },
		{ "maps", SYMBOL_OF, "outer", SYM(st_size), 4096, -EINVAL,
		  "map outer: offset 96, 4096 bytes: outside" },
		{ "maps", SYMBOL_OF, "outer", SYM(st_value), 0xfffffff0, -EINVAL, "map outer: offset 4294967280" },
		{ "maps", SYMBOL_OF, "by_size", SYM(st_value), 0xf0, -EINVAL, "map by_size: offset 240, 40 bytes" },
		{ "maps", SYMBOL_OF, "by_size", SYM(st_value), 0x60, -EINVAL, "overlaps map" },
	};

	(void)state;
	CHECK_ALL(changes);
}

static void values_that_lead_nowhere(void **state)
{
	static const struct change changes[] = {
		{ "tail_calls", BYTES_OF, ".rel.maps", 0, 8, 4096, -EINVAL,
		  "offset 4096: is relocated and lies in no" },
		{ "tail_calls", BYTES_OF, ".rel.maps", 0, 8, 8, -EINVAL, "map stages: offset 8: is relocated and no" },
		{ "tail_calls", BYTES_OF, ".rel.maps", 0, 8, 28, -EINVAL,
		  "map stages: offset 28: is relocated and no" },
		{ "tail_calls", BYTES_OF, ".rel.maps", 8, 8, 3, -EINVAL, "its values name" },
		{ "tail_calls", BYTES_OF, ".rel.maps", 8, 8, 2, -EINVAL, "which is not in the object" },
		{ "tail_calls", BYTES_OF, ".maps", 0x18, 8, 8, -EINVAL, "value 0: stage_one is no program and no map" },
		{ "tail_calls", BYTES_OF, ".maps", 0x18, 8, ~0ULL, -EINVAL, "value 0: stage_one is no program" },
		{ "maps", BYTES_OF, ".maps", 0x80, 8, 8, -EINVAL, "map outer: value 1: inner_1 is no program" },
	};

	(void)state;
	CHECK_ALL(changes);
}

static void types_that_are_none(void **state)
{
	static const struct change changes[] = {
		{ "maps", BYTES_OF, ".BTF", 0, 2, 0xeb9e, -EINVAL, ".BTF: magic 0xeb9e, version 1" },
		{ "maps", BYTES_OF, ".BTF", 2, 1, 2, -EINVAL, "version 2" },
		{ "maps", BYTES_OF, ".BTF", 4, 4, 20, -EINVAL, ".BTF: its types or strings lie outside" },
		{ "maps", BYTES_OF, ".BTF", 4, 4, 0xffffffff, -EINVAL, ".BTF: its types or strings lie outside" },
		{ "maps", BYTES_OF, ".BTF", 8, 4, 0xfffffffc, -EINVAL, ".BTF: its types or strings lie outside" },
		{ "maps", BYTES_OF, ".BTF", 12, 4, 4, -EINVAL, ".BTF: type 1 is cut off" },
		{ "maps", BYTES_OF, ".BTF", 20, 4, 0, -EINVAL, ".BTF: its strings do not begin and end" },
		{ "maps", BYTES_OF, ".BTF", 28, 4, 20u << 24, -ENOTSUP, ".BTF: type 1 is of kind 20" },
		{ "maps", BYTES_OF, ".BTF", 28, 4, 0, -ENOTSUP, ".BTF: type 1 is of kind 0" },
		{ "maps", BYTES_OF, ".BTF", 28, 4, 4u << 24 | 0xffff, -EINVAL, "is cut off" },
		{ "maps", BYTES_OF, ".BTF", 24, 4, 0xffffff, -EINVAL, "type 1: its name (offset 16777215)" },
		{ "maps", HEADER_OF, ".BTF", SHDR(sh_size), 23, -EINVAL, ".BTF: 23 bytes: too short" },
		{ "maps", HEADER_OF, ".BTF", SHDR(sh_type), SHT_NOBITS, -EINVAL, ".BTF: 0 bytes: too short" },
		{ "calls", BYTES_OF, ".BTF.ext", 0, 2, 0, -EINVAL, ".BTF.ext: it has no header" },
		{ "calls", HEADER_OF, ".BTF.ext", SHDR(sh_size), 7, -EINVAL, ".BTF.ext: it has no header" },
		{ "calls", BYTES_OF, ".BTF.ext", 8, 4, 0xfffffff0, -EINVAL, "its func_info lie outside of it" },
		{ "calls", BYTES_OF, ".BTF.ext", 20, 4, 0xffffff, -EINVAL, "its line_info lie outside of it" },
		{ "calls", BYTES_OF, ".BTF.ext", 32, 4, 4, -EINVAL, "func_info: records of 4 bytes" },
		{ "calls", BYTES_OF, ".BTF.ext", 32, 4, 0xffffffff, -EINVAL, "func_info: the block at byte 4 is cut" },
		{ "calls", BYTES_OF, ".BTF.ext", 36, 4, 0, -EINVAL, "func_info of a section that is not there" },
		{ "calls", BYTES_OF, ".BTF.ext", 36, 4, 0xffffff, -EINVAL, "func_info of a section that is not there" },
		{ "calls", BYTES_OF, ".BTF.ext", 40, 4, 0, -EINVAL, "func_info: the block at byte 4 is cut off" },
		{ "calls", BYTES_OF, ".BTF.ext", 44, 4, 4, -EINVAL, "func_info 0 of section .text: offset 4 is no" },
		{ "calls", BYTES_OF, ".BTF.ext", 44, 4, 88, -EINVAL, "offset 88 is no instruction" },
		{ "calls", BYTES_OF, ".BTF.ext", 44, 4, 0x38, -EINVAL, "func_info 1: is out of order" },
		{ "calls", BYTES_OF, ".BTF.ext", 48, 4, 1, -EINVAL, "func_info 0: type 1 is no function" },
		{ "calls", BYTES_OF, ".BTF.ext", 48, 4, 0xffffffff, -EINVAL, "type 4294967295 is no function" },
	};

	(void)state;
	CHECK_ALL(changes);
}

static void licences_and_versions_that_are_none(void **state)
{
	static const struct change changes[] = {
		{ "data", BYTES_OF, "license", 3, 1, '!', -EINVAL, "section license: it is no terminated string" },
		{ "data", HEADER_OF, "license", SHDR(sh_size), 0, -EINVAL, "section license: it is no terminated" },
		{ "data", HEADER_OF, "version", SHDR(sh_size), 3, -EINVAL, "section version: 3 bytes" },
	};

	(void)state;
	CHECK_ALL(changes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(containers_that_contradict_themselves),
		cmocka_unit_test(code_that_is_none),
		cmocka_unit_test(loads_of_what_is_not_there),
		cmocka_unit_test(addresses_of_what_is_no_function),
		cmocka_unit_test(maps_that_are_none),
		cmocka_unit_test(values_that_lead_nowhere),
		cmocka_unit_test(types_that_are_none),
		cmocka_unit_test(licences_and_versions_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
