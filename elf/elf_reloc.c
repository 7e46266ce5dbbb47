/* SPDX-License-Identifier: GPL-2.0 */
/* Relocation tables. eBPF's addends stand in the place that is relocated (SHT_REL). */
#include "elf/elf_file.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>

#include "elf/arena.h"
#include "elf/error.h"
#include "elf/view.h"

#define RELOC_SIZE 16

static bool is_about(const struct elf_section *table, size_t section)
{
	return (table->type == SHT_REL || table->type == SHT_RELA) && table->info == section && table->size;
}

bool elf_file_has_relocs(const struct elf_file *file, size_t section)
{
	size_t i;

	for (i = 1; i < file->n_sections; i++)
		if (is_about(&file->sections[i], section))
			return true;
	return false;
}

static int check_table(const struct elf_file *file, const struct elf_section *table, struct error *err)
{
	if (table->type == SHT_RELA)
		return error_set(err, -ENOTSUP,
				 "object: section %s: has addends apart from the code, which no eBPF compiler makes: "
				 "compile it with clang",
				 table->name);
	if (table->entry_size != RELOC_SIZE || table->size % RELOC_SIZE || table->link >= file->n_sections ||
	    file->sections[table->link].type != SHT_SYMTAB)
		return error_set(err, -EINVAL, "object: section %s: is not a whole table: compile it again",
				 table->name);
	return 0;
}

static int count(const struct elf_file *file, size_t section, size_t *n, struct error *err)
{
	size_t i;

	*n = 0;
	for (i = 1; i < file->n_sections; i++) {
		const struct elf_section *table = &file->sections[i];
		int result;

		if (!is_about(table, section))
			continue;
		result = check_table(file, table, err);
		if (result)
			return result;
		*n += table->size / RELOC_SIZE;
	}
	return 0;
}

static int read_table(const struct elf_file *file, size_t section, const struct elf_section *table,
		      struct elf_reloc *out, struct error *err)
{
	size_t k, n = table->size / RELOC_SIZE;

	for (k = 0; k < n; k++) {
		__u64 info;

		view_u64(table->data, k * RELOC_SIZE, file->big_endian, &out[k].offset);
		view_u64(table->data, k * RELOC_SIZE + 8, file->big_endian, &info);
		out[k].type = ELF64_R_TYPE(info);
		out[k].symbol = ELF64_R_SYM(info);
		if (out[k].symbol >= file->n_symbols || out[k].offset >= file->sections[section].size)
			return error_set(
				err, -EINVAL,
				"object: section %s: relocation %zu: names a place or symbol that is not there: "
				"compile it again",
				table->name, k);
	}
	return 0;
}

static int by_offset(const void *left, const void *right)
{
	const struct elf_reloc *a = left, *b = right;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return (a->symbol > b->symbol) - (a->symbol < b->symbol);
}

int elf_file_relocs(const struct elf_file *file, size_t section, struct arena *mem, struct elf_reloc **out, size_t *n,
		    struct error *err)
{
	int result = count(file, section, n, err);
	size_t i, filled = 0;

	*out = NULL;
	if (result || !*n)
		return result;
	*out = arena_array(mem, *n, sizeof(**out));
	if (!*out)
		return error_set(err, -ENOMEM, "object: out of memory: free some");
	for (i = 1; !result && i < file->n_sections; i++) {
		if (!is_about(&file->sections[i], section))
			continue;
		result = read_table(file, section, &file->sections[i], *out + filled, err);
		filled += file->sections[i].size / RELOC_SIZE;
	}
	if (!result)
		qsort(*out, *n, sizeof(**out), by_offset);
	return result;
}
