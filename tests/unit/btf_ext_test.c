/* SPDX-License-Identifier: GPL-2.0 */
/* func_info, line_info and CO-RE relocations, as they arrive at linked programs. */
#include "elf/object.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/sample.h"

static void each_function_begins_with_its_type_and_a_line(void **state)
{
	size_t order, i, k, f;
	char name[32];

	(void)state;
	for (order = 0; order < 2; order++) {
		struct sample sample;
		struct spec spec;

		snprintf(name, sizeof(name), "calls-%s", sample_orders[order]);
		sample = sample_read(name);
		sample_parse(&sample, &spec);
		for (i = 0; i < spec.n_progs; i++) {
			const struct prog_spec *prog = &spec.progs[i];

			assert_int_equal(prog->n_funcs, prog->n_subprogs + 1);
			assert_int_equal(prog->funcs[0].insn, 0);
			for (f = 0; f < prog->n_funcs; f++) {
				assert_true(prog->funcs[f].insn < prog->n_insns);
				assert_true(f == 0 || prog->funcs[f].insn > prog->funcs[f - 1].insn);
				assert_int_not_equal(prog->funcs[f].type, 0);
				for (k = 0; k < prog->n_lines && prog->lines[k].insn != prog->funcs[f].insn; k++)
					;
				assert_true(k < prog->n_lines);
			}
		}
		spec_free(&spec);
		sample_free(&sample);
	}
}

static void lines_name_the_source(void **state)
{
	struct sample sample = sample_read("calls-el");
	struct spec spec;
	const struct prog_spec *prog;
	const char *strings;
	__u32 header, offset;
	size_t i;

	(void)state;
	sample_parse(&sample, &spec);
	prog = spec_prog(&spec, "second");
	assert_non_null(prog);
	memcpy(&header, spec.btf.raw.data + 4, 4);
	memcpy(&offset, spec.btf.raw.data + 16, 4);
	strings = (const char *)spec.btf.raw.data + header + offset;
	for (i = 0; i < prog->n_lines; i++) {
		assert_true(i == 0 || prog->lines[i].insn > prog->lines[i - 1].insn);
		assert_non_null(strstr(strings + prog->lines[i].file, "calls.c"));
		assert_true(prog->lines[i].line_column >> 10 > 5);
	}
	assert_non_null(strstr(strings + prog->lines[0].text, "beside(skb) + 1"));
	spec_free(&spec);
	sample_free(&sample);
}

static void accesses_by_type_and_kernel_functions_are_named(void **state)
{
	struct sample sample = sample_read("kernel_types-el");
	struct spec spec;
	size_t i, cores = 0, calls = 0, symbols = 0;

	(void)state;
	sample_parse(&sample, &spec);
	for (i = 0; i < spec.progs[0].n_relocs; i++) {
		const struct reloc_spec *reloc = &spec.progs[0].relocs[i];

		cores += reloc->kind == RELOC_CORE && !strcmp(reloc->name, "0:1");
		calls += reloc->kind == RELOC_EXTERN_CALL && !strcmp(reloc->name, "kernel_function");
		symbols += reloc->kind == RELOC_CONSTANT && !strcmp(reloc->name, "kernel_symbol");
	}
	assert_true(cores >= 1);
	assert_int_equal(calls, 1);
	assert_int_equal(symbols, 1);
	spec_free(&spec);
	sample_free(&sample);
}

/* Any byte of it changed: an answer, never a read outside; and what is accepted has its records inside the program. */
static void no_byte_leads_outside(void **state)
{
	struct sample sample = sample_read("calls-el");
	struct arena *arena = arena_new();
	const struct elf_section *section;
	struct elf_file file;
	struct error err = { 0 };
	unsigned refused = 0;
	size_t at, from, size;

	(void)state;
	assert_int_equal(elf_read(sample_view(&sample), arena, &file, &err), 0);
	section = elf_section_named(&file, ".BTF.ext");
	assert_non_null(section);
	from = (size_t)(section->bytes.data - sample.bytes);
	size = section->bytes.size < 600 ? section->bytes.size : 600;
	arena_free(arena);
	for (at = from; at < from + size; at++) {
		unsigned char old = sample.bytes[at];
		struct spec spec;
		size_t i, k;

		sample.bytes[at] ^= 0xff;
		memset(&err, 0, sizeof(err));
		if (spec_parse(sample_view(&sample), &spec, &err)) {
			assert_int_not_equal(err.text[0], '\0');
			refused++;
		} else {
			for (i = 0; i < spec.n_progs; i++)
				for (k = 0; k < spec.progs[i].n_lines; k++)
					assert_true(spec.progs[i].lines[k].insn < spec.progs[i].n_insns);
			spec_free(&spec);
		}
		sample.bytes[at] = old;
	}
	assert_true(refused > 50);
	sample_free(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_function_begins_with_its_type_and_a_line),
		cmocka_unit_test(lines_name_the_source),
		cmocka_unit_test(accesses_by_type_and_kernel_functions_are_named),
		cmocka_unit_test(no_byte_leads_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
