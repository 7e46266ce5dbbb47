/* SPDX-License-Identifier: GPL-2.0 */
/* Map definitions as rows of numbers, and maps made of data sections. */
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

#include <linux/bpf.h>

#include "tests/unit/sample.h"

static void rows_of_numbers_are_maps(void **state)
{
	static const char *const names[] = { "legacy-el", "legacy-eb", "legacy-plain", "legacy-plain-eb" };
	const struct map_spec *map;
	struct spec spec;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct sample sample = sample_read(names[i]);

		sample_parse(&sample, &spec);
		assert_int_equal(spec.n_maps, 2);
		map = spec_map(&spec, "old_hash");
		assert_non_null(map);
		assert_int_equal(map->type, BPF_MAP_TYPE_HASH);
		assert_int_equal(map->key_size, 4);
		assert_int_equal(map->value_size, 8);
		assert_int_equal(map->max_entries, 64);
		assert_int_equal(map->flags, BPF_F_NO_PREALLOC);
		assert_int_equal(spec_map(&spec, "old_array")->value_size, 16);
		assert_null(spec_map(&spec, "nothing"));
		spec_free(&spec);
		sample_free(&sample);
	}
}

static void data_sections_are_maps_with_their_contents(void **state)
{
	struct sample sample = sample_read("data-el");
	const struct map_spec *map;
	struct spec spec;

	(void)state;
	sample_parse(&sample, &spec);
	map = spec_map(&spec, ".rodata");
	assert_non_null(map);
	assert_true(map->is_data);
	assert_true(map->is_read_only);
	assert_int_equal(map->type, BPF_MAP_TYPE_ARRAY);
	assert_int_equal(map->key_size, 4);
	assert_int_equal(map->max_entries, 1);
	assert_int_equal(map->contents.size, map->value_size);
	map = spec_map(&spec, ".data.aside");
	assert_non_null(map);
	assert_false(map->is_read_only);
	assert_int_equal(map->value_size, 4);
	assert_memory_equal(map->contents.data, "\1\0\0\0", 4); /* as the object has it, on any host */
	map = spec_map(&spec, ".bss");
	assert_non_null(map);
	assert_null(map->contents.data);
	assert_true(map->value_size >= 24);
	spec_free(&spec);
	sample_free(&sample);
}

/* Definitions that do not fill their section, by a symbol's size or place, are refused by name. */
static void every_byte_of_a_definition_is_looked_at(void **state)
{
	struct sample sample = sample_read("legacy-el");
	struct arena *arena = arena_new();
	struct elf_file file;
	struct error err = { 0 };
	size_t at, i, changed = 0;

	(void)state;
	assert_int_equal(elf_read(sample_view(&sample), arena, &file, &err), 0);
	at = (size_t)(elf_section_named(&file, "maps")->bytes.data - sample.bytes);
	arena_free(arena);
	for (i = 0; i < 20; i++) {
		struct spec spec;

		sample.bytes[at + i] ^= 1;
		sample_parse(&sample, &spec);
		changed += spec_map(&spec, "old_hash")->type != BPF_MAP_TYPE_HASH ||
			   spec_map(&spec, "old_hash")->key_size != 4 || spec_map(&spec, "old_hash")->value_size != 8 ||
			   spec_map(&spec, "old_hash")->max_entries != 64 ||
			   spec_map(&spec, "old_hash")->flags != BPF_F_NO_PREALLOC;
		spec_free(&spec);
		sample.bytes[at + i] ^= 1;
	}
	assert_int_equal(changed, 20);
	sample_free(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_numbers_are_maps),
		cmocka_unit_test(data_sections_are_maps_with_their_contents),
		cmocka_unit_test(every_byte_of_a_definition_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
