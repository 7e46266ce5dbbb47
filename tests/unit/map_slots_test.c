/* SPDX-License-Identifier: GPL-2.0 */
/* The slots of program arrays and maps of maps. */
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

static const struct map_slot *slot_at(const struct map_spec *map, __u32 index)
{
	size_t i;

	for (i = 0; i < map->n_slots; i++)
		if (map->slots[i].index == index)
			return &map->slots[i];
	fail_msg("no slot %u", index);
	return NULL;
}

static void program_arrays_name_programs_static_ones_too(void **state)
{
	static const char *const names[] = { "tail_calls-el", "tail_calls-eb", "tail_calls-o1", "tail_calls-stripped" };
	static const struct {
		__u32 index;
		const char *name;
	} wanted[] = { { 0, "stage_one" }, { 2, "stage_hidden" }, { 4, "stage_two" } };
	struct spec spec;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct sample sample = sample_read(names[i]);
		const struct map_spec *map;

		sample_parse(&sample, &spec);
		map = spec_map(&spec, "stages");
		assert_int_equal(map->n_slots, 3);
		for (k = 0; k < 3; k++) {
			const struct map_slot *slot = slot_at(map, wanted[k].index);

			assert_false(slot->is_map);
			assert_string_equal(spec.progs[slot->target].name, wanted[k].name);
		}
		assert_int_equal(spec.n_progs, 4);
		spec_free(&spec);
		sample_free(&sample);
	}
}

static void maps_of_maps_name_maps_static_ones_too(void **state)
{
	static const char *const names[] = { "maps-el", "maps-eb" };
	static const struct {
		__u32 index;
		const char *name;
	} wanted[] = { { 1, "inner_1" }, { 2, "inner_2" }, { 3, "inner_0" } };
	struct spec spec;
	size_t i, k;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct sample sample = sample_read(names[i]);
		const struct map_spec *map;

		sample_parse(&sample, &spec);
		map = spec_map(&spec, "outer");
		assert_int_equal(map->n_slots, 3);
		for (k = 0; k < 3; k++) {
			assert_true(slot_at(map, wanted[k].index)->is_map);
			assert_string_equal(spec.maps[slot_at(map, wanted[k].index)->target].name, wanted[k].name);
		}
		spec_free(&spec);
		sample_free(&sample);
	}
}

/* The entries lie inside the map, and each is named once. */
static void slots_stay_inside_the_map(void **state)
{
	struct sample sample = sample_read("tail_calls-el");
	struct arena *arena = arena_new();
	const struct elf_section *relocs;
	struct elf_file file;
	struct error err = { 0 };
	struct spec spec;
	__u64 far = 4096, *offset;

	(void)state;
	assert_int_equal(elf_read(sample_view(&sample), arena, &file, &err), 0);
	relocs = elf_section_named(&file, ".rel.maps");
	assert_non_null(relocs);
	offset = (__u64 *)(void *)(sample.bytes + (relocs->bytes.data - sample.bytes));
	arena_free(arena);
	memcpy(offset, &far, 8);
	assert_int_not_equal(spec_parse(sample_view(&sample), &spec, &err), 0);
	assert_int_not_equal(err.text[0], '\0');
	sample_free(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_arrays_name_programs_static_ones_too),
		cmocka_unit_test(maps_of_maps_name_maps_static_ones_too),
		cmocka_unit_test(slots_stay_inside_the_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
