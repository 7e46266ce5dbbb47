/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/btf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "elf/arena.h"
#include "elf/elf_file.h"
#include "tests/unit/sample.h"

struct read {
	struct sample sample;
	struct arena *arena;
	struct elf_file file;
	struct btf_table btf;
};

static void read_types(struct read *read, const char *name)
{
	struct error err = { 0 };

	memset(read, 0, sizeof(*read));
	read->sample = sample_read(name);
	read->arena = arena_new();
	assert_int_equal(elf_read(sample_view(&read->sample), read->arena, &read->file, &err), 0);
	if (btf_read(&read->file, read->arena, &read->btf, &err))
		fail_msg("%s: %s", name, err.text);
}

static void let_go(struct read *read)
{
	arena_free(read->arena);
	sample_free(&read->sample);
}

static void a_structure_has_its_members(void **state)
{
	struct read read;
	struct btf_member member;
	const struct btf_type *type;
	__u32 id, element, n;
	__u64 size;
	size_t order;
	char name[16];

	(void)state;
	for (order = 0; order < 2; order++) {
		snprintf(name, sizeof(name), "maps-%s", sample_orders[order]);
		read_types(&read, name);
		id = btf_find(&read.btf, BTF_STRUCT, "value");
		type = btf_type(&read.btf, id);
		assert_non_null(type);
		assert_int_equal(type->n, 2);
		assert_true(btf_size(&read.btf, id, &size));
		assert_int_equal(size, 24);
		assert_true(btf_member_at(&read.btf, type, 1, &member));
		assert_string_equal(member.name, "seen");
		assert_int_equal(member.bit_offset, 64);
		assert_false(btf_member_at(&read.btf, type, 2, &member));
		assert_true(btf_array_of(btf_type(&read.btf, member.type), &element, &n));
		assert_int_equal(n, 3);
		let_go(&read);
	}
}

static void names_lead_through_typedefs_and_qualifiers(void **state)
{
	struct read read;
	__u32 id;
	__u64 size;

	(void)state;
	read_types(&read, "maps-el");
	id = btf_find(&read.btf, BTF_TYPEDEF, "value_t");
	assert_int_not_equal(id, 0);
	assert_true(btf_size(&read.btf, id, &size));
	assert_int_equal(size, 24);
	assert_string_equal(btf_resolve(&read.btf, &id)->name, "value");
	assert_int_equal(id, btf_find(&read.btf, BTF_STRUCT, "value"));
	assert_int_equal(btf_find(&read.btf, BTF_STRUCT, "nothing"), 0);
	assert_null(btf_type(&read.btf, read.btf.n + 1));
	let_go(&read);
}

static void data_sections_get_sizes_and_offsets(void **state)
{
	struct read read;
	const struct btf_type *section;
	struct btf_variable variable;
	__u32 before = 0;
	unsigned i;

	(void)state;
	read_types(&read, "data-el");
	section = btf_type(&read.btf, btf_find(&read.btf, BTF_DATASEC, ".data"));
	assert_non_null(section);
	assert_true(section->size_or_type >= 16);
	for (i = 0; btf_variable_at(&read.btf, section, i, &variable); i++) {
		assert_true(variable.offset >= before);
		assert_true(variable.size > 0);
		before = variable.offset + variable.size;
		assert_true(before <= section->size_or_type);
	}
	assert_true(i >= 2);
	let_go(&read);
}

/* Types are offered to the kernel in the host's order, whatever the object's was. */
static void both_byte_orders_become_the_same_types(void **state)
{
	struct read el, eb;
	__u32 id;

	(void)state;
	read_types(&el, "maps-el");
	read_types(&eb, "maps-eb");
	assert_int_equal(el.btf.n, eb.btf.n);
	assert_int_equal(el.btf.raw.size, eb.btf.raw.size);
	for (id = 1; id <= el.btf.n; id++) {
		assert_int_equal(el.btf.types[id].kind, eb.btf.types[id].kind);
		assert_string_equal(el.btf.types[id].name, eb.btf.types[id].name);
		assert_int_equal(el.btf.types[id].size_or_type, eb.btf.types[id].size_or_type);
	}
	let_go(&el);
	let_go(&eb);
}

/* A copy of the object with its .BTF changed at an offset. */
static int read_changed(const char *name, __u64 offset, const void *with, size_t n, struct error *err)
{
	struct sample sample = sample_read(name);
	struct arena *arena = arena_new();
	struct elf_file file;
	struct btf_table btf;
	const struct elf_section *section;
	int code;

	memset(err, 0, sizeof(*err));
	assert_int_equal(elf_read(sample_view(&sample), arena, &file, err), 0);
	section = elf_section_named(&file, ".BTF");
	assert_non_null(section);
	memcpy(sample.bytes + (section->bytes.data - sample.bytes) + offset, with, n);
	code = btf_read(&file, arena, &btf, err);
	arena_free(arena);
	sample_free(&sample);
	return code;
}

static void wrong_types_are_refused_with_a_sentence(void **state)
{
	static const struct {
		__u64 offset;
		const char *with;
		size_t n;
		const char *says;
	} rows[] = {
		{ 0, "\0", 1, "magic" },
		{ 2, "\7", 1, "version 7" },
		{ 4, "\xff\xff", 2, "outside" },
		{ 12, "\xff\xff\xff\x7f", 4, "outside" },
		{ 20, "\xff\xff\xff", 3, "outside" },
		{ 24 + 7, "\x1f", 1, "kind" },
		{ 24, "\xff\xff\xff", 3, "name" },
	};
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_not_equal(read_changed("maps-el", rows[i].offset, rows[i].with, rows[i].n, &err), 0);
		if (!strstr(err.text, rows[i].says))
			fail_msg("row %zu: %s", i, err.text);
	}
}

static void no_byte_of_the_types_leads_outside(void **state)
{
	struct error err;
	__u64 offset;
	unsigned refused = 0;

	(void)state;
	for (offset = 24; offset < 1200; offset += 3)
		refused += read_changed("data-el", offset, "\xff", 1, &err) != 0;
	assert_true(refused > 20);
}

static void an_object_without_types_has_none(void **state)
{
	struct read read;

	(void)state;
	read_types(&read, "data-plain");
	assert_int_equal(read.btf.n, 0);
	let_go(&read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_structure_has_its_members),
		cmocka_unit_test(names_lead_through_typedefs_and_qualifiers),
		cmocka_unit_test(data_sections_get_sizes_and_offsets),
		cmocka_unit_test(both_byte_orders_become_the_same_types),
		cmocka_unit_test(wrong_types_are_refused_with_a_sentence),
		cmocka_unit_test(no_byte_of_the_types_leads_outside),
		cmocka_unit_test(an_object_without_types_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
