/* SPDX-License-Identifier: GPL-2.0 */
/* Our reader and libelf say the same of every object that we build. */
#include "elf/elf_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <gelf.h>
#include <unistd.h>

#include "elf/arena.h"
#include "tests/unit/sample.h"

static unsigned n_sections, n_symbols, n_relocs;

static void compare_section(const struct elf_file *ours, Elf *theirs, size_t index, size_t names)
{
	const struct elf_section *section = &ours->sections[index];
	Elf_Scn *scn = elf_getscn(theirs, index);
	GElf_Shdr header;
	Elf_Data *data;

	assert_non_null(gelf_getshdr(scn, &header));
	assert_string_equal(section->name, index ? elf_strptr(theirs, names, header.sh_name) : "");
	assert_int_equal(section->type, header.sh_type);
	assert_true(section->flags == header.sh_flags);
	if (header.sh_type == SHT_NULL)
		return;
	assert_true(section->size == header.sh_size);
	assert_int_equal(section->link, header.sh_link);
	assert_int_equal(section->info, header.sh_info);
	assert_true(section->entry_size == header.sh_entsize);
	data = elf_rawdata(scn, NULL);
	if (header.sh_type != SHT_NOBITS && header.sh_size) {
		assert_int_equal(section->bytes.size, data->d_size);
		assert_memory_equal(section->bytes.data, data->d_buf, data->d_size);
	}
	n_sections++;
}

static void compare_symbols(const struct elf_file *ours, Elf_Scn *scn, const GElf_Shdr *header, Elf *theirs)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t i, n = header->sh_size / header->sh_entsize;

	assert_int_equal(ours->n_symbols, n);
	for (i = 0; i < n; i++) {
		const struct elf_symbol *symbol = &ours->symbols[i];
		const char *name;
		GElf_Sym sym;

		assert_non_null(gelf_getsym(data, (int)i, &sym));
		name = elf_strptr(theirs, header->sh_link, sym.st_name);
		/* A section's symbol has no name of its own. */
		if (GELF_ST_TYPE(sym.st_info) != STT_SECTION || *symbol->name == '\0')
			assert_string_equal(symbol->name, name);
		assert_int_equal(symbol->type, GELF_ST_TYPE(sym.st_info));
		assert_int_equal(symbol->binding, GELF_ST_BIND(sym.st_info));
		assert_int_equal(symbol->section, sym.st_shndx);
		assert_true(symbol->value == sym.st_value);
		assert_true(symbol->size == sym.st_size);
		n_symbols++;
	}
}

static int compare_offsets(const void *left, const void *right)
{
	const GElf_Rel *a = left, *b = right;

	return (a->r_offset > b->r_offset) - (a->r_offset < b->r_offset);
}

static void compare_relocs(const struct elf_file *ours, Elf_Scn *scn, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t i, n = header->sh_size / header->sh_entsize, n_ours;
	GElf_Rel *theirs = calloc(n + 1, sizeof(*theirs));
	struct elf_reloc *relocs;
	struct error err = { 0 };

	assert_int_equal(header->sh_type, SHT_REL); /* what clang writes for eBPF */
	assert_int_equal(elf_relocs(ours, header->sh_info, &relocs, &n_ours, &err), 0);
	assert_int_equal(n_ours, n);
	for (i = 0; i < n; i++)
		assert_non_null(gelf_getrel(data, (int)i, &theirs[i]));
	qsort(theirs, n, sizeof(*theirs), compare_offsets);
	for (i = 0; i < n; i++) {
		assert_true(relocs[i].offset == theirs[i].r_offset);
		assert_int_equal(relocs[i].type, GELF_R_TYPE(theirs[i].r_info));
		assert_int_equal(relocs[i].symbol, GELF_R_SYM(theirs[i].r_info));
		assert_int_equal(relocs[i].addend, 0);
		n_relocs++;
	}
	free(theirs);
}

static void compare(const struct elf_file *ours, Elf *theirs)
{
	size_t i, n, names;

	assert_int_equal(elf_getshdrnum(theirs, &n), 0);
	assert_int_equal(elf_getshdrstrndx(theirs, &names), 0);
	assert_int_equal(ours->n_sections, n);
	for (i = 0; i < n; i++) {
		Elf_Scn *scn = elf_getscn(theirs, i);
		GElf_Shdr header;

		compare_section(ours, theirs, i, names);
		gelf_getshdr(scn, &header);
		if (header.sh_type == SHT_SYMTAB)
			compare_symbols(ours, scn, &header, theirs);
		else if (header.sh_type == SHT_REL || header.sh_type == SHT_RELA)
			compare_relocs(ours, scn, &header);
	}
}

static void compare_object(const char *path)
{
	struct sample sample = sample_read_path(path);
	struct arena *arena = arena_new();
	int fd = open(path, O_RDONLY);
	struct elf_file ours = { 0 };
	struct error err = { 0 };
	Elf *theirs;

	if (elf_read(sample_view(&sample), arena, &ours, &err))
		fail_msg("%s: %s", path, err.text);
	theirs = elf_begin(fd, ELF_C_READ, NULL);
	assert_non_null(theirs);
	compare(&ours, theirs);
	elf_end(theirs);
	close(fd);
	arena_free(arena);
	sample_free(&sample);
}

static void every_object_reads_as_libelf_reads_it(void **state)
{
	(void)state;
	assert_int_not_equal(elf_version(EV_CURRENT), EV_NONE);
	assert_true(sample_each(compare_object) >= 35);
	assert_true(n_sections > 300);
	assert_true(n_symbols > 200);
	assert_true(n_relocs > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_object_reads_as_libelf_reads_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
