/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/arena.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void memory_is_zeroed_and_aligned(void **state)
{
	struct arena *arena = arena_new();
	size_t size, i;

	(void)state;
	assert_non_null(arena);
	for (size = 1; size < 200; size++) {
		unsigned char *memory = arena_alloc(arena, size);

		assert_non_null(memory);
		assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
		for (i = 0; i < size; i++)
			assert_int_equal(memory[i], 0);
		memset(memory, 0xff, size);
	}
	arena_free(arena);
}

static void large_and_small_pieces_do_not_overlap(void **state)
{
	struct arena *arena = arena_new();
	unsigned char *small = arena_alloc(arena, 10), *large = arena_alloc(arena, 1 << 20);
	unsigned char *after = arena_alloc(arena, 10);

	(void)state;
	memset(small, 1, 10);
	memset(large, 2, 1 << 20);
	memset(after, 3, 10);
	assert_int_equal(small[9], 1);
	assert_int_equal(large[0], 2);
	assert_int_equal(large[(1 << 20) - 1], 2);
	assert_int_equal(after[0], 3);
	arena_free(arena);
}

static void too_much_is_refused(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_null(arena_alloc(arena, (size_t)65 << 20));
	assert_null(arena_alloc(arena, SIZE_MAX));
	assert_null(arena_array(arena, SIZE_MAX / 2, 4));
	assert_null(arena_array(arena, SIZE_MAX / 2 + 1, 2));
	assert_non_null(arena_alloc(arena, 100));
	arena_free(arena);
}

static void text_is_terminated(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(arena_text(arena, "abcdef", 3), "abc");
	assert_string_equal(arena_text(arena, "", 0), "");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(large_and_small_pieces_do_not_overlap),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(text_is_terminated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
