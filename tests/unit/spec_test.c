/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/spec.h"

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

static void parses(const char *path)
{
	struct sample sample = sample_read_path(path);
	struct spec spec;

	sample_parse(&sample, &spec);
	assert_true(spec.n_progs > 0);
	assert_int_not_equal(spec.license[0], '\0');
	spec_free(&spec);
	assert_int_equal(spec.n_progs, 0);
	sample_free(&sample);
}

static void every_object_that_we_build_is_read(void **state)
{
	(void)state;
	assert_true(sample_each(parses) >= 35);
}

/* The same source for both byte orders: the same programs and maps, instruction by instruction. */
static void the_same_source_gives_the_same_spec(void **state)
{
	static const char *const sources[] = { "maps", "tail_calls", "legacy" };
	size_t s, i, k;
	char name[32];

	(void)state;
	for (s = 0; s < 3; s++) {
		struct sample samples[2];
		struct spec specs[2];

		for (i = 0; i < 2; i++) {
			snprintf(name, sizeof(name), "%s-%s", sources[s], sample_orders[i]);
			samples[i] = sample_read(name);
			sample_parse(&samples[i], &specs[i]);
		}
		assert_false(specs[0].big_endian);
		assert_true(specs[1].big_endian);
		assert_int_equal(specs[0].n_maps, specs[1].n_maps);
		assert_int_equal(specs[0].n_progs, specs[1].n_progs);
		for (i = 0; i < specs[0].n_progs; i++) {
			assert_string_equal(specs[0].progs[i].name, specs[1].progs[i].name);
			assert_int_equal(specs[0].progs[i].n_insns, specs[1].progs[i].n_insns);
			for (k = 0; k < specs[0].progs[i].n_insns; k++) {
				const struct insn *a = &specs[0].progs[i].insns[k], *b = &specs[1].progs[i].insns[k];

				assert_true(a->code == b->code && a->dst == b->dst && a->src == b->src &&
					    a->off == b->off && a->imm == b->imm);
			}
		}
		for (i = 0; i < 2; i++) {
			spec_free(&specs[i]);
			sample_free(&samples[i]);
		}
	}
}

static void what_is_cut_off_is_refused_and_leaves_nothing(void **state)
{
	struct sample sample = sample_read("data-el");
	struct error err;
	struct spec spec;
	size_t size;

	(void)state;
	for (size = 0; size < sample.size; size += 1 + size / 16) {
		unsigned char *copy = malloc(size ? size : 1);

		memcpy(copy, sample.bytes, size);
		memset(&err, 0, sizeof(err));
		assert_true(spec_parse((struct view) { copy, size }, &spec, &err) < 0);
		assert_int_not_equal(err.text[0], '\0');
		assert_int_equal(spec.n_progs, 0);
		assert_null(spec.mem);
		free(copy);
	}
	sample_free(&sample);
}

static void random_bytes_are_no_object(void **state)
{
	unsigned char bytes[4096];
	struct error err;
	struct spec spec;
	unsigned i, k;

	(void)state;
	srand(1);
	for (i = 0; i < 200; i++) {
		for (k = 0; k < sizeof(bytes); k++)
			bytes[k] = (unsigned char)rand();
		if (i & 1)
			memcpy(bytes, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\1\0\xf7\0", 20);
		memset(&err, 0, sizeof(err));
		assert_true(spec_parse((struct view) { bytes, sizeof(bytes) }, &spec, &err) < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_object_that_we_build_is_read),
		cmocka_unit_test(the_same_source_gives_the_same_spec),
		cmocka_unit_test(what_is_cut_off_is_refused_and_leaves_nothing),
		cmocka_unit_test(random_bytes_are_no_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
