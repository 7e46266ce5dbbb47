/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Any bytes: spec_parse refuses them with a sentence, or gives a spec that holds together. What the rest of the program
 * relies on is checked here.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bpf.h>

#include "elf/error.h"
#include "elf/spec.h"

#define LD_IMM64 (BPF_LD | BPF_IMM | BPF_DW)

static void must(int truth)
{
	if (!truth)
		abort();
}

/* Reads every byte, for the sanitizer. */
static void touch(const void *bytes, size_t size)
{
	const volatile unsigned char *at = bytes;
	size_t i;

	for (i = 0; i < size; i++)
		(void)at[i];
}

static void check_map(const struct spec *spec, const struct map_spec *map)
{
	size_t i;

	touch(map->name, strlen(map->name) + 1);
	touch(map->section, strlen(map->section) + 1);
	touch(map->contents.data, map->contents.size);
	must(!map->contents.size || map->contents.size == map->value_size);
	must(map->btf_key <= spec->btf.n_types && map->btf_value <= spec->btf.n_types);
	must(!map->inner || !map->inner->inner);
	for (i = 0; i < map->n_slots; i++)
		must(map->slots[i].target < (map->slots[i].is_map ? spec->n_maps : spec->n_progs));
}

static void check_reloc(const struct spec *spec, const struct prog_spec *prog, const struct reloc_spec *reloc)
{
	const struct insn *insn = &prog->insns[reloc->insn];

	must(reloc->insn < prog->n_insns);
	if (reloc->kind != RELOC_CORE && reloc->kind != RELOC_EXTERN_CALL)
		must(insn->code == LD_IMM64 && reloc->insn + 1 < prog->n_insns);
	if (reloc->kind == RELOC_EXTERN_CALL)
		must(insn->code == (BPF_JMP | BPF_CALL));
	if (reloc->kind == RELOC_CONSTANT || reloc->kind == RELOC_EXTERN_CALL || reloc->kind == RELOC_CORE)
		touch(reloc->name, strlen(reloc->name) + 1);
	if (reloc->kind == RELOC_MAP || reloc->kind == RELOC_MAP_VALUE)
		must(reloc->index < spec->n_maps);
	if (reloc->kind == RELOC_MAP_VALUE)
		must(reloc->offset < spec->maps[reloc->index].value_size);
}

static void check_prog(const struct spec *spec, const struct prog_spec *prog)
{
	size_t i;

	touch(prog->name, strlen(prog->name) + 1);
	touch(prog->section, strlen(prog->section) + 1);
	touch(prog->attach_to, strlen(prog->attach_to) + 1);
	must(prog->n_insns > 0);
	touch(prog->insns, prog->n_insns * sizeof(*prog->insns));
	for (i = 0; i < prog->n_relocs; i++) {
		must(i == 0 || prog->relocs[i - 1].insn <= prog->relocs[i].insn);
		check_reloc(spec, prog, &prog->relocs[i]);
	}
	for (i = 0; i < prog->n_funcs; i++)
		must(prog->funcs[i].insn < prog->n_insns && (i == 0 || prog->funcs[i - 1].insn < prog->funcs[i].insn));
	for (i = 0; i < prog->n_lines; i++)
		must(prog->lines[i].insn < prog->n_insns && (i == 0 || prog->lines[i - 1].insn <= prog->lines[i].insn));
}

static void check_calls(const struct prog_spec *prog)
{
	size_t i, k = 0;

	for (i = 0; i < prog->n_insns; i++) {
		const struct insn *insn = &prog->insns[i];
		__s64 target = (__s64)i + 1 + insn->imm;

		while (k < prog->n_relocs && prog->relocs[k].insn < i)
			k++;
		if (insn->code == LD_IMM64)
			i++;
		else if (k < prog->n_relocs && prog->relocs[k].insn == i)
			continue; /* not a call within the program */
		else if (insn->code == (BPF_JMP | BPF_CALL) && insn->src == BPF_PSEUDO_CALL)
			must(target >= 0 && target < (__s64)prog->n_insns);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view bytes = { data, size };
	struct error err = { 0 };
	struct spec spec;
	size_t i;

	if (spec_parse(bytes, &spec, &err)) {
		must(err.code < 0 && err.text[0] && !spec.n_maps && !spec.n_progs && !spec.mem);
		return 0;
	}
	touch(spec.btf.raw.data, spec.btf.raw.size);
	touch(spec.license, strlen(spec.license) + 1);
	for (i = 0; i < spec.n_maps; i++)
		check_map(&spec, &spec.maps[i]);
	for (i = 0; i < spec.n_progs; i++) {
		check_prog(&spec, &spec.progs[i]);
		check_calls(&spec.progs[i]);
	}
	spec_free(&spec);
	return 0;
}
