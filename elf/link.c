/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program is its function with every function that it calls, or whose address it takes, behind it, once each: the
 * kernel is given one run of instructions in which calls are distances.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bpf.h>

#include "elf/code.h"

#define R_BPF_64_64 1
#define R_BPF_64_32 10
#define CODE_LD_IMM64 (BPF_LD | BPF_DW | BPF_IMM)
#define CODE_CALL (BPF_JMP | BPF_CALL)

/* A function in the program being linked. */
struct placed {
	const struct function *function;
	size_t at;
};

/* A call or an address to fix once everything has its place. */
struct fixup {
	size_t insn;
	size_t target; /* in placed */
};

struct linker {
	struct object *object;
	const struct code *code;
	struct prog_spec *out;
	struct placed *placed;
	size_t n_placed;
	struct fixup *fixups;
	size_t n_fixups;
	struct error *err;
};

static int refuse(struct linker *linker, const struct function *function, size_t insn, const char *what)
{
	return error_set(linker->err, -EINVAL, "program %s: section %s, instruction %zu: %s", linker->out->name,
			 linker->object->file.sections[function->section].name, insn, what);
}

/* The index of a function among the placed; it is put at the end if it is not there yet. */
static int place(struct linker *linker, const struct function *function, size_t *index)
{
	struct prog_spec *out = linker->out;

	for (*index = 0; *index < linker->n_placed; (*index)++)
		if (linker->placed[*index].function == function)
			return 0;
	if (function->n > INSNS_MAX - out->n_insns)
		return error_set(linker->err, -E2BIG, "program %s: with what it calls it has more than %d instructions",
				 out->name, INSNS_MAX);
	linker->placed[linker->n_placed++] = (struct placed) { function, out->n_insns };
	out->n_insns += function->n;
	return 0;
}

/* First the places alone, by following the calls; a call is one by relocation, or within its section by distance. */
static int call_target(struct linker *linker, const struct function *function, size_t insn,
		       const struct elf_reloc *reloc, const struct function **out)
{
	const struct insn *call = &linker->code->sections[function->section].insns[insn];
	const struct elf_symbol *symbol = reloc ? &linker->object->file.symbols[reloc->symbol] : NULL;
	size_t section = symbol ? symbol->section : function->section;
	__s64 target = symbol ? (__s64)(symbol->value / 8) + call->imm + 1 : (__s64)insn + call->imm + 1;

	*out = NULL;
	if (target >= 0 && section < linker->object->file.n_sections)
		*out = code_function_at(linker->code, section, (__u64)target);
	if (!*out || (*out)->start != (size_t)target)
		return refuse(linker, function, insn, "it calls what is not the beginning of a function");
	return 0;
}

static struct reloc_spec *add_reloc(struct linker *linker, size_t insn, enum reloc_kind kind, const char *name)
{
	struct reloc_spec *reloc = &linker->out->relocs[linker->out->n_relocs++];

	*reloc = (struct reloc_spec) { .insn = insn, .kind = kind, .name = name };
	return reloc;
}

static int link_call(struct linker *linker, const struct placed *placed, size_t insn, const struct elf_reloc *reloc)
{
	size_t at = placed->at + insn - placed->function->start;
	const struct function *target;
	struct fixup *fixup;
	int result;

	if (reloc && linker->object->file.symbols[reloc->symbol].section == SHN_UNDEF) {
		if (!linker->object->file.symbols[reloc->symbol].name[0])
			return refuse(linker, placed->function, insn, "it calls an undefined symbol without a name");
		add_reloc(linker, at, RELOC_EXTERN_CALL, linker->object->file.symbols[reloc->symbol].name);
		return 0;
	}
	result = call_target(linker, placed->function, insn, reloc, &target);
	if (result)
		return result;
	fixup = &linker->fixups[linker->n_fixups++];
	fixup->insn = at;
	return place(linker, target, &fixup->target);
}

static int link_address(struct linker *linker, const struct placed *placed, size_t insn,
			const struct elf_symbol *symbol, __u64 offset)
{
	const struct function *target = code_function_at(linker->code, symbol->section, offset / 8);
	size_t at = placed->at + insn - placed->function->start;
	struct fixup *fixup;

	if (!target || offset != target->start * 8)
		return refuse(linker, placed->function, insn,
			      "it takes the address of what is no function's beginning");
	add_reloc(linker, at, RELOC_SUBPROG, target->name);
	fixup = &linker->fixups[linker->n_fixups++];
	fixup->insn = at;
	return place(linker, target, &fixup->target);
}

/* A 64-bit load of a map, of a place in a data section, of a function, or of a number known at load time. */
static int link_load(struct linker *linker, const struct placed *placed, size_t insn, const struct elf_reloc *reloc)
{
	const struct section_code *section = &linker->code->sections[placed->function->section];
	const struct elf_symbol *symbol = &linker->object->file.symbols[reloc->symbol];
	__u64 offset = symbol->value + (__u32)section->insns[insn].imm + (__u64)reloc->addend, within;
	struct reloc_spec *added;
	long map;

	if (symbol->section == SHN_UNDEF) {
		if (!symbol->name[0] || section->insns[insn].imm)
			return refuse(linker, placed->function, insn,
				      "an undefined symbol without a name, or an offset to it");
		add_reloc(linker, placed->at + insn - placed->function->start, RELOC_CONSTANT, symbol->name);
		return 0;
	}
	if (symbol->section >= linker->object->file.n_sections)
		return refuse(linker, placed->function, insn, "its symbol lies in no section");
	if (linker->code->sections[symbol->section].insns)
		return link_address(linker, placed, insn, symbol, offset);
	map = map_covering(linker->object, symbol->section, offset, &within);
	if (map < 0 || (within && !linker->object->spec->maps[map].is_data))
		return refuse(linker, placed->function, insn,
			      "it loads the address of what is no map and no global data");
	added = add_reloc(linker, placed->at + insn - placed->function->start,
			  linker->object->spec->maps[map].is_data ? RELOC_MAP_VALUE : RELOC_MAP, symbol->name);
	added->index = (size_t)map;
	added->offset = within;
	return 0;
}

static int link_insn(struct linker *linker, const struct placed *placed, size_t insn, const struct elf_reloc *reloc)
{
	const struct function *function = placed->function;
	const struct insn *at = &linker->code->sections[function->section].insns[insn];
	bool is_load = at->code == CODE_LD_IMM64, is_call = at->code == CODE_CALL;

	if (is_load && (insn + 1 >= function->start + function->n || at[1].code))
		return refuse(linker, function, insn, "a 64-bit load without its second half");
	if (is_load && at->src)
		return refuse(linker, function, insn,
			      "it names a descriptor of this machine: refer to the map by its name");
	if (is_call && at->src > BPF_PSEUDO_CALL)
		return refuse(linker, function, insn, "it calls a kernel function by number: refer to it by its name");
	if (!reloc)
		return is_call && at->src == BPF_PSEUDO_CALL ? link_call(linker, placed, insn, NULL) : 0;
	if (is_load && reloc->type == R_BPF_64_64)
		return link_load(linker, placed, insn, reloc);
	if (is_call && at->src == BPF_PSEUDO_CALL && reloc->type == R_BPF_64_32)
		return link_call(linker, placed, insn, reloc);
	return refuse(linker, function, insn, "its relocation's type does not fit the instruction");
}

static size_t first_reloc(const struct section_code *section, size_t insn)
{
	size_t low = 0, high = section->n_relocs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (section->relocs[middle].offset < (__u64)insn * 8)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int link_function(struct linker *linker, size_t index)
{
	const struct placed placed = linker->placed[index];
	const struct section_code *section = &linker->code->sections[placed.function->section];
	size_t insn, end = placed.function->start + placed.function->n;
	size_t next = first_reloc(section, placed.function->start);
	int result;

	for (insn = placed.function->start; insn < end; insn++) {
		const struct elf_reloc *reloc = NULL;

		if (next < section->n_relocs && section->relocs[next].offset < (__u64)(insn + 1) * 8) {
			reloc = &section->relocs[next++];
			if (reloc->offset != (__u64)insn * 8)
				return refuse(linker, placed.function, insn, "a relocation inside the instruction");
		}
		result = link_insn(linker, &placed, insn, reloc);
		if (result)
			return result;
		if (section->insns[insn].code == CODE_LD_IMM64)
			insn++;
	}
	return 0;
}

static void copy_insns(struct linker *linker)
{
	struct prog_spec *out = linker->out;
	size_t i;

	for (i = 0; i < linker->n_placed; i++) {
		const struct function *function = linker->placed[i].function;

		memcpy(out->insns + linker->placed[i].at,
		       linker->code->sections[function->section].insns + function->start,
		       function->n * sizeof(*out->insns));
	}
	for (i = 0; i < linker->n_fixups; i++) {
		struct insn *insn = &out->insns[linker->fixups[i].insn];

		insn->src = insn->code == CODE_CALL ? BPF_PSEUDO_CALL : BPF_PSEUDO_FUNC;
		insn->imm =
			(__s32)((__s64)linker->placed[linker->fixups[i].target].at - (__s64)linker->fixups[i].insn - 1);
	}
}

/* Carries func_info, line_info and CO-RE records of a function along. */
static void copy_infos(struct linker *linker, const struct placed *placed)
{
	const struct section_code *section = &linker->code->sections[placed->function->section];
	size_t start = placed->function->start, end = start + placed->function->n, i;
	struct prog_spec *out = linker->out;

	for (i = 0; i < section->n_funcs; i++)
		if (section->funcs[i].insn == start) {
			out->funcs[out->n_funcs] = section->funcs[i];
			out->funcs[out->n_funcs++].insn = (__u32)placed->at;
			break;
		}
	for (i = 0; i < section->n_lines; i++)
		if (section->lines[i].insn >= start && section->lines[i].insn < end) {
			out->lines[out->n_lines] = section->lines[i];
			out->lines[out->n_lines++].insn += (__u32)(placed->at - start);
		}
	for (i = 0; i < section->n_cores; i++)
		if (section->cores[i].insn >= start && section->cores[i].insn < end)
			add_reloc(linker, placed->at + section->cores[i].insn - start, RELOC_CORE,
				  section->cores[i].access);
}

/* The most of each that a program can have is what the whole object has. */
int link_prepare(struct object *object, struct code *code, struct error *err)
{
	struct arena *mem = object->file.mem;
	size_t n_relocs = 0, n_lines = 0, n_calls = 0, i, insn;
	struct workbench *bench = &code->bench;

	for (i = 0; i < object->file.n_sections; i++) {
		const struct section_code *section = &code->sections[i];

		n_relocs += section->n_relocs + section->n_cores;
		n_lines += section->n_lines;
		for (insn = 0; insn < section->n; insn++)
			n_calls += section->insns[insn].code == CODE_CALL || section->insns[insn].code == CODE_LD_IMM64;
	}
	bench->placed = arena_array(mem, code->n_functions, sizeof(*bench->placed));
	bench->fixups = arena_array(mem, n_calls, sizeof(*bench->fixups));
	bench->relocs = arena_array(mem, n_relocs, sizeof(*bench->relocs));
	bench->funcs = arena_array(mem, code->n_functions, sizeof(*bench->funcs));
	bench->lines = arena_array(mem, n_lines, sizeof(*bench->lines));
	if (!bench->placed || !bench->fixups || !bench->relocs || !bench->funcs || !bench->lines)
		return error_set(err, -ENOMEM, "object: out of memory to link its programs: split it");
	return 0;
}

static int compare_relocs(const void *left, const void *right)
{
	const struct reloc_spec *a = left, *b = right;

	if (a->insn != b->insn)
		return a->insn < b->insn ? -1 : 1;
	return (int)a->kind - (int)b->kind;
}

static void *keep(struct arena *mem, const void *items, size_t n, size_t size)
{
	void *copy = arena_array(mem, n, size);

	if (copy && n)
		memcpy(copy, items, n * size);
	return copy;
}

/* What was collected on the workbench becomes the program's own. */
static int keep_all(struct linker *linker)
{
	struct arena *mem = linker->object->spec->mem;
	struct prog_spec *out = linker->out;

	if (out->n_relocs)
		qsort(out->relocs, out->n_relocs, sizeof(*out->relocs), compare_relocs);
	out->relocs = keep(mem, out->relocs, out->n_relocs, sizeof(*out->relocs));
	out->funcs = keep(mem, out->funcs, out->n_funcs, sizeof(*out->funcs));
	out->lines = keep(mem, out->lines, out->n_lines, sizeof(*out->lines));
	if (!out->relocs || !out->funcs || !out->lines)
		return error_set(linker->err, -ENOMEM, "program %s: out of memory: split the object", out->name);
	return 0;
}

/* The kernel asks for the first instruction of each function to have both, or refuses: then it gets none. */
static void check_infos(struct linker *linker)
{
	struct prog_spec *out = linker->out;
	size_t i, line = 0;

	if (out->n_funcs != linker->n_placed)
		out->n_funcs = 0;
	for (i = 0; i < linker->n_placed; i++) {
		while (line < out->n_lines && out->lines[line].insn < linker->placed[i].at)
			line++;
		if (line == out->n_lines || out->lines[line].insn != linker->placed[i].at) {
			out->n_lines = 0;
			return;
		}
	}
}

int program_link(struct object *object, struct code *code, const struct function *entry, struct prog_spec *out,
		 struct error *err)
{
	struct linker linker = { .object = object, .code = code, .out = out, .err = err };
	size_t i;
	int result;

	linker.placed = code->bench.placed;
	linker.fixups = code->bench.fixups;
	out->relocs = code->bench.relocs;
	out->funcs = code->bench.funcs;
	out->lines = code->bench.lines;
	result = place(&linker, entry, &i);
	for (i = 0; !result && i < linker.n_placed; i++)
		result = link_function(&linker, i);
	if (result)
		return result;
	out->n_subprogs = linker.n_placed - 1;
	out->insns = arena_array(object->spec->mem, out->n_insns, sizeof(*out->insns));
	if (!out->insns)
		return error_set(err, -ENOMEM, "program %s: out of memory: split the object", out->name);
	copy_insns(&linker);
	for (i = 0; i < linker.n_placed; i++)
		copy_infos(&linker, &linker.placed[i]);
	check_infos(&linker);
	return keep_all(&linker);
}
