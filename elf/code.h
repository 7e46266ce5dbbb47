/* SPDX-License-Identifier: GPL-2.0 */
/* The instructions of an object by section and function, before they are linked into programs. */
#ifndef ELF_CODE_H
#define ELF_CODE_H

#include "elf/object.h"

struct core_reloc {
	__u32 insn;
	const char *access;
};

struct section_code {
	struct insn *insns; /* NULL: no instructions in this section */
	size_t n;
	struct elf_reloc *relocs;
	size_t n_relocs;
	struct func_info *funcs;
	size_t n_funcs;
	struct line_info *lines;
	size_t n_lines;
	struct core_reloc *cores;
	size_t n_cores;
};

struct function {
	const char *name;
	size_t section, start, n; /* in instructions */
	bool is_program;
};

/* Room for what one program can have at most, used for each in turn; what it has is copied. */
struct workbench {
	struct placed *placed;
	struct fixup *fixups;
	struct reloc_spec *relocs;
	struct func_info *funcs;
	struct line_info *lines;
};

struct code {
	struct section_code *sections; /* as the file's */
	struct function *functions;    /* in the order of section and start */
	size_t n_functions;
	struct workbench bench;
};

/* Decodes every section of instructions and finds the functions. */
int code_read(struct object *object, struct code *out, struct error *err);

/* The function that begins at, or holds, an instruction; NULL: none. */
const struct function *code_function_at(const struct code *code, size_t section, __u64 insn);

/* Links a function and what it calls into one program. link_prepare comes first, once. */
int link_prepare(struct object *object, struct code *code, struct error *err);
int program_link(struct object *object, struct code *code, const struct function *entry, struct prog_spec *out,
		 struct error *err);

#endif
