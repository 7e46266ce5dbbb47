/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static void grows_and_keeps_what_is_there(void **state)
{
	unsigned *items = NULL, *grown;
	size_t room = 0, n;

	(void)state;
	for (n = 0; n < 1000; n++) {
		grown = array_room(items, n, &room, sizeof(*items));
		assert_non_null(grown);
		assert_true(n < room);
		items = grown;
		items[n] = (unsigned)n;
	}
	for (n = 0; n < 1000; n++)
		assert_int_equal(items[n], n);
	free(items);
}

static void is_left_alone_where_there_is_room(void **state)
{
	char item;
	size_t room = 8;

	(void)state;
	assert_ptr_equal(array_room(&item, 7, &room, 1), &item);
	assert_int_equal(room, 8);
}

static void too_large_is_no_memory(void **state)
{
	size_t room = SIZE_MAX / 16;

	(void)state;
	assert_null(array_room(NULL, room, &room, 64));
	assert_int_equal(room, SIZE_MAX / 16);
	room = SIZE_MAX / 2 + 1;
	assert_null(array_room(NULL, room, &room, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_keeps_what_is_there),
		cmocka_unit_test(is_left_alone_where_there_is_room),
		cmocka_unit_test(too_large_is_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
