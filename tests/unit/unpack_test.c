/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/unpack.h"

#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "elf/error.h"
#include "loader/embedded.h"
#include "tests/unit/sample.h"

extern const unsigned char packed_objects[], packed_objects_end[];

static struct view all_packed(void)
{
	return (struct view) { packed_objects, (size_t)(packed_objects_end - packed_objects) };
}

static void objects_are_as_they_were(void **state)
{
	struct error err = { 0 };
	struct embedded embedded;
	unsigned i;

	(void)state;
	assert_int_equal(embedded_open(&embedded, &err), 0);
	for (i = 0; i < EMBEDDED_N; i++) {
		struct sample sample;
		char path[64];

		snprintf(path, sizeof(path), "%.*s/%s.o", (int)(strrchr(PACKED_OBJECTS, '/') - PACKED_OBJECTS),
			 PACKED_OBJECTS, embedded_name(i));
		sample = sample_read_path(path);
		assert_int_equal(sample.size, embedded.object[i].size);
		assert_memory_equal(sample.bytes, embedded.object[i].data, sample.size);
		sample_free(&sample);
	}
	embedded_close(&embedded);
}

static void parse(const char *path, struct sample *sample, struct spec *spec)
{
	struct error err = { 0 };

	*sample = sample_read_path(path);
	assert_int_equal(spec_parse((struct view) { sample->bytes, sample->size }, spec, &err), 0);
}

static void assert_same_map(const struct map_spec *map, const struct map_spec *as)
{
	assert_string_equal(map->name, as->name);
	assert_int_equal(map->type, as->type);
	assert_int_equal(map->key_size, as->key_size);
	assert_int_equal(map->value_size, as->value_size);
	assert_int_equal(map->max_entries, as->max_entries);
	assert_int_equal(map->flags, as->flags);
	assert_int_equal(map->btf_key != 0, as->btf_key != 0);
	assert_int_equal(map->btf_value != 0, as->btf_value != 0);
	assert_int_equal(map->inner != NULL, as->inner != NULL);
	if (map->inner)
		assert_same_map(map->inner, as->inner);
}

static void assert_same_code(const struct prog_spec *prog, const struct prog_spec *as)
{
	size_t i;

	assert_string_equal(prog->name, as->name);
	assert_int_equal(prog->n_insns, as->n_insns);
	for (i = 0; i < prog->n_insns; i++) {
		const struct insn *insn = &prog->insns[i], *other = &as->insns[i];

		assert_int_equal(insn->code, other->code);
		assert_int_equal(insn->dst, other->dst);
		assert_int_equal(insn->src, other->src);
		assert_int_equal(insn->off, other->off);
		assert_int_equal(insn->imm, other->imm);
	}
	assert_int_equal(prog->n_relocs, as->n_relocs);
}

static void what_is_left_out_changes_no_map_and_no_program(void **state)
{
	int folder = (int)(strrchr(PACKED_OBJECTS, '/') - PACKED_OBJECTS);
	unsigned i;
	size_t j;

	(void)state;
	for (i = 0; i < EMBEDDED_N; i++) {
		struct sample packed, compiled;
		struct spec spec, as;
		char path[64];

		snprintf(path, sizeof(path), "%.*s/%s.o", folder, PACKED_OBJECTS, embedded_name(i));
		parse(path, &packed, &spec);
		snprintf(path, sizeof(path), "%.*s/../bpf/%s.o", folder, PACKED_OBJECTS, embedded_name(i));
		parse(path, &compiled, &as);
		assert_int_equal(spec.n_maps, as.n_maps);
		for (j = 0; j < spec.n_maps; j++)
			assert_same_map(&spec.maps[j], &as.maps[j]);
		assert_int_equal(spec.n_progs, as.n_progs);
		for (j = 0; j < spec.n_progs; j++)
			assert_same_code(&spec.progs[j], &as.progs[j]);
		assert_true(spec.btf.raw.size * 2 < as.btf.raw.size);
		spec_free(&spec);
		spec_free(&as);
		sample_free(&packed);
		sample_free(&compiled);
	}
}

/* Exactly as large as it must be, so that the sanitizer sees what is written beyond. */
static int unpack_copy(const unsigned char *bytes, size_t n)
{
	unsigned char *copy = malloc(n ? n : 1), *out;
	struct view packed = { copy, n };
	int code;

	assert_non_null(copy);
	memcpy(copy, bytes, n);
	out = malloc(unpacked_size(packed) + 1);
	assert_non_null(out);
	code = unpack(packed, out);
	free(out);
	free(copy);
	assert_true(code == 0 || code == -EINVAL);
	return code;
}

static void no_header_is_refused(void **state)
{
	static const unsigned char none[4], many[4] = { 0, 0, 0, 17 },
					    one_huge[16] = { 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff },
					    cut[6] = { 0, 0, 0, 1, 0, 0 };

	(void)state;
	assert_int_equal(unpack_copy(none, 0), -EINVAL);
	assert_int_equal(unpack_copy(none, 3), -EINVAL);
	assert_int_equal(unpack_copy(none, 4), -EINVAL);
	assert_int_equal(unpack_copy(many, 4), -EINVAL);
	assert_int_equal(unpack_copy(one_huge, 16), -EINVAL);
	assert_int_equal(unpack_copy(cut, 6), -EINVAL);
}

static void cut_streams_write_nothing_outside(void **state)
{
	struct view packed = all_packed();
	size_t n;

	(void)state;
	for (n = 0; n < packed.size; n += 1 + n / 16)
		unpack_copy(packed.data, n);
}

static void changed_streams_write_nothing_outside(void **state)
{
	struct view packed = all_packed();
	unsigned char *bytes = malloc(packed.size);
	unsigned i, refused = 0;

	(void)state;
	assert_non_null(bytes);
	srand(1);
	for (i = 0; i < 200; i++) {
		size_t at = 24 + (size_t)rand() % (packed.size - 24);

		memcpy(bytes, packed.data, packed.size);
		bytes[at] ^= (unsigned char)(1 << rand() % 8);
		refused += unpack_copy(bytes, packed.size) != 0;
	}
	assert_true(refused > 0);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_as_they_were),
		cmocka_unit_test(what_is_left_out_changes_no_map_and_no_program),
		cmocka_unit_test(no_header_is_refused),
		cmocka_unit_test(cut_streams_write_nothing_outside),
		cmocka_unit_test(changed_streams_write_nothing_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
