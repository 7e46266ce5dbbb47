/* SPDX-License-Identifier: GPL-2.0 */
/* event_source.c: the arithmetic of losses. The rest needs a kernel: tests/e2e. */
#include "loader/event_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void losses_count_from_the_start_and_are_told_once(void **state)
{
	struct losses losses = { .programs = 100, .programs_before = 100 };

	(void)state;
	assert_int_equal(losses_take(&losses), 0);
	losses.programs = 107;
	assert_int_equal(losses_take(&losses), 7);
	assert_int_equal(losses_take(&losses), 0);
	losses.programs = 108;
	assert_int_equal(losses_take(&losses), 1);
}

static void what_both_count_is_told_once(void **state)
{
	struct losses losses = { 0 };

	(void)state;
	losses.programs = 10;
	assert_int_equal(losses_take(&losses), 10);
	losses.kernel = 6; /* of these ten, told later */
	assert_int_equal(losses_take(&losses), 0);
	losses.programs = 12;
	assert_int_equal(losses_take(&losses), 2);
}

static void where_the_programs_are_not_told_both_count(void **state)
{
	struct losses losses = { 0 };

	(void)state;
	losses.kernel = 5;
	assert_int_equal(losses_take(&losses), 5);
	losses.programs = 3;
	losses.kernel = 6;
	assert_int_equal(losses_take(&losses), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(losses_count_from_the_start_and_are_told_once),
		cmocka_unit_test(what_both_count_is_told_once),
		cmocka_unit_test(where_the_programs_are_not_told_both_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
