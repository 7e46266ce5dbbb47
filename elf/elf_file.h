/* SPDX-License-Identifier: GPL-2.0 */
/* An ELF file's sections, symbols and relocations, bounded and in the host's numbers; nothing yet about eBPF. */
#ifndef ELF_ELF_FILE_H
#define ELF_ELF_FILE_H

#include "elf/spec.h"

struct arena;
struct error;

struct elf_section {
	const char *name;
	__u32 type; /* SHT_… */
	__u32 link, info;
	__u64 flags; /* SHF_… */
	__u64 size;
	__u64 entry_size;
	struct view data; /* empty where type is SHT_NOBITS */
};

struct elf_symbol {
	const char *name; /* "" where it has none */
	__u8 type, bind;  /* STT_…, STB_… */
	__u32 section;    /* an index, or SHN_UNDEF, SHN_ABS, SHN_COMMON */
	__u64 value, size;
};

struct elf_file {
	bool big_endian;
	struct elf_section *sections; /* [0] is the empty one */
	size_t n_sections;
	struct elf_symbol *symbols; /* [0] is the empty one */
	size_t n_symbols;
};

struct elf_reloc {
	__u64 offset; /* in the section that it is about */
	__u32 type;   /* R_BPF_… */
	__u32 symbol; /* index, checked */
};

/*
 * Reads the header and the tables of an ELF64 relocatable file of machine EM_BPF or EM_NONE, of either byte order (System
 * V ABI, "Object Files"). 0, -ENOEXEC, -EINVAL, -E2BIG, -ENOMEM. Strings and views point into `bytes`.
 */
int elf_file_parse(struct view bytes, struct arena *mem, struct elf_file *out, struct error *err);

/* All relocations of a section, by offset. 0, -EINVAL, -ENOTSUP (with explicit addends), -ENOMEM. */
int elf_file_relocs(const struct elf_file *file, size_t section, struct arena *mem, struct elf_reloc **out, size_t *n,
		    struct error *err);

/* Whether any relocation is about this section. */
bool elf_file_has_relocs(const struct elf_file *file, size_t section);

/* The first section of that name; NULL: none. */
const struct elf_section *elf_file_section(const struct elf_file *file, const char *name);

#endif
