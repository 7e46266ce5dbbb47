/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an eBPF object says: maps, programs, relocations, types. Made from untrusted bytes, the same on every host.
 * All memory belongs to the spec; strings and views point into it or into the caller's bytes, which must outlive it.
 */
#ifndef ELF_SPEC_H
#define ELF_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct error;

struct view {
	const unsigned char *data;
	size_t size;
};

/* One instruction, decoded: independent of the host's byte order and bit-fields. */
struct insn {
	__u8 code;
	__u8 dst, src;
	__s16 off;
	__s32 imm;
};

enum reloc_kind {
	RELOC_MAP,       /* ld_imm64 of a map: maps[index] */
	RELOC_MAP_VALUE, /* ld_imm64 of an address in a data map: maps[index], at `offset` in its value */
	RELOC_CONSTANT,  /* ld_imm64 of an undefined symbol: a load-time constant, `name` */
	RELOC_SUBPROG, /* ld_imm64 of a function's address (a callback); the insn's imm holds the distance, as a call's
			*/
	RELOC_EXTERN_CALL, /* call of an undefined function (a kfunc): `name` */
	RELOC_CORE,        /* a CO-RE relocation from .BTF.ext: `name` is its access string */
};

struct reloc_spec {
	size_t insn; /* index in the linked program */
	enum reloc_kind kind;
	size_t index;
	__u64 offset;
	const char *name;
};

/* A slot of a map's initial contents: `.values` of a program array or of a map of maps. */
struct map_slot {
	__u32 index;
	bool is_map;
	size_t target; /* in maps or in progs */
};

struct map_spec {
	const char *name;
	__u32 type, key_size, value_size, max_entries, flags, numa_node;
	__u64 map_extra;
	bool pin_by_name;
	__u32 btf_key, btf_value;     /* type ids, 0: none */
	const struct map_spec *inner; /* the template of a map of maps, NULL: none */
	struct map_slot *slots;
	size_t n_slots;
	bool is_data;         /* made from .rodata*, .data*, .bss* */
	bool is_read_only;    /* frozen after its contents are written */
	struct view contents; /* of a data map; empty data: zeroes of value_size */
	const char *section;
};

struct func_info {
	__u32 insn; /* index in the linked program */
	__u32 type; /* BTF id */
};
struct line_info {
	__u32 insn;
	__u32 file, text;  /* offsets into the BTF strings */
	__u32 line_column; /* line << 10 | column, as the kernel has it */
};

struct prog_spec {
	const char *name; /* of the function */
	const char *section;
	__u32 type;           /* enum bpf_prog_type; 0: the section's name says none */
	__u32 attach_type;    /* enum bpf_attach_type */
	bool has_attach_type; /* the section's convention names one */
	bool is_sleepable;
	bool frags;            /* xdp.frags */
	const char *attach_to; /* what follows the convention's prefix ("tracepoint/" …), "" */
	struct insn *insns;    /* with every function it calls linked in behind it, calls resolved */
	size_t n_insns;
	struct reloc_spec *relocs; /* by insn */
	size_t n_relocs;
	struct func_info *funcs; /* by insn; none where the object has no .BTF.ext */
	size_t n_funcs;
	struct line_info *lines;
	size_t n_lines;
	size_t n_subprogs; /* functions linked in behind the first */
};

/* Type information: `raw` is what the kernel is offered (host byte order, DATASEC sizes and offsets filled in). */
struct btf {
	struct view raw;
	__u32 n_types; /* ids 1 … n_types */
};

struct spec {
	struct map_spec *maps;
	size_t n_maps;
	struct prog_spec *progs;
	size_t n_progs;
	struct btf btf;      /* raw.size 0: none */
	const char *license; /* "" where the object has none */
	__u32 version;       /* of section "version", 0: none */
	bool big_endian;     /* the object's instructions */
	struct arena *mem;
};

/*
 * Reads an object. 0, or -ENOEXEC (not an eBPF object), -EINVAL (contradicts itself), -ENOTSUP (names something that is
 * not read here), -E2BIG (beyond a bound), -ENOMEM, with a sentence that says where and what. On failure `out` is
 * empty.
 */
int spec_parse(struct view bytes, struct spec *out, struct error *err);
void spec_free(struct spec *spec);

/* The map or program of that name, NULL: none. */
const struct map_spec *spec_map(const struct spec *spec, const char *name);
const struct prog_spec *spec_prog(const struct spec *spec, const char *name);

#endif
