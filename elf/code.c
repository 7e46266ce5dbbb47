/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/code.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INSN_BYTES 8

/* The register nibbles lie in the other order in a big-endian object (RFC 9669 section 3). */
static void decode(struct view bytes, __u64 at, bool big, struct insn *out)
{
	__u8 registers;
	__u16 off;
	__u32 imm;

	view_u8(bytes, at, &out->code);
	view_u8(bytes, at + 1, &registers);
	view_u16(bytes, at + 2, big, &off);
	view_u32(bytes, at + 4, big, &imm);
	out->dst = big ? registers >> 4 : registers & 15;
	out->src = big ? registers & 15 : registers >> 4;
	out->off = (__s16)off;
	out->imm = (__s32)imm;
}

static int decode_section(struct object *object, size_t index, struct section_code *out, struct error *err)
{
	const struct elf_section *section = &object->file.sections[index];
	size_t i;

	if (section->bytes.size % INSN_BYTES || section->bytes.size / INSN_BYTES > INSNS_MAX)
		return error_set(err, -EINVAL, "section %s: %zu bytes: instructions of 8 bytes, at most %d, fill it",
				 section->name, section->bytes.size, INSNS_MAX);
	out->n = section->bytes.size / INSN_BYTES;
	out->insns = arena_array(object->file.mem, out->n, sizeof(*out->insns));
	if (!out->insns)
		return error_set(err, -ENOMEM, "no memory for %zu instructions", out->n);
	for (i = 0; i < out->n; i++)
		decode(section->bytes, i * INSN_BYTES, object->file.big_endian, &out->insns[i]);
	return elf_relocs(&object->file, index, &out->relocs, &out->n_relocs, err);
}

static bool holds_instructions(const struct elf_section *section)
{
	return section->type == SHT_PROGBITS && (section->flags & SHF_EXECINSTR) && section->bytes.size;
}

/* A function's symbol; in objects of old compilers they are global ones without a type. */
static bool is_function(const struct code *code, const struct object *object, const struct elf_symbol *symbol)
{
	if (symbol->section >= object->file.n_sections || !code->sections[symbol->section].insns || !symbol->name[0])
		return false;
	return symbol->type == STT_FUNC || (symbol->type == STT_NOTYPE && symbol->binding == STB_GLOBAL);
}

static int compare_functions(const void *left, const void *right)
{
	const struct function *a = left, *b = right;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->n < b->n) - (a->n > b->n);
}

static int add_function(struct object *object, struct code *code, const struct elf_symbol *symbol, struct error *err)
{
	const struct section_code *section = &code->sections[symbol->section];
	struct function *function = &code->functions[code->n_functions++];

	if (symbol->value % INSN_BYTES || symbol->size % INSN_BYTES || symbol->value / INSN_BYTES >= section->n ||
	    symbol->size / INSN_BYTES > section->n - symbol->value / INSN_BYTES)
		return error_set(err, -EINVAL, "function %s: offset %llu, %llu bytes: outside section %s", symbol->name,
				 (unsigned long long)symbol->value, (unsigned long long)symbol->size,
				 object->file.sections[symbol->section].name);
	function->name = symbol->name;
	function->section = symbol->section;
	function->start = symbol->value / INSN_BYTES;
	function->n = symbol->size / INSN_BYTES;
	function->is_program = symbol->binding != STB_LOCAL &&
			       strcmp(object->file.sections[symbol->section].name, ".text");
	return 0;
}

/* A function without a size reaches to the next; two must not overlap, but one place may have two names. */
static int settle_sizes(struct code *code, struct error *err)
{
	size_t i, kept = 0;

	for (i = 0; i < code->n_functions; i++) {
		struct function *function = &code->functions[i], *last = kept ? &code->functions[kept - 1] : NULL;
		size_t j = i + 1, end = code->sections[function->section].n;

		if (last && last->section == function->section && function->start < last->start + last->n) {
			if (function->start == last->start)
				continue;
			return error_set(err, -EINVAL, "functions %s and %s overlap", last->name, function->name);
		}
		while (j < code->n_functions && code->functions[j].section == function->section &&
		       code->functions[j].start == function->start)
			j++;
		if (j < code->n_functions && code->functions[j].section == function->section)
			end = code->functions[j].start;
		if (!function->n)
			function->n = end - function->start;
		code->functions[kept++] = *function;
	}
	code->n_functions = kept;
	return 0;
}

static int find_functions(struct object *object, struct code *code, struct error *err)
{
	size_t i, n = 0;
	int code_error;

	for (i = 0; i < object->file.n_symbols; i++)
		n += is_function(code, object, &object->file.symbols[i]);
	code->functions = arena_array(object->file.mem, n, sizeof(*code->functions));
	if (!code->functions && n)
		return error_set(err, -ENOMEM, "no memory for %zu functions", n);
	for (i = 0; i < object->file.n_symbols; i++) {
		if (!is_function(code, object, &object->file.symbols[i]))
			continue;
		code_error = add_function(object, code, &object->file.symbols[i], err);
		if (code_error)
			return code_error;
	}
	if (n)
		qsort(code->functions, n, sizeof(*code->functions), compare_functions);
	return settle_sizes(code, err);
}

int code_read(struct object *object, struct code *out, struct error *err)
{
	size_t i;
	int code;

	memset(out, 0, sizeof(*out));
	out->sections = arena_array(object->file.mem, object->file.n_sections, sizeof(*out->sections));
	if (!out->sections)
		return error_set(err, -ENOMEM, "no memory for %zu sections", object->file.n_sections);
	for (i = 1; i < object->file.n_sections; i++) {
		if (!holds_instructions(&object->file.sections[i]))
			continue;
		code = decode_section(object, i, &out->sections[i], err);
		if (code)
			return code;
	}
	code = find_functions(object, out, err);
	return code ? code : btf_ext_read(object, out, err);
}

const struct function *code_function_at(const struct code *code, size_t section, __u64 insn)
{
	size_t low = 0, high = code->n_functions;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct function *function = &code->functions[middle];

		if (function->section < section ||
		    (function->section == section && function->start + function->n <= insn))
			low = middle + 1;
		else if (function->section > section || function->start > insn)
			high = middle;
		else
			return function;
	}
	return NULL;
}
