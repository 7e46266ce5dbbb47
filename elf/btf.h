/* SPDX-License-Identifier: GPL-2.0 */
/* BTF (Documentation/bpf/btf.rst): the types of an object, indexed, and made ready for the kernel. */
#ifndef ELF_BTF_H
#define ELF_BTF_H

#include <stdbool.h>
#include <linux/types.h>
#include "elf/spec.h"

struct elf_file;
struct error;

#define BTF_TYPES_MAX (1u << 20)
#define BTF_DEPTH_MAX 32 /* modifiers, arrays and structures inside each other */

enum btf_kind {
	BTF_INT = 1,
	BTF_PTR,
	BTF_ARRAY,
	BTF_STRUCT,
	BTF_UNION,
	BTF_ENUM,
	BTF_FWD,
	BTF_TYPEDEF,
	BTF_VOLATILE,
	BTF_CONST,
	BTF_RESTRICT,
	BTF_FUNC,
	BTF_FUNC_PROTO,
	BTF_VAR,
	BTF_DATASEC,
	BTF_FLOAT,
	BTF_DECL_TAG,
	BTF_TYPE_TAG,
	BTF_ENUM64,
};

struct btf_type {
	const char *name;
	enum btf_kind kind;
	__u32 size_or_type;
	__u16 n; /* members, enumerators, parameters, variables */
	bool flag;
	struct view tail; /* what follows the common part, host byte order */
	__u32 offset;     /* of the type in the raw bytes */
};

struct btf_member {
	const char *name;
	__u32 type;
	__u32 bit_offset;
};

struct btf_variable {
	__u32 type, offset, size;
};

struct btf_table {
	struct view raw; /* a copy in the host's byte order */
	struct view strings;
	struct btf_type *types; /* [0] is void */
	__u32 n;                /* ids 1 … n */
};

/*
 * Reads a .BTF section into `out`: the raw copy, and with it every name, is in `mem`, all else in the file's memory.
 * Sizes and offsets of the variables in each DATASEC, which clang leaves 0, are filled in from the sections and
 * symbols; the variables are put in the order of offsets. 0 with n 0 where there is none.
 */
int btf_read(const struct elf_file *file, struct arena *mem, struct btf_table *out, struct error *err);

/* NULL: no such id. */
const struct btf_type *btf_type(const struct btf_table *btf, __u32 id);

/* Behind typedefs and qualifiers; NULL: too deep, or no such id. *id becomes its own. */
const struct btf_type *btf_resolve(const struct btf_table *btf, __u32 *id);

bool btf_member_at(const struct btf_table *btf, const struct btf_type *type, unsigned index, struct btf_member *out);
bool btf_variable_at(const struct btf_table *btf, const struct btf_type *section, unsigned index,
		     struct btf_variable *out);
bool btf_array_of(const struct btf_type *type, __u32 *element, __u32 *n);

/* A type's size in bytes; false: none, or it is beyond 4 GiB, or too deep. */
bool btf_size(const struct btf_table *btf, __u32 id, __u64 *size);

/* The first type of that kind and name; 0: none. */
__u32 btf_find(const struct btf_table *btf, enum btf_kind kind, const char *name);

#endif
