/* SPDX-License-Identifier: GPL-2.0 */
/* The ELF container: header, sections, symbols, relocations, each checked once and then plain structures. */
#ifndef ELF_ELF_FILE_H
#define ELF_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include "elf/spec.h"

struct arena;
struct error;

#define ELF_SECTIONS_MAX 4096
#define ELF_SYMBOLS_MAX (1u << 20)
#define ELF_RELOCS_MAX (1u << 20)

struct elf_section {
	const char *name;
	__u32 type, link, info;
	__u64 flags, size, entry_size;
	struct view bytes; /* empty for SHT_NOBITS */
	size_t relocs;     /* index of the section that relocates this one; 0: none */
};

struct elf_symbol {
	const char *name;
	__u8 type, binding;
	__u16 section; /* SHN_UNDEF: none; above the number of sections: special */
	__u64 value, size;
};

struct elf_reloc {
	__u64 offset;
	__u32 type, symbol;
	__s64 addend; /* of SHT_RELA; 0 for SHT_REL, whose addend is in place */
};

struct elf_file {
	struct view bytes;
	bool big_endian;
	struct elf_section *sections;
	size_t n_sections;
	struct elf_symbol *symbols;
	size_t n_symbols;
	struct arena *mem; /* what only the reading needs: no part of the spec is in it */
};

/* Reads all but relocations. 0, -ENOEXEC (no eBPF object), -EINVAL, -E2BIG, -ENOMEM, with a sentence. */
int elf_read(struct view bytes, struct arena *mem, struct elf_file *out, struct error *err);

/* The relocations of a section, in the order of offsets. n 0: none. */
int elf_relocs(const struct elf_file *file, size_t section, struct elf_reloc **out, size_t *n, struct error *err);

/* The section of that name; NULL: none. */
const struct elf_section *elf_section_named(const struct elf_file *file, const char *name);

#endif
