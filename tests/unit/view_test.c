/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/view.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const unsigned char bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 'a', 'b', 0, 'c' };
static const struct view view = { bytes, sizeof(bytes) };

static void numbers_follow_the_byte_order(void **state)
{
	__u16 two;
	__u32 four;
	__u64 eight;

	(void)state;
	assert_true(view_u16(view, 0, false, &two));
	assert_int_equal(two, 0x0201);
	assert_true(view_u16(view, 0, true, &two));
	assert_int_equal(two, 0x0102);
	assert_true(view_u32(view, 1, false, &four));
	assert_int_equal(four, 0x05040302);
	assert_true(view_u32(view, 1, true, &four));
	assert_int_equal(four, 0x02030405);
	assert_true(view_u64(view, 0, false, &eight));
	assert_true(eight == 0x0807060504030201ULL);
	assert_true(view_u64(view, 0, true, &eight));
	assert_true(eight == 0x0102030405060708ULL);
}

static void nothing_is_read_beyond_the_end(void **state)
{
	__u8 one = 9;
	__u16 two = 9;
	__u32 four = 9;
	__u64 eight = 9;

	(void)state;
	assert_false(view_u8(view, 12, &one));
	assert_int_equal(one, 0);
	assert_false(view_u16(view, 11, false, &two));
	assert_int_equal(two, 0);
	assert_false(view_u32(view, 9, false, &four));
	assert_int_equal(four, 0);
	assert_false(view_u64(view, ~0ULL - 3, false, &eight));
	assert_true(eight == 0);
	assert_true(view_u8(view, 11, &one));
	assert_int_equal(one, 'c');
}

static void a_part_lies_inside(void **state)
{
	struct view part;

	(void)state;
	assert_true(view_sub(view, 4, 8, &part));
	assert_ptr_equal(part.data, bytes + 4);
	assert_int_equal(part.size, 8);
	assert_true(view_sub(view, 12, 0, &part));
	assert_int_equal(part.size, 0);
	assert_false(view_sub(view, 4, 9, &part));
	assert_int_equal(part.size, 0);
	assert_false(view_sub(view, 13, 0, &part));
	assert_false(view_sub(view, 8, ~0ULL, &part));
	assert_false(view_sub(view, ~0ULL, 2, &part));
}

static void nothing_has_only_nothing_in_it(void **state)
{
	static const struct view nothing = { NULL, 0 };
	struct view part = view;

	(void)state;
	assert_true(view_sub(nothing, 0, 0, &part));
	assert_null(part.data);
	assert_int_equal(part.size, 0);
	assert_false(view_sub(nothing, 0, 1, &part));
	assert_null(view_string(nothing, 0));
}

static void a_string_ends_inside(void **state)
{
	(void)state;
	assert_string_equal(view_string(view, 8), "ab");
	assert_string_equal(view_string(view, 10), "");
	assert_null(view_string(view, 11));
	assert_null(view_string(view, 12));
	assert_null(view_string(view, ~0ULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_follow_the_byte_order),
		cmocka_unit_test(nothing_is_read_beyond_the_end),
		cmocka_unit_test(a_part_lies_inside),
		cmocka_unit_test(nothing_has_only_nothing_in_it),
		cmocka_unit_test(a_string_ends_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
