/* SPDX-License-Identifier: GPL-2.0 */
/* Sections of instructions, and the functions in them. */
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

#include "elf/view.h"
#include "tests/unit/sample.h"

struct read {
	struct sample sample;
	struct object object;
	struct spec spec;
	struct code code;
};

static int read_code(struct read *read, struct error *err)
{
	memset(&read->object, 0, sizeof(read->object));
	memset(&read->spec, 0, sizeof(read->spec));
	memset(err, 0, sizeof(*err));
	read->spec.mem = arena_new();
	read->object.spec = &read->spec;
	assert_int_equal(elf_read(sample_view(&read->sample), read->spec.mem, &read->object.file, err), 0);
	return code_read(&read->object, &read->code, err);
}

static void let_go(struct read *read)
{
	arena_free(read->spec.mem);
	sample_free(&read->sample);
}

static void functions_are_found_in_order(void **state)
{
	struct read read = { .sample = sample_read("calls-el") };
	struct error err;
	size_t i, programs = 0;

	(void)state;
	assert_int_equal(read_code(&read, &err), 0);
	assert_int_equal(read.code.n_functions, 5); /* leaf, middle, beside, first, second */
	for (i = 0; i < read.code.n_functions; i++) {
		const struct function *function = &read.code.functions[i];

		assert_true(function->n > 0);
		programs += function->is_program;
		assert_ptr_equal(code_function_at(&read.code, function->section, function->start), function);
		if (i && function[-1].section == function->section)
			assert_true(function[-1].start + function[-1].n <= function->start);
	}
	assert_int_equal(programs, 3);
	assert_null(code_function_at(&read.code, read.code.functions[0].section, 1u << 30));
	let_go(&read);
}

static void both_byte_orders_decode_to_the_same(void **state)
{
	struct read el = { .sample = sample_read("calls-plain") }, eb = { .sample = sample_read("calls-callback-eb") };
	struct error err;
	size_t i, returns = 0;

	(void)state;
	assert_int_equal(read_code(&el, &err), 0);
	assert_int_equal(read_code(&eb, &err), 0);
	/* The last instruction of each function is an exit, 0x95, wherever registers and offsets lie in the bytes. */
	for (i = 0; i < eb.code.n_functions; i++) {
		const struct function *function = &eb.code.functions[i];

		returns += eb.code.sections[function->section].insns[function->start + function->n - 1].code == 0x95;
	}
	assert_int_equal(returns, eb.code.n_functions);
	let_go(&el);
	let_go(&eb);
}

static void half_an_instruction_is_refused(void **state)
{
	struct read read = { .sample = sample_read("calls-plain") };
	struct arena *arena = arena_new();
	struct elf_file file;
	struct error err = { 0 };
	__u64 table;
	size_t i;

	(void)state;
	assert_int_equal(elf_read(sample_view(&read.sample), arena, &file, &err), 0);
	for (i = 0; i < file.n_sections && strcmp(file.sections[i].name, "tc"); i++)
		;
	view_u64(file.bytes, 40, false, &table);                 /* e_shoff */
	read.sample.bytes[(size_t)table + i * 64 + 32] += 8 - 3; /* sh_size, a little-endian multiple of 8 */
	arena_free(arena);
	assert_int_equal(read_code(&read, &err), -EINVAL);
	assert_non_null(strstr(err.text, "section tc"));
	let_go(&read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_are_found_in_order),
		cmocka_unit_test(both_byte_orders_decode_to_the_same),
		cmocka_unit_test(half_an_instruction_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
