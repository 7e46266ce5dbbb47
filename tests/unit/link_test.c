/* SPDX-License-Identifier: GPL-2.0 */
/* Functions called by programs are linked in behind them, and every relocation finds its place. */
#include "elf/code.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/bpf.h>

#include "tests/unit/sample.h"

static int is_call(const struct insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src == BPF_PSEUDO_CALL;
}

/* Calls go to the beginning of a function that is in the program: behind an exit, or a jump. */
static void check_calls(const struct prog_spec *prog)
{
	size_t i;

	for (i = 0; i < prog->n_insns; i++) {
		long target = (long)i + 1 + prog->insns[i].imm;

		if (!is_call(&prog->insns[i]))
			continue;
		assert_true(target > 0 && target < (long)prog->n_insns);
		assert_true(BPF_CLASS(prog->insns[target - 1].code) == BPF_JMP);
	}
}

static void what_a_program_calls_is_linked_in_once(void **state)
{
	static const char *const names[] = { "calls-el",    "calls-eb",       "calls-o1",      "calls-v3",
					     "calls-plain", "calls-plain-eb", "calls-stripped" };
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct sample sample = sample_read(names[i]);
		struct spec spec;

		sample_parse(&sample, &spec);
		assert_int_equal(spec.n_progs, 3);
		assert_int_equal(spec_prog(&spec, "beside")->n_subprogs, 1); /* leaf */
		assert_int_equal(spec_prog(&spec, "first")->n_subprogs, 3);  /* middle, leaf, beside */
		assert_int_equal(spec_prog(&spec, "second")->n_subprogs, 2); /* beside, leaf */
		for (k = 0; k < spec.n_progs; k++) {
			assert_string_equal(spec.progs[k].section, "tc");
			check_calls(&spec.progs[k]);
		}
		assert_string_equal(spec.license, "Dual MIT/GPL");
		spec_free(&spec);
		sample_free(&sample);
	}
}

static void the_address_of_a_function_is_kept(void **state)
{
	static const char *const names[] = { "calls-callback", "calls-callback-eb" };
	size_t i, k;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct sample sample = sample_read(names[i]);
		const struct prog_spec *prog;
		struct spec spec;
		size_t callbacks = 0;

		sample_parse(&sample, &spec);
		prog = spec_prog(&spec, "loops");
		assert_non_null(prog);
		assert_int_equal(prog->n_subprogs, 1);
		for (k = 0; k < prog->n_relocs; k++) {
			const struct reloc_spec *reloc = &prog->relocs[k];

			if (reloc->kind != RELOC_SUBPROG)
				continue;
			callbacks++;
			assert_int_equal(prog->insns[reloc->insn].code, BPF_LD | BPF_IMM | BPF_DW);
			assert_int_equal(reloc->insn + 1 + (size_t)prog->insns[reloc->insn].imm, prog->funcs[1].insn);
		}
		assert_int_equal(callbacks, 1);
		spec_free(&spec);
		sample_free(&sample);
	}
}

static void variables_and_constants_are_relocations(void **state)
{
	static const char *const names[] = { "data-el", "data-eb", "data-plain", "data-plain-eb" };
	size_t i, k;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct sample sample = sample_read(names[i]);
		const struct prog_spec *prog;
		struct spec spec;
		size_t values = 0, constants = 0;

		sample_parse(&sample, &spec);
		prog = spec_prog(&spec, "reads_data");
		for (k = 0; k < prog->n_relocs; k++) {
			const struct reloc_spec *reloc = &prog->relocs[k];

			if (reloc->kind == RELOC_MAP_VALUE) {
				assert_true(reloc->index < spec.n_maps);
				assert_true(reloc->offset < spec.maps[reloc->index].value_size);
				values++;
			}
			if (reloc->kind == RELOC_CONSTANT) {
				assert_string_equal(reloc->name, "some_constant");
				constants++;
			}
		}
		assert_true(values >= 5);
		assert_int_equal(constants, 1);
		assert_int_equal(spec.version, 0x060102);
		spec_free(&spec);
		sample_free(&sample);
	}
}

/* Any byte of the relocations changed: refused, or a program whose relocations lie inside of it. */
static void no_relocation_leads_outside(void **state)
{
	struct sample sample = sample_read("maps-el");
	struct arena *arena = arena_new();
	struct elf_file file;
	struct error err = { 0 };
	size_t at, from, size, i, k;
	unsigned refused = 0;

	(void)state;
	assert_int_equal(elf_read(sample_view(&sample), arena, &file, &err), 0);
	assert_non_null(elf_section_named(&file, ".relxdp"));
	from = (size_t)(elf_section_named(&file, ".relxdp")->bytes.data - sample.bytes);
	size = elf_section_named(&file, ".relxdp")->bytes.size;
	arena_free(arena);
	for (at = from; at < from + size; at++) {
		unsigned char old = sample.bytes[at];
		struct spec spec;

		sample.bytes[at] ^= 0x55;
		memset(&err, 0, sizeof(err));
		if (spec_parse(sample_view(&sample), &spec, &err)) {
			refused++;
		} else {
			for (i = 0; i < spec.n_progs; i++)
				for (k = 0; k < spec.progs[i].n_relocs; k++)
					assert_true(spec.progs[i].relocs[k].insn < spec.progs[i].n_insns);
			spec_free(&spec);
		}
		sample.bytes[at] = old;
	}
	assert_true(refused > size / 2);
	sample_free(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_program_calls_is_linked_in_once),
		cmocka_unit_test(the_address_of_a_function_is_kept),
		cmocka_unit_test(variables_and_constants_are_relocations),
		cmocka_unit_test(no_relocation_leads_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
