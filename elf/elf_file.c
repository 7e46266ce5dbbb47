/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/elf_file.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "elf/arena.h"
#include "elf/error.h"
#include "elf/view.h"

#ifndef EM_BPF
#define EM_BPF 247
#endif

#define MAX_FILE (64U << 20)
#define MAX_SECTIONS 16384

#define HEADER_SIZE 64
#define SECTION_HEADER_SIZE 64
#define SYMBOL_SIZE 24

static int out_of_memory(struct error *err)
{
	return error_set(err, -ENOMEM, "object: out of memory: free some");
}

static int check_ident(struct view bytes, struct elf_file *out, struct error *err)
{
	__u8 class = 0, order = 0;

	if (bytes.size > MAX_FILE)
		return error_set(err, -E2BIG, "object: is larger than %u MiB: strip it (llvm-strip -g)",
				 MAX_FILE >> 20);
	if (bytes.size < HEADER_SIZE || memcmp(bytes.data, ELFMAG, SELFMAG))
		return error_set(err, -ENOEXEC, "object: is not an ELF file: compile it with clang -target bpf -c");
	view_u8(bytes, EI_CLASS, &class);
	view_u8(bytes, EI_DATA, &order);
	if (class != ELFCLASS64)
		return error_set(err, -ENOEXEC,
				 "object: is not a 64-bit ELF file: compile it with clang -target bpf -c");
	if (order != ELFDATA2LSB && order != ELFDATA2MSB)
		return error_set(err, -ENOEXEC, "object: has the unknown byte order %u: compile it again", order);
	out->big_endian = order == ELFDATA2MSB;
	return 0;
}

static int check_kind(struct view bytes, bool big, struct error *err)
{
	__u16 type, machine;

	view_u16(bytes, offsetof(Elf64_Ehdr, e_type), big, &type);
	view_u16(bytes, offsetof(Elf64_Ehdr, e_machine), big, &machine);
	if (machine != EM_BPF && machine != EM_NONE)
		return error_set(err, -ENOEXEC,
				 "object: is for machine %u, not for eBPF: compile it with clang -target bpf -c",
				 machine);
	if (type != ET_REL)
		return error_set(err, -ENOEXEC, "object: is not relocatable (ELF type %u): compile it with -c", type);
	return 0;
}

static bool read_section(struct view header, bool big, struct elf_section *out, __u32 *name, __u64 *offset)
{
	view_u32(header, offsetof(Elf64_Shdr, sh_name), big, name);
	view_u32(header, offsetof(Elf64_Shdr, sh_type), big, &out->type);
	view_u64(header, offsetof(Elf64_Shdr, sh_flags), big, &out->flags);
	view_u64(header, offsetof(Elf64_Shdr, sh_offset), big, offset);
	view_u64(header, offsetof(Elf64_Shdr, sh_size), big, &out->size);
	view_u32(header, offsetof(Elf64_Shdr, sh_link), big, &out->link);
	view_u32(header, offsetof(Elf64_Shdr, sh_info), big, &out->info);
	return view_u64(header, offsetof(Elf64_Shdr, sh_entsize), big, &out->entry_size);
}

static int read_sections(struct view bytes, struct view table, struct elf_file *file, __u32 *names, struct error *err)
{
	size_t i;

	for (i = 1; i < file->n_sections; i++) {
		struct elf_section *section = &file->sections[i];
		struct view header;
		__u64 offset;

		view_sub(table, i * SECTION_HEADER_SIZE, SECTION_HEADER_SIZE, &header);
		read_section(header, file->big_endian, section, &names[i], &offset);
		if (section->type == SHT_NOBITS || section->type == SHT_NULL)
			continue;
		if (!view_sub(bytes, offset, section->size, &section->data))
			return error_set(err, -EINVAL,
					 "object: section %zu: lies outside the file: fetch or compile it again", i);
	}
	return 0;
}

static int name_sections(struct elf_file *file, const __u32 *names, __u16 table, struct error *err)
{
	size_t i;

	if (!table || table >= file->n_sections || file->sections[table].type != SHT_STRTAB)
		return error_set(err, -EINVAL, "object: has no section names: compile it again");
	file->sections[0].name = "";
	for (i = 1; i < file->n_sections; i++) {
		file->sections[i].name = view_string(file->sections[table].data, names[i]);
		if (!file->sections[i].name)
			return error_set(err, -EINVAL,
					 "object: section %zu: its name lies outside the names: compile it again", i);
	}
	return 0;
}

static int parse_sections(struct view bytes, struct arena *mem, struct elf_file *file, struct error *err)
{
	__u16 entry_size, n, names_section;
	struct view table;
	__u64 offset;
	__u32 *names;
	int result;

	view_u64(bytes, offsetof(Elf64_Ehdr, e_shoff), file->big_endian, &offset);
	view_u16(bytes, offsetof(Elf64_Ehdr, e_shentsize), file->big_endian, &entry_size);
	view_u16(bytes, offsetof(Elf64_Ehdr, e_shnum), file->big_endian, &n);
	view_u16(bytes, offsetof(Elf64_Ehdr, e_shstrndx), file->big_endian, &names_section);
	if (n > MAX_SECTIONS)
		return error_set(err, -E2BIG, "object: has %u sections: at most %u are read: split it", n,
				 MAX_SECTIONS);
	if (!n || entry_size != SECTION_HEADER_SIZE || !view_sub(bytes, offset, (__u64)n * SECTION_HEADER_SIZE, &table))
		return error_set(err, -EINVAL, "object: its section table is not whole: fetch or compile it again");
	file->n_sections = n;
	file->sections = arena_array(mem, n, sizeof(*file->sections));
	names = arena_array(mem, n, sizeof(*names));
	if (!file->sections || !names)
		return out_of_memory(err);
	result = read_sections(bytes, table, file, names, err);
	return result ? result : name_sections(file, names, names_section, err);
}

static int read_symbol(const struct elf_file *file, size_t i, struct view entry, struct view strings,
		       struct elf_symbol *out, struct error *err)
{
	bool big = file->big_endian;
	__u16 section;
	__u32 name;
	__u8 info;

	view_u32(entry, offsetof(Elf64_Sym, st_name), big, &name);
	view_u8(entry, offsetof(Elf64_Sym, st_info), &info);
	view_u16(entry, offsetof(Elf64_Sym, st_shndx), big, &section);
	view_u64(entry, offsetof(Elf64_Sym, st_value), big, &out->value);
	view_u64(entry, offsetof(Elf64_Sym, st_size), big, &out->size);
	out->type = ELF64_ST_TYPE(info);
	out->bind = ELF64_ST_BIND(info);
	out->section = section;
	out->name = name ? view_string(strings, name) : "";
	if (!out->name)
		return error_set(err, -EINVAL, "object: symbol %zu: its name lies outside the names: compile it again",
				 i);
	if (section >= file->n_sections && section != SHN_ABS && section != SHN_COMMON)
		return error_set(err, -EINVAL,
				 "object: symbol %s: is in section %u, which is not there: compile it again", out->name,
				 section);
	return 0;
}

static int parse_symbols(const struct elf_section *table, struct arena *mem, struct elf_file *file, struct error *err)
{
	int result = 0;
	size_t i;

	if (table->entry_size != SYMBOL_SIZE || table->size % SYMBOL_SIZE || !table->size ||
	    table->link >= file->n_sections || file->sections[table->link].type != SHT_STRTAB)
		return error_set(err, -EINVAL, "object: its symbol table is not whole: compile it again");
	file->n_symbols = table->size / SYMBOL_SIZE;
	file->symbols = arena_array(mem, file->n_symbols, sizeof(*file->symbols));
	if (!file->symbols)
		return out_of_memory(err);
	file->symbols[0].name = "";
	for (i = 1; !result && i < file->n_symbols; i++) {
		struct view entry;

		view_sub(table->data, i * SYMBOL_SIZE, SYMBOL_SIZE, &entry);
		result = read_symbol(file, i, entry, file->sections[table->link].data, &file->symbols[i], err);
	}
	return result;
}

int elf_file_parse(struct view bytes, struct arena *mem, struct elf_file *out, struct error *err)
{
	const struct elf_section *table = NULL;
	size_t i;
	int result;

	memset(out, 0, sizeof(*out));
	result = check_ident(bytes, out, err);
	if (!result)
		result = check_kind(bytes, out->big_endian, err);
	if (!result)
		result = parse_sections(bytes, mem, out, err);
	for (i = 1; !result && i < out->n_sections; i++) {
		if (out->sections[i].type != SHT_SYMTAB)
			continue;
		if (table)
			return error_set(err, -EINVAL, "object: has two symbol tables: compile it again");
		table = &out->sections[i];
	}
	if (!result && !table)
		return error_set(err, -EINVAL, "object: has no symbols: strip no more than llvm-strip -g does");
	return result ? result : parse_symbols(table, mem, out, err);
}

const struct elf_section *elf_file_section(const struct elf_file *file, const char *name)
{
	size_t i;

	for (i = 1; i < file->n_sections; i++)
		if (!strcmp(file->sections[i].name, name))
			return &file->sections[i];
	return NULL;
}
