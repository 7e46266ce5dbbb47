/* SPDX-License-Identifier: GPL-2.0 */
/* Map definitions by types. */
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

static void check_maps(const struct spec *spec)
{
	const struct map_spec *map = spec_map(spec, "by_type");

	assert_non_null(map);
	assert_int_equal(map->type, BPF_MAP_TYPE_HASH);
	assert_int_equal(map->key_size, 4);
	assert_int_equal(map->value_size, 24);
	assert_int_equal(map->max_entries, 100);
	assert_int_equal(map->flags, BPF_F_NO_PREALLOC);
	assert_true(map->pin_by_name);
	assert_int_not_equal(map->btf_key, 0);
	assert_int_not_equal(map->btf_value, 0);
	map = spec_map(spec, "by_size");
	assert_int_equal(map->key_size, 4);
	assert_int_equal(map->value_size, 24);
	assert_int_equal(map->numa_node, 1);
	assert_false(map->pin_by_name);
	assert_int_equal(map->btf_key, 0);
	map = spec_map(spec, "hidden"); /* static */
	assert_non_null(map);
	assert_int_equal(map->value_size, 40);
	map = spec_map(spec, "outer");
	assert_int_equal(map->type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	assert_int_equal(map->value_size, 4);
	assert_non_null(map->inner);
	assert_int_equal(map->inner->type, BPF_MAP_TYPE_ARRAY);
	assert_int_equal(map->inner->max_entries, 9);
	assert_int_equal(map->inner->value_size, 8);
}

static void types_and_numbers_define_maps(void **state)
{
	static const char *const names[] = { "maps-el", "maps-eb",       "maps-o1",
					     "maps-v3", "maps-stripped", "maps-sections" };
	struct spec spec;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct sample sample = sample_read(names[i]);

		sample_parse(&sample, &spec);
		check_maps(&spec);
		spec_free(&spec);
		sample_free(&sample);
	}
}

/* Where in the object a member's name stands. */
static unsigned char *find_name(struct sample *sample, const char *name)
{
	size_t at, n = strlen(name) + 1;

	for (at = 1; at + n <= sample->size; at++)
		if (!memcmp(sample->bytes + at, name, n) && !sample->bytes[at - 1])
			return sample->bytes + at;
	fail_msg("%s is not in the object", name);
	return NULL;
}

static void a_member_that_is_not_known_is_refused_by_name(void **state)
{
	struct sample sample = sample_read("maps-stripped");
	struct error err = { 0 };
	struct spec spec;

	(void)state;
	memcpy(find_name(&sample, "max_entries"), "max_entriez", 11);
	assert_int_equal(spec_parse(sample_view(&sample), &spec, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "`max_entriez`"));
	assert_non_null(strstr(err.text, "map "));
	assert_int_equal(spec.n_maps, 0);
	sample_free(&sample);
}

static void a_map_without_a_type_is_refused(void **state)
{
	struct sample sample = sample_read("maps-stripped");
	struct error err = { 0 };
	struct spec spec;

	(void)state;
	memcpy(find_name(&sample, "type"), "key\0", 5);
	assert_int_not_equal(spec_parse(sample_view(&sample), &spec, &err), 0);
	assert_non_null(strstr(err.text, "map "));
	sample_free(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_and_numbers_define_maps),
		cmocka_unit_test(a_member_that_is_not_known_is_refused_by_name),
		cmocka_unit_test(a_map_without_a_type_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
