/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the reader share while one object is read. */
#ifndef ELF_OBJECT_H
#define ELF_OBJECT_H

#include "elf/arena.h"
#include "elf/btf.h"
#include "elf/elf_file.h"
#include "elf/error.h"
#include "elf/spec.h"
#include "elf/view.h"

#define MAPS_MAX 4096
#define PROGS_MAX 4096
#define INSNS_MAX 1000000 /* of one linked program: the kernel's own bound since 5.2 */

struct object {
	struct elf_file file;
	struct btf_table btf;
	struct spec *spec;
	struct map_place *places;       /* as spec->maps */
	struct prog_place *prog_places; /* as spec->progs */
};

/* Where a map is in the object, so that relocations find it. */
struct map_place {
	size_t section;
	__u64 offset, size;
};

/* Where a program begins, in instructions of a section, so that slots find it. */
struct prog_place {
	size_t section, start;
};

/* Each adds what it finds to spec->maps. 0 or -errno with a sentence. */
int maps_read_btf(struct object *object, struct error *err);
int maps_read_legacy(struct object *object, struct error *err);
int maps_read_data(struct object *object, struct error *err);

/*
 * Calls `visit` for each `.values` entry with the place that it names, until one gives an error. Before the programs
 * are known it says which functions are wanted as programs, even though they are static.
 */
struct slot_place {
	size_t map, index; /* whose entry, and which */
	const char *name;  /* of the symbol */
	size_t section;    /* of what is named */
	__u64 offset;
	size_t most; /* entries that all maps have together */
};
typedef int slot_visit(struct object *object, const struct slot_place *slot, void *context, struct error *err);
int slots_each(struct object *object, slot_visit *visit, void *context, struct error *err);

/* After the programs are known: the `.values` of program arrays and maps of maps. */
int maps_read_slots(struct object *object, struct error *err);

/* A fresh map; NULL and a sentence where there are too many, or the name is taken. */
struct map_spec *map_add(struct object *object, const char *name, size_t section, __u64 offset, __u64 size,
			 struct error *err);

/* The map that covers an offset of a section, and the offset within; -1: none. */
long map_covering(const struct object *object, size_t section, __u64 offset, __u64 *within);

/* Finds the programs, decodes them, links in what they call. */
int progs_read(struct object *object, struct error *err);

/* Adds func_info, line_info and CO-RE relocations to the functions that were read. */
struct code;
int btf_ext_read(struct object *object, struct code *code, struct error *err);

#endif
