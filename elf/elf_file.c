/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/elf_file.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf/arena.h"
#include "elf/error.h"
#include "elf/view.h"

#ifndef EM_BPF
#define EM_BPF 247
#endif

/* Offsets of the fields of ELF64 (System V ABI, "Object Files"): the structures' own would be the host's. */
#define AT(type, field) offsetof(type, field)

static int check_ident(struct view bytes, struct elf_file *out, struct error *err)
{
	__u8 class, data;

	if (bytes.size < sizeof(Elf64_Ehdr))
		return error_set(err, -ENOEXEC,
				 "the file has %zu bytes: too short for an ELF header: give an eBPF object",
				 bytes.size);
	if (memcmp(bytes.data, ELFMAG, SELFMAG))
		return error_set(err, -ENOEXEC, "the file does not begin as ELF does: give an eBPF object");
	view_u8(bytes, EI_CLASS, &class);
	view_u8(bytes, EI_DATA, &data);
	if (class != ELFCLASS64)
		return error_set(err, -ENOEXEC, "ELF header: class %u: an eBPF object is of 64 bits", class);
	if (data != ELFDATA2LSB && data != ELFDATA2MSB)
		return error_set(err, -ENOEXEC, "ELF header: byte order %u: it is 1 or 2", data);
	out->big_endian = data == ELFDATA2MSB;
	return 0;
}

static int check_header(const struct elf_file *file, struct error *err)
{
	__u16 type, machine, entry_size;

	view_u16(file->bytes, AT(Elf64_Ehdr, e_type), file->big_endian, &type);
	view_u16(file->bytes, AT(Elf64_Ehdr, e_machine), file->big_endian, &machine);
	view_u16(file->bytes, AT(Elf64_Ehdr, e_shentsize), file->big_endian, &entry_size);
	if (type != ET_REL)
		return error_set(err, -ENOEXEC, "ELF header: type %u: an eBPF object is relocatable (1)", type);
	if (machine != EM_BPF && machine != EM_NONE)
		return error_set(err, -ENOEXEC,
				 "ELF header: machine %u: it is not eBPF (247): compile with -target bpf", machine);
	if (entry_size != sizeof(Elf64_Shdr))
		return error_set(err, -EINVAL, "ELF header: section headers of %u bytes: they have %zu", entry_size,
				 sizeof(Elf64_Shdr));
	return 0;
}

static int read_section(const struct elf_file *file, struct view header, size_t index, struct elf_section *out,
			struct error *err)
{
	bool big = file->big_endian;
	__u64 offset;

	view_u32(header, AT(Elf64_Shdr, sh_type), big, &out->type);
	view_u32(header, AT(Elf64_Shdr, sh_link), big, &out->link);
	view_u32(header, AT(Elf64_Shdr, sh_info), big, &out->info);
	view_u64(header, AT(Elf64_Shdr, sh_flags), big, &out->flags);
	view_u64(header, AT(Elf64_Shdr, sh_offset), big, &offset);
	view_u64(header, AT(Elf64_Shdr, sh_size), big, &out->size);
	view_u64(header, AT(Elf64_Shdr, sh_entsize), big, &out->entry_size);
	if (out->type == SHT_NULL || out->type == SHT_NOBITS)
		return 0;
	if (!view_sub(file->bytes, offset, out->size, &out->bytes))
		return error_set(err, -EINVAL,
				 "section %zu: its bytes (%llu from offset %llu) lie beyond the file's end", index,
				 (unsigned long long)out->size, (unsigned long long)offset);
	return 0;
}

static int name_sections(struct elf_file *file, struct view headers, struct error *err)
{
	__u16 names;
	size_t i;

	view_u16(file->bytes, AT(Elf64_Ehdr, e_shstrndx), file->big_endian, &names);
	if (names >= file->n_sections || file->sections[names].type != SHT_STRTAB)
		return error_set(err, -EINVAL, "ELF header: section %u is to hold the names and is no string table",
				 names);
	for (i = 0; i < file->n_sections; i++) {
		__u32 name;

		view_u32(headers, i * sizeof(Elf64_Shdr) + AT(Elf64_Shdr, sh_name), file->big_endian, &name);
		file->sections[i].name = view_string(file->sections[names].bytes, name);
		if (!file->sections[i].name)
			return error_set(err, -EINVAL,
					 "section %zu: its name (offset %u) lies outside the string table", i, name);
	}
	return 0;
}

static int read_sections(struct elf_file *file, struct error *err)
{
	struct view headers, header;
	__u64 offset;
	__u16 n;
	size_t i;
	int code;

	view_u64(file->bytes, AT(Elf64_Ehdr, e_shoff), file->big_endian, &offset);
	view_u16(file->bytes, AT(Elf64_Ehdr, e_shnum), file->big_endian, &n);
	if (n == 0 || n > ELF_SECTIONS_MAX)
		return error_set(err, -E2BIG, "ELF header: %u sections: there are 1 to %d", n, ELF_SECTIONS_MAX);
	if (!view_sub(file->bytes, offset, (__u64)n * sizeof(Elf64_Shdr), &headers))
		return error_set(err, -EINVAL, "ELF header: the section table (offset %llu) lies beyond the file's end",
				 (unsigned long long)offset);
	file->sections = arena_array(file->mem, n, sizeof(*file->sections));
	if (!file->sections)
		return error_set(err, -ENOMEM, "no memory for %u sections", n);
	file->n_sections = n;
	for (i = 0; i < n; i++) {
		view_sub(headers, i * sizeof(Elf64_Shdr), sizeof(Elf64_Shdr), &header);
		code = read_section(file, header, i, &file->sections[i], err);
		if (code)
			return code;
	}
	return name_sections(file, headers, err);
}

static int read_symbol(const struct elf_file *file, struct view table, struct view names, size_t index,
		       struct elf_symbol *out, struct error *err)
{
	bool big = file->big_endian;
	__u64 at = index * sizeof(Elf64_Sym);
	__u32 name;
	__u8 info;

	view_u32(table, at + AT(Elf64_Sym, st_name), big, &name);
	view_u8(table, at + AT(Elf64_Sym, st_info), &info);
	view_u16(table, at + AT(Elf64_Sym, st_shndx), big, &out->section);
	view_u64(table, at + AT(Elf64_Sym, st_value), big, &out->value);
	view_u64(table, at + AT(Elf64_Sym, st_size), big, &out->size);
	out->type = ELF64_ST_TYPE(info);
	out->binding = ELF64_ST_BIND(info);
	out->name = view_string(names, name);
	if (!out->name)
		return error_set(err, -EINVAL, "symbol %zu: its name (offset %u) lies outside the string table", index,
				 name);
	if (out->section < SHN_LORESERVE && out->section >= file->n_sections)
		return error_set(err, -EINVAL, "symbol %zu (%s): it is in section %u, and there are %zu", index,
				 out->name, out->section, file->n_sections);
	return 0;
}

static int read_symbols(struct elf_file *file, const struct elf_section *table, struct error *err)
{
	size_t i, n = table->bytes.size / sizeof(Elf64_Sym);
	int code;

	if (table->bytes.size % sizeof(Elf64_Sym) || n > ELF_SYMBOLS_MAX)
		return error_set(err, -EINVAL, "symbol table: %zu bytes: symbols of %zu bytes, at most %u, fill it",
				 table->bytes.size, sizeof(Elf64_Sym), ELF_SYMBOLS_MAX);
	if (table->link >= file->n_sections || file->sections[table->link].type != SHT_STRTAB)
		return error_set(err, -EINVAL,
				 "symbol table: its strings are to be in section %u, which is no string table",
				 table->link);
	file->symbols = arena_array(file->mem, n, sizeof(*file->symbols));
	if (!file->symbols && n)
		return error_set(err, -ENOMEM, "no memory for %zu symbols", n);
	file->n_symbols = n;
	for (i = 0; i < n; i++) {
		code = read_symbol(file, table->bytes, file->sections[table->link].bytes, i, &file->symbols[i], err);
		if (code)
			return code;
	}
	return 0;
}

static int find_tables(struct elf_file *file, struct error *err)
{
	const struct elf_section *symbols = NULL;
	size_t i;

	for (i = 1; i < file->n_sections; i++) {
		struct elf_section *section = &file->sections[i];

		if (section->type == SHT_SYMTAB) {
			if (symbols)
				return error_set(err, -EINVAL, "section %zu: a second symbol table", i);
			symbols = section;
		}
		if (section->type != SHT_REL && section->type != SHT_RELA)
			continue;
		if (section->info == 0 || section->info >= file->n_sections)
			return error_set(err, -EINVAL, "section %zu (%s): it relocates section %u, which is not there",
					 i, section->name, section->info);
		if (file->sections[section->info].relocs)
			return error_set(err, -EINVAL, "section %zu (%s): section %u is relocated twice", i,
					 section->name, section->info);
		file->sections[section->info].relocs = i;
	}
	return symbols ? read_symbols(file, symbols, err) : 0;
}

int elf_read(struct view bytes, struct arena *mem, struct elf_file *out, struct error *err)
{
	int code;

	memset(out, 0, sizeof(*out));
	out->bytes = bytes;
	out->mem = mem;
	code = check_ident(bytes, out, err);
	if (!code)
		code = check_header(out, err);
	if (!code)
		code = read_sections(out, err);
	if (!code)
		code = find_tables(out, err);
	return code;
}

static int compare_relocs(const void *left, const void *right)
{
	const struct elf_reloc *a = left, *b = right;

	return (a->offset > b->offset) - (a->offset < b->offset);
}

static int read_reloc(const struct elf_file *file, const struct elf_section *table, size_t index, struct elf_reloc *out,
		      struct error *err)
{
	bool big = file->big_endian, with_addend = table->type == SHT_RELA;
	__u64 at = index * (with_addend ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel)), info, addend = 0;

	view_u64(table->bytes, at + AT(Elf64_Rel, r_offset), big, &out->offset);
	view_u64(table->bytes, at + AT(Elf64_Rel, r_info), big, &info);
	if (with_addend)
		view_u64(table->bytes, at + AT(Elf64_Rela, r_addend), big, &addend);
	out->type = ELF64_R_TYPE(info);
	out->symbol = ELF64_R_SYM(info);
	out->addend = (__s64)addend;
	if (out->symbol >= file->n_symbols)
		return error_set(err, -EINVAL, "%s: relocation %zu names symbol %u, and there are %zu", table->name,
				 index, out->symbol, file->n_symbols);
	return 0;
}

int elf_relocs(const struct elf_file *file, size_t section, struct elf_reloc **out, size_t *n, struct error *err)
{
	const struct elf_section *table = &file->sections[file->sections[section].relocs];
	size_t size = table->type == SHT_RELA ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel), i;
	int code;

	*out = NULL;
	*n = 0;
	if (!file->sections[section].relocs)
		return 0;
	*n = table->bytes.size / size;
	if (table->bytes.size % size || *n > ELF_RELOCS_MAX)
		return error_set(err, -EINVAL, "%s: %zu bytes: relocations of %zu bytes, at most %u, fill it",
				 table->name, table->bytes.size, size, ELF_RELOCS_MAX);
	*out = arena_array(file->mem, *n, sizeof(**out));
	if (!*out && *n)
		return error_set(err, -ENOMEM, "no memory for %zu relocations", *n);
	for (i = 0; i < *n; i++) {
		code = read_reloc(file, table, i, &(*out)[i], err);
		if (code)
			return code;
	}
	if (*n)
		qsort(*out, *n, sizeof(**out), compare_relocs);
	return 0;
}

const struct elf_section *elf_section_named(const struct elf_file *file, const char *name)
{
	size_t i;

	for (i = 1; i < file->n_sections; i++)
		if (!strcmp(file->sections[i].name, name))
			return &file->sections[i];
	return NULL;
}
