/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/elf_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <elf.h>

#include "elf/arena.h"
#include "tests/unit/sample.h"

/* Reads a copy of the bytes and gives the code, with the sentence in `err`. */
static int read_copy(const unsigned char *bytes, size_t size, struct error *err)
{
	unsigned char *copy = malloc(size ? size : 1);
	struct arena *arena = arena_new();
	struct elf_file file = { 0 };
	int code;

	memcpy(copy, bytes, size);
	memset(err, 0, sizeof(*err));
	code = elf_read((struct view) { copy, size }, arena, &file, err);
	arena_free(arena);
	free(copy);
	return code;
}

/* The object with some bytes changed is refused with this code and a sentence that has this in it. */
static void refused(const char *name, size_t at, const void *with, size_t n, int code, const char *says)
{
	struct sample sample = sample_read(name);
	struct error err;
	int got;

	memcpy(sample.bytes + at, with, n);
	got = read_copy(sample.bytes, sample.size, &err);
	if (got != code || !strstr(err.text, says))
		fail_msg("byte %zu: gave %d: %s", at, got, err.text);
	sample_free(&sample);
}

#define FIELD(member) offsetof(Elf64_Ehdr, member)

static void what_is_no_ebpf_object_is_refused(void **state)
{
	(void)state;
	refused("data-el", 0, "\177ELG", 4, -ENOEXEC, "does not begin as ELF");
	refused("data-el", EI_CLASS, "\1", 1, -ENOEXEC, "64 bits");
	refused("data-el", EI_DATA, "\3", 1, -ENOEXEC, "byte order 3");
	refused("data-el", FIELD(e_type), "\2", 1, -ENOEXEC, "relocatable");
	refused("data-el", FIELD(e_machine), "\x3e", 2, -ENOEXEC, "machine");
	refused("data-el", EI_DATA, "\2", 1, -ENOEXEC, "");
}

static void a_machine_that_is_not_said_is_taken(void **state)
{
	struct sample sample = sample_read("data-el");
	struct error err;

	(void)state;
	memcpy(sample.bytes + FIELD(e_machine), "\0\0", 2);
	assert_int_equal(read_copy(sample.bytes, sample.size, &err), 0);
	sample_free(&sample);
}

static void wrong_tables_are_refused(void **state)
{
	static const unsigned char far[8] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f };

	(void)state;
	refused("data-el", FIELD(e_shoff), far, 8, -EINVAL, "section");
	refused("data-el", FIELD(e_shentsize), "\3", 2, -EINVAL, "section headers of 3 bytes");
	refused("data-el", FIELD(e_shnum), "\xff\xfe", 2, -E2BIG, "sections");
	refused("data-el", FIELD(e_shstrndx), "\xfe\xfe", 2, -EINVAL, "names");
}

/* Each header field of each section, turned into all ones: an answer of some kind, never a read outside. */
static void no_field_of_a_section_leads_outside(void **state)
{
	struct sample sample = sample_read("maps-eb");
	size_t i, at = sample.size - 64 * (size_t)sample.bytes[FIELD(e_shnum) + 1];
	struct error err;
	unsigned refusals = 0;

	(void)state;
	for (i = at; i + 4 <= sample.size; i += 4) {
		unsigned char old[4];

		memcpy(old, sample.bytes + i, 4);
		memset(sample.bytes + i, 0xff, 4);
		refusals += read_copy(sample.bytes, sample.size, &err) != 0;
		memcpy(sample.bytes + i, old, 4);
	}
	assert_true(refusals > 10);
	sample_free(&sample);
}

static void what_is_cut_off_is_refused(void **state)
{
	static const char *const names[] = { "maps-el", "calls-eb" };
	struct error err;
	size_t i, size;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct sample sample = sample_read(names[i]);

		for (size = 0; size < sample.size; size += size < 80 ? 1 : 37) {
			assert_int_not_equal(read_copy(sample.bytes, size, &err), 0);
			assert_int_not_equal(err.text[0], '\0');
		}
		sample_free(&sample);
	}
}

static void both_byte_orders_give_the_same(void **state)
{
	struct sample samples[2] = { sample_read("calls-el"), sample_read("calls-eb") };
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct elf_file files[2];
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++)
		assert_int_equal(elf_read(sample_view(&samples[i]), arena, &files[i], &err), 0);
	assert_false(files[0].big_endian);
	assert_true(files[1].big_endian);
	assert_int_equal(files[0].n_sections, files[1].n_sections);
	assert_int_equal(files[0].n_symbols, files[1].n_symbols);
	for (i = 0; i < files[0].n_symbols; i++) {
		assert_string_equal(files[0].symbols[i].name, files[1].symbols[i].name);
		assert_true(files[0].symbols[i].value == files[1].symbols[i].value);
	}
	assert_non_null(elf_section_named(&files[1], "license"));
	assert_null(elf_section_named(&files[1], "nothing"));
	arena_free(arena);
	sample_free(&samples[0]);
	sample_free(&samples[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_ebpf_object_is_refused),
		cmocka_unit_test(a_machine_that_is_not_said_is_taken),
		cmocka_unit_test(wrong_tables_are_refused),
		cmocka_unit_test(no_field_of_a_section_leads_outside),
		cmocka_unit_test(what_is_cut_off_is_refused),
		cmocka_unit_test(both_byte_orders_give_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
